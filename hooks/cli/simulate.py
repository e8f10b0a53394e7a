"""Simulate: a NIMService played through on a stand-in for the cluster, until nothing changes."""

import argparse
import sys

from hooks.cli import files, output, render
from hooks.cli.error import CommandError
from hooks.local import offline, show
from hooks.local.clock import VirtualClock
from hooks.local.cluster.scenarios import SCENARIOS
from hooks.local.loop.children import ENGINES
from hooks.local.loop.transport import InProcess
from hooks.local.simulation import Simulation, Unsettled
from hooks.wire import JSON


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scenarios = "\n".join(f"  {scenario.name:<16} {scenario.summary}" for scenario in SCENARIOS.values())
    parser.description = (
        "Apply the files to a stand-in for API server, Metacontroller and kubelet, and let time pass until nothing changes.\n"
        "Prints the NIMServices with their status, and their children. It is a stand-in: real clusters run Metacontroller."
    )
    parser.epilog = f"scenarios, with --scenario:\n{scenarios}"
    files.add_option(parser)
    output.add_option(parser)
    render.add_installation(parser)
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0], help="how Metacontroller applies children (default: %(default)s)")
    parser.add_argument("--scenario", choices=SCENARIOS, default="ready", metavar="NAME", help="what happens to the pods (default: ready)")
    parser.add_argument("--timeline", action="store_true", help="print what happens, and when, on standard error")


def run(args: argparse.Namespace) -> int:
    """Play the files through and print what came out; 1 where a NIMService is not Ready in the end."""
    nims, others = render.split(args.files)
    settings, clock = render.installed(args), VirtualClock()
    simulation = Simulation(
        [*others, *(nim.manifest for nim in nims)],
        controller=offline.controller(args.without),
        transport=InProcess(offline.Hooks(settings, clock.now)),
        engine=args.engine,
        crds=offline.crds(),
        scenario=args.scenario,
        clock=clock,
    )
    try:
        simulation.settle()
    except Unsettled as error:
        raise CommandError(f"{error}: this should not happen; please report it with the file") from None
    if args.timeline:
        for line in show.timeline(simulation.timeline, clock.start):
            print(line, file=sys.stderr)
    shown: list[JSON] = []
    for nim in nims:
        settled = simulation.nim(nim.name, nim.manifest["metadata"]["namespace"])
        shown += [settled, *simulation.children(settled)]
    output.show([_readable(each) for each in shown], args.output)
    for warning in dict.fromkeys(warning.message for warning in simulation.warnings):
        print(f"warning: {warning}", file=sys.stderr)
    return int(any(each.get("status", {}).get("state") != "Ready" for each in shown if each["kind"] == "NIMService"))


def _readable(manifest: JSON) -> JSON:
    """Return an object without the bookkeeping that people do not read."""
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "managedFields"}
    return {**manifest, "metadata": metadata}
