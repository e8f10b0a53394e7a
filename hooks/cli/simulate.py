"""Simulate: apply files to a simulated cluster, and print what they become."""

import argparse
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TextIO

from hooks.cli import admit, files, output, render, services, terminal
from hooks.cli.choice import one_of
from hooks.cli.error import FOUND, CommandError
from hooks.cli.terminal import paint
from hooks.cluster.api import ApiError
from hooks.kernel import observed
from hooks.kernel.document import JSON
from hooks.preview import image, installation

if TYPE_CHECKING:
    from hooks.cli.terminal import Style

try:
    from nimservice_simulator import nimimages, show
    from nimservice_simulator.clock import VirtualClock
    from nimservice_simulator.controllers.scenarios import READY, SCENARIOS, Scenario, succeeds
    from nimservice_simulator.metacontroller.children import ENGINES
    from nimservice_simulator.metacontroller.transport import InProcess
    from nimservice_simulator.simulation import Simulation, Unsettled
    from nimservice_simulator.story import STORIES, Story, settle
except ModuleNotFoundError as error:
    if error.name != "nimservice_simulator":
        raise
    raise CommandError(
        "the simulator is not installed; run: pip install 'nimservice-hooks[simulate]'"
    ) from None

CODES = ("all is Ready in the end", "something is not Ready in the end, or a file has a problem")
_NODE = "Node"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    summaries = {name: each.summary for name, each in SCENARIOS.items()} | {
        name: each.summary for name, each in STORIES.items()
    }
    scenarios = "\n".join(f"  {name:<16} {summary}" for name, summary in summaries.items())
    parser.description = (
        "Apply the files to a cluster that runs in memory, and let its time pass until nothing "
        "changes. Prints every NIMService, NIMPipeline and NIMCache with its status and its "
        "children as YAML; on a terminal, what happened and the last status.\n\n"
        "API server, Metacontroller, controllers and kubelet are simulated. The hooks are real. "
        "The image of a NIMCache has what the NIMCache asks for, or what --manifest says. The "
        "cluster has one node with H100 GPUs, unless the files have Nodes."
    )
    parser.epilog = f"""examples:
  nimservice simulate -f nim.yaml                    what becomes of it if all goes well
  nimservice simulate -f nim.yaml --scenario oom     … if its memory does not suffice
  nimservice simulate -f nim.yaml --timeline -o tree

scenarios, with --scenario:
{scenarios}"""
    files.add_option(parser)
    admit.add_force(parser)
    output.add_option(parser, default=None)
    render.add_image(parser)
    render.add_installation(parser)
    parser.add_argument(
        "--engine",
        **one_of(ENGINES),
        default=ENGINES[0],
        help="how Metacontroller applies children (default: %(default)s)",
    )
    parser.add_argument(
        "--scenario",
        **one_of((*SCENARIOS, *STORIES)),
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
        settle(story, simulation)
    except Unsettled as error:
        raise CommandError(f"{error}. This is a bug; please report it with the files") from None
    screen = args.output is None and sys.stdout.isatty()
    if args.timeline or screen:
        _show_timeline(simulation, sys.stdout if screen else sys.stderr)
    if screen:
        _show_statuses(simulation)
    elif args.output == "tree":
        output.show_tree((each, simulation.children(each)) for each in simulation.parents())
    else:
        output.show([_readable(each) for each in _shown(simulation)], args.output or "yaml")
    for message in dict.fromkeys(warning.message for warning in simulation.warnings):
        terminal.tell(f"warning: {message}", sys.stderr)
    unready = [each for each in simulation.parents() if _state(each) != "Ready"]
    for each in () if screen else unready:
        ready = observed.condition(each, "Ready")
        said = ": ".join(filter(None, (ready.get("reason"), ready.get("message"))))
        terminal.tell(f"{_name(each)}: {_state(each)}: {said or 'has no status'}", sys.stderr)
    return FOUND if unready else 0


def _state(parent: JSON) -> str:
    return (parent.get("status") or {}).get("state") or "Unknown"


def _name(parent: JSON) -> str:
    return f"{parent['kind']}/{parent['metadata']['name']}"


_STYLES: dict[str, "Style"] = {
    "Ready": "green",
    "Failed": "red",
    "NotReady": "yellow",
    "Pending": "yellow",
    "InProgress": "yellow",
}


def _show_timeline(simulation: Simulation, stream: TextIO) -> None:
    width = terminal.width() if stream.isatty() else 0
    for each in show.told(simulation):
        print(each.fitted(width, partial(_painted, stream)) if width else each.line, file=stream)


def _painted(stream: TextIO, state: str) -> str:
    style = _STYLES.get(state)
    return paint(state, style, stream) if style else state


def _show_statuses(simulation: Simulation) -> None:
    """Print what each parent reports in the end."""
    for parent in simulation.parents():
        print(f"\n{_name(parent)}: {_painted(sys.stdout, _state(parent))}")
        for each in (parent.get("status") or {}).get("conditions") or ():
            said = ": ".join(filter(None, (each["reason"], each["message"])))
            print(terminal.wrapped(f"{each['type']}={each['status']} {said}", "  "))


def _simulation(args: argparse.Namespace, story: Story | None) -> Simulation:
    parents, others = render.split(admit.admitted(args), args)
    caches = [parent.manifest for parent in parents if parent.kind == render.CACHE]
    played = story or SCENARIOS.get(args.scenario, READY)
    told = (each for parent in parents for _, each in services.within(parent.manifest))
    if not any(map(played.applies, told)):
        raise CommandError(f"scenario {played.name} needs {played.needs}; add one to the files")
    objects = [*others, *(parent.manifest for parent in parents)]
    if caches and not any(each["kind"] == _NODE for each in objects):
        objects = [nimimages.node(story.gpus if story else nimimages.GPU), *objects]
    clock = VirtualClock()
    try:
        return _started(args, story, objects, clock)
    except ApiError as error:
        raise CommandError(f"the simulated API server refuses it: {error}", FOUND) from None


def _started(
    args: argparse.Namespace, story: Story | None, objects: list[JSON], clock: "VirtualClock"
) -> Simulation:
    settings = replace(render.installed(args), gpu_discovery=True)
    return Simulation(
        objects,
        controllers=installation.controllers(args.without),
        transport=InProcess(installation.Hooks(settings, clock.now)),
        engine=args.engine,
        crds=installation.crds(),
        scenario=_scenario(args, story),
        clock=clock,
    )


def _scenario(args: argparse.Namespace, story: Story | None) -> Scenario:
    found, has = render.pages(args), story.has if story else image.assumed
    return nimimages.played(
        SCENARIOS.get(args.scenario, READY),
        has=(lambda _: found) if found else has,
        downloads=story.downloads if story else succeeds,
    )


def _shown(simulation: Simulation) -> list[JSON]:
    """Return each parent, then its children; a child that is a parent comes only as such."""
    shown: list[JSON] = []
    for parent in simulation.parents():
        children = simulation.children(parent)
        shown += [parent, *(child for child in children if child["kind"] not in render.PARENTS)]
    return shown


def _readable(manifest: JSON) -> JSON:
    """Return an object without the bookkeeping that people do not read."""
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "managedFields"}
    return {**manifest, "metadata": metadata}
