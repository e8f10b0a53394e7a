"""Simulate: apply files to a simulated cluster, and print what they become."""

import argparse
import sys

from hooks.cli import files, output, render
from hooks.cli.error import CommandError
from hooks.kernel.protocol import JSON
from hooks.preview import installation

try:
    from nimservice_simulator import show
    from nimservice_simulator.clock import VirtualClock
    from nimservice_simulator.controllers.scenarios import SCENARIOS
    from nimservice_simulator.metacontroller.children import ENGINES
    from nimservice_simulator.metacontroller.transport import InProcess
    from nimservice_simulator.simulation import Simulation, Unsettled
    from nimservice_simulator.story import STORIES, Story, tell
except ModuleNotFoundError as error:
    if error.name != "nimservice_simulator":
        raise
    raise CommandError(
        "the simulator is not installed; run: pip install 'nimservice-hooks[simulate]'"
    ) from None

_PARENTS = tuple(resource.kind.kind for resource in installation.BESIDE_CACHES)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    summaries = {name: each.summary for name, each in SCENARIOS.items()} | {
        name: each.summary for name, each in STORIES.items()
    }
    scenarios = "\n".join(f"  {name:<16} {summary}" for name, summary in summaries.items())
    parser.description = (
        "Apply the files to a cluster that runs in memory, and let its time pass until nothing\n"
        f"changes. Prints every {' and '.join(_PARENTS)} with its status and its children.\n\n"
        "API server, Metacontroller, controllers and kubelet are simulated. The hooks are real."
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
        help="what happens to pods and claims (default: ready)",
    )
    parser.add_argument(
        "--timeline", action="store_true", help="print each change and its time on standard error"
    )


def run(args: argparse.Namespace) -> int:
    """Print what the files become; 1 if a parent is not Ready in the end."""
    story = STORIES.get(args.scenario)
    simulation = _simulation(args, story)
    try:
        simulation.settle()
        if story:
            tell(story, simulation)
    except Unsettled as error:
        raise CommandError(f"{error}. This is a bug; please report it with the files") from None
    if args.timeline:
        for line in show.timeline(simulation):
            print(line, file=sys.stderr)
    output.show([_readable(each) for each in _shown(simulation)], args.output)
    for message in dict.fromkeys(warning.message for warning in simulation.warnings):
        print(f"warning: {message}", file=sys.stderr)
    states = [(each.get("status") or {}).get("state") for each in simulation.parents()]
    return int(any(state != "Ready" for state in states))


def _simulation(args: argparse.Namespace, story: Story | None) -> Simulation:
    parents, others = render.split(args.files, _PARENTS)
    objects = [*others, *(parent.manifest for parent in parents)]
    if story is STORIES["cache"] and not any(obj["kind"] == "NIMCache" for obj in objects):
        raise CommandError("scenario cache needs a NIMCache; add one to the files")
    clock = VirtualClock()
    return Simulation(
        [story.opening(obj) for obj in objects] if story else objects,
        controllers=installation.controllers(args.without),
        transport=InProcess(installation.Hooks(render.installed(args), clock.now)),
        engine=args.engine,
        crds=installation.crds(),
        scenario=args.scenario if args.scenario in SCENARIOS else "ready",
        clock=clock,
    )


def _shown(simulation: Simulation) -> list[JSON]:
    """Return each parent, then its children; a child that is a parent comes only as such."""
    shown: list[JSON] = []
    for parent in simulation.parents():
        children = simulation.children(parent)
        shown += [parent, *(child for child in children if child["kind"] not in _PARENTS)]
    return shown


def _readable(manifest: JSON) -> JSON:
    """Return an object without the bookkeeping that people do not read."""
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "managedFields"}
    return {**manifest, "metadata": metadata}
