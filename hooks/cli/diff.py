"""Diff: the changes that applying files would cause, and the pods that would restart."""

import argparse
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from hooks.cli import files, kubeconfig, render
from hooks.cli.error import CommandError
from hooks.cli.terminal import Style, paint
from hooks.cluster.api import ApiError
from hooks.kernel.protocol import JSON
from hooks.preview import difference
from hooks.preview.difference import Change, Difference

_STYLES: dict[str, Style] = {"+": "green", "-": "red", "@": "cyan"}
_MARKS = {"create": "+", "update": "~", "delete": "-"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Show what applying the files would change, child by child, and mark changes that restart "
        "running pods. Reads the cluster of the kubeconfig, or with --observed saved objects "
        "(`kubectl get … -o yaml`). Writes nothing. Exit code: 0 without changes, 1 with changes."
    )
    parser.epilog = """examples:
  nimservice diff -f nim.yaml                              against the cluster
  kubectl get nims,nimc,deploy,svc,pvc -n models -o yaml > live.yaml
  nimservice diff -f nim.yaml --observed live.yaml         against the saved objects"""
    files.add_option(parser)
    render.add_installation(parser)
    parser.add_argument(
        "--observed",
        metavar="FILE",
        nargs="+",
        action="extend",
        help="files with saved objects, instead of the cluster",
    )
    parser.add_argument(
        "--kubeconfig", metavar="FILE", help="cluster to read (default: the one kubectl uses)"
    )


def run(args: argparse.Namespace) -> int:
    """Print every change; return 1 if there is one, else 0."""
    parents, others = render.split(args.files)
    settings, changed = render.installed(args), False
    for parent in parents:
        observed = _saved(args.observed) if args.observed else _cluster(args, parent.manifest)
        family = difference.family(
            parent.manifest,
            [*observed, *others],
            settings,
            now=datetime.now(UTC),
            without=args.without,
        )
        for found in family:
            changed = changed or bool(found.changes)
            _show(found)
    return int(changed)


def _show(found: Difference) -> None:
    _print(found.changes)
    name, ready = _name(found), found.status["conditions"][0]
    if not found.changes:
        print(f"{name}: nothing would change")
    if ready["reason"] != "Creating" and (ready["status"] == "False" or not found.changes):
        print(f"{name}: {ready['reason']}: {ready['message']}", file=sys.stderr)


def _name(found: Difference) -> str:
    return f"{found.parent['kind']}/{found.parent['metadata']['name']}"


def _print(changes: Iterable[Change]) -> None:
    for change in changes:
        restarts = "  ! its pods restart" if change.restarts else ""
        print(
            paint(
                f"{_MARKS[change.action]} {change.action} {change.kind}/{change.name}{restarts}",
                "bold",
                sys.stdout,
            )
        )
        for line in change.lines:
            style = _STYLES.get(line[:1])
            print(paint(line, style, sys.stdout) if style else line)
        print()


def _saved(names: list[str]) -> list[JSON]:
    return [each.manifest for each in files.load(names)]


def _cluster(args: argparse.Namespace, parent: JSON) -> list[JSON]:
    """Return the objects of the cluster that concern a parent.

    Kinds that the cluster does not manage are added to ``args.without``.
    """
    try:
        from hooks.cluster.server import KubeServer  # noqa: PLC0415
        from hooks.migration.cluster import Cluster  # noqa: PLC0415
        from hooks.preview import surroundings  # noqa: PLC0415 - an extra of the installation
    except ImportError:
        raise CommandError(
            "reading a cluster needs lightkube; "
            "run pip install 'nimservice-hooks[cluster]', or use --observed"
        ) from None
    try:
        with KubeServer(kubeconfig.chosen(args.kubeconfig)) as server:
            args.without = sorted({*args.without, *Cluster(server, "").without()})
            return surroundings.of(server, parent)
    except ApiError as error:
        raise CommandError(str(error)) from None
