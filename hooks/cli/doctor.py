"""Doctor: says what an installation and a cluster lack for manifests; it reads and never writes."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from hooks.cli import admit, files, kubeconfig, needs, render
from hooks.cli.error import FOUND, CommandError
from hooks.cli.loaded import Loaded
from hooks.cli.terminal import paint, tell
from hooks.kernel.document import JSON
from hooks.preview import render as offline

CODES = ("nothing is wrong", "something is wrong, or a file has a problem")

_COMMAND = "; run kubectl "
"""What stands before the arguments of a command that a finding ends with."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Look for what keeps the hooks from working: what the cluster serves, Metacontroller's "
        "version, flags and rights, the release of hooks and CRDs, NVIDIA's operator beside them, "
        "and what KServe copies to its pods. "
        "With files, also for the components that they need, and for the Secrets, classes and "
        "GPUs that they name. Prints one line for each finding, with its remedy. Reads only, and "
        "no content of a Secret. With --offline it prints a kustomization.yaml with the "
        "components that the files need."
    )
    parser.epilog = """examples:
  nimservice doctor                                    the installation
  nimservice doctor -f manifests/                      … and what the manifests need
  nimservice doctor -f nim.yaml --offline              the components, as a kustomization.yaml"""
    files.add_option(parser)
    admit.add_force(parser)
    parser.add_argument(
        "--offline", action="store_true", help="print the components that the files need"
    )
    parser.add_argument(
        "--base",
        metavar="DIR",
        default="../metacontroller",
        help="where the kustomization finds base and components (default: %(default)s)",
    )
    parser.add_argument(
        "--kserve-namespace",
        metavar="NAME",
        default="",
        help="where KServe's controller runs; it is looked for if this is absent",
    )
    kubeconfig.add_option(parser)
    render.add_installation(parser)


def run(args: argparse.Namespace) -> int:
    """Print what is wrong; return 1 if something is, else 0."""
    named = bool(args.positional or args.files)
    if args.offline and not named:
        raise CommandError("--offline needs files; name them with -f")
    loaded = [each for each in admit.admitted(args) if admit.ours(each)] if named else []
    needed = needs.components(loaded, _children(args, loaded))
    if args.offline:
        print("\n".join(needs.kustomization(needed, args.base)))
        return 0
    found = False
    for line in _findings(args, loaded, needed):
        found = True
        _say(line)
    if not found and sys.stdout.isatty():
        print(paint("nothing is wrong", "green", sys.stdout))
    return FOUND if found else 0


def _say(line: str) -> None:
    """Print a finding; a terminal gets its command on a line of its own, unwrapped, to copy."""
    said, kubectl, arguments = line.partition(_COMMAND)
    if kubectl and sys.stdout.isatty():
        tell(f"{said}; run")
        print(f"kubectl {arguments}")
    else:
        tell(line)


def _children(args: argparse.Namespace, loaded: list[Loaded]) -> Iterator[tuple[JSON, JSON]]:
    if not loaded:
        return
    parents, others = render.split(loaded, args)
    family = offline.together(
        [each.manifest for each in parents], others, render.installed(args), now=datetime.now(UTC)
    )
    for parent, answer in family:
        yield from ((parent, child) for child in answer["children"])


def _findings(
    args: argparse.Namespace, loaded: list[Loaded], needed: dict[str, str]
) -> Iterator[str]:
    with kubeconfig.connected(args, instead="--offline with files") as server:
        from hooks.cli.diagnosis import Diagnosis  # noqa: PLC0415 - an extra of the installation

        diagnosis = Diagnosis(server)
        yield from diagnosis.of_installation()
        yield from diagnosis.of_components(needed)
        yield from diagnosis.of_kserve(needed, args.kserve_namespace)
        for each in loaded:
            yield from diagnosis.of_manifest(each, args.namespace or "default", loaded)
