"""Simulate: a NIMService played through on a stand-in for the cluster, until nothing changes."""

import argparse
import sys

from hooks.cli import files, output, render
from hooks.cli.error import CommandError
from hooks.cluster.api import ApiError
from hooks.kernel.protocol import JSON
from hooks.preview import installation
from hooks.resources import RESOURCES
from nimservice_simulator import show
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.controllers.scenarios import SCENARIOS
from nimservice_simulator.metacontroller.children import ENGINES
from nimservice_simulator.metacontroller.transport import InProcess
from nimservice_simulator.simulation import Simulation, Unsettled
from nimservice_simulator.story import STORIES, tell

_PARENTS = tuple(resource.kind.kind for resource in RESOURCES)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    summaries = {name: each.summary for name, each in SCENARIOS.items()} | {
        name: each.summary for name, each in STORIES.items()
    }
    scenarios = "\n".join(f"  {name:<16} {summary}" for name, summary in summaries.items())
    parser.description = (
        "Apply the files to a stand-in for API server, Metacontroller and kubelet, and let time pass until nothing changes.\n"
        "Prints the NIMServices with their status, and their children. It is a stand-in: real clusters run Metacontroller.\n\n"
        "With --kubeconfig the API server and all that works in it are real, and only Metacontroller is played: the objects are made\n"
        "there, in the namespace of the files, and stay. Every NIMService of that namespace is managed while the command runs."
    )
    parser.epilog = f"scenarios, with --scenario:\n{scenarios}"
    files.add_option(parser)
    output.add_option(parser)
    render.add_installation(parser)
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default=ENGINES[0],
        help="how Metacontroller applies children (default: %(default)s)",
    )
    parser.add_argument(
        "--scenario",
        choices=(*SCENARIOS, *STORIES),
        metavar="NAME",
        help="what happens (default: ready)",
    )
    parser.add_argument(
        "--timeline", action="store_true", help="print what happens, and when, on standard error"
    )
    parser.add_argument(
        "--kubeconfig", metavar="FILE", help="play on a cluster, in place of a stand-in for it"
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        metavar="SECONDS",
        type=float,
        default=60,
        help="how long to play on a cluster (default: 60)",
    )


def run(args: argparse.Namespace) -> int:
    """Play the files through and print what came out; 1 where a NIMService is not Ready in the end."""
    shown, warnings = _on_cluster(args) if args.kubeconfig else _on_stand_in(args)
    output.show([_readable(each) for each in shown], args.output)
    for warning in dict.fromkeys(warnings):
        print(f"warning: {warning}", file=sys.stderr)
    return int(
        any(
            each.get("status", {}).get("state") != "Ready"
            for each in shown
            if each["kind"] in _PARENTS
        )
    )


def _on_stand_in(args: argparse.Namespace) -> tuple[list[JSON], list[str]]:
    parents, others = render.split(args.files, _PARENTS)
    settings, clock, story = render.installed(args), VirtualClock(), STORIES.get(args.scenario)
    simulation = Simulation(
        [
            story.opening(obj) if story else obj
            for obj in (*others, *(parent.manifest for parent in parents))
        ],
        controllers=installation.controllers(args.without),
        transport=InProcess(installation.Hooks(settings, clock.now)),
        engine=args.engine,
        crds=installation.crds(),
        scenario=args.scenario if args.scenario in SCENARIOS else "ready",
        clock=clock,
    )
    if story is STORIES["cache"] and not any(other["kind"] == "NIMCache" for other in others):
        raise CommandError("this scenario is about a NIMCache: put one into the files")
    try:
        simulation.settle()
        if story:
            tell(story, simulation)
    except Unsettled as error:
        raise CommandError(
            f"{error}: this should not happen; please report it with the file"
        ) from None
    if args.timeline:
        for line in show.timeline(simulation):
            print(line, file=sys.stderr)
    shown: list[JSON] = []
    for parent in simulation.parents():
        children = simulation.children(parent)
        shown += [parent, *(child for child in children if child["kind"] not in _PARENTS)]
    return shown, [warning.message for warning in simulation.warnings]


def _on_cluster(args: argparse.Namespace) -> tuple[list[JSON], list[str]]:
    if args.scenario or args.timeline:
        raise CommandError(
            "--scenario and --timeline are of the stand-in: leave them out with --kubeconfig"
        )
    nims, others = render.split(args.files, pretend=False)
    namespaces = {nim.manifest["metadata"]["namespace"] for nim in nims}
    if len(namespaces) > 1:
        raise CommandError(
            f"{', '.join(sorted(namespaces))}: on a cluster one namespace is played at a time"
        )
    try:
        from tests.control_plane import live  # noqa: PLC0415 - an extra of the installation
    except ImportError:
        raise CommandError(
            "a cluster is reached by lightkube: pip install 'nimservice-hooks[cluster]'"
        ) from None
    try:
        with live.on(
            args.kubeconfig, namespaces.pop(), render.installed(args), args.without, args.engine
        ) as playing:
            for obj in (*others, *(nim.manifest for nim in nims)):
                playing.put(obj)
            playing.run(lambda: playing.decided([nim.name for nim in nims]), args.seconds)
            shown = [obj for nim in nims for obj in playing.family(nim.name)]
            return shown, [warning.message for warning in playing.loop.warnings]
    except ApiError as error:
        raise CommandError(str(error)) from None


def _readable(manifest: JSON) -> JSON:
    """Return an object without the bookkeeping that people do not read."""
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "managedFields"}
    return {**manifest, "metadata": metadata}
