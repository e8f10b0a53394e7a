"""Diff: the changes that applying files would cause, and the pods that would restart."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hooks.cli import admit, files, kubeconfig, render
from hooks.cli.loaded import Loaded
from hooks.cli.terminal import paint, tell
from hooks.kernel.document import JSON
from hooks.nimservice import kinds
from hooks.nimservice.api import kserve
from hooks.preview import difference
from hooks.preview.difference import Change, Difference
from hooks.preview.grouped import ident

if TYPE_CHECKING:
    from hooks.cli.terminal import Style

CODES = ("nothing would change", "something would change, or a file has a problem")
_STYLES: dict[str, "Style"] = {"+": "green", "-": "red", "@": "cyan"}
_MARKS = {"create": "+", "update": "~", "delete": "-"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Show what applying the files would change, child by child, and mark changes that restart "
        "running pods. Reads the cluster of the kubeconfig, or with --observed saved objects "
        "(`kubectl get … -o yaml`). Writes nothing."
    )
    parser.epilog = """examples:
  nimservice diff -f nim.yaml                              against the cluster
  kubectl get -n models -o yaml \\
    nims,nimc,nimp,deploy,job,pod,svc,sa,pvc,hpa,ing > live.yaml
  nimservice diff -f nim.yaml --observed live.yaml         against the saved objects"""
    files.add_option(parser)
    admit.add_force(parser)
    render.add_installation(parser)
    parser.add_argument(
        "--observed",
        metavar="FILE",
        nargs="+",
        action="extend",
        help="files with saved objects, instead of the cluster",
    )
    kubeconfig.add_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print every change; return 1 if there is one, else 0."""
    parents, others = render.split(admit.admitted(args), args)
    settings, now, changed = render.installed(args), datetime.now(UTC), False
    saved = files.saved(files.load(args.observed or ()))
    for parent in parents:
        observed = saved if args.observed else _cluster(args, parent.manifest)
        if parent.kind in args.without:
            tell(f"{parent.kind}/{parent.name}: these hooks do not manage it", sys.stderr)
            continue
        family = difference.family(
            parent.manifest,
            [*observed, *others, *_caches(parent, parents, observed)],
            settings,
            now=now,
            without=args.without,
        )
        for found in family:
            changed = changed or found.new or bool(found.changes)
            _show(found)
    return int(changed)


def _caches(parent: Loaded, parents: Iterable[Loaded], observed: list[JSON]) -> Iterator[JSON]:
    """Yield the NIMCaches that a parent may read and the cluster lacks: they count as ready."""
    if parent.kind == render.CACHE:
        return
    there = {ident(each) for each in observed}
    for each in parents:
        if each.kind == render.CACHE and ident(each.manifest) not in there:
            yield render.ready(each)


def _show(found: Difference) -> None:
    _print(found.changes)
    name, ready = _name(found), found.status["conditions"][0]
    if not found.changes:
        new = "would be created, and no child would change"
        tell(f"{name}: {new if found.new else 'nothing would change'}")
    if ready["reason"] != "Creating" and (ready["status"] == "False" or not found.changes):
        tell(f"{name}: {ready['reason']}: {ready['message']}", sys.stderr)


def _name(found: Difference) -> str:
    return f"{found.parent['kind']}/{found.parent['metadata']['name']}"


def _print(changes: Iterable[Change]) -> None:
    for change in changes:
        said = f"{change.action} {change.kind}/{change.name}{_pods(change)}"
        print(paint(f"{_MARKS[change.action]} {said}", "bold", sys.stdout))
        for line in change.lines:
            style = _STYLES.get(line[:1])
            print(paint(line, style, sys.stdout) if style else line)
        print()


def _pods(change: Change) -> str:
    """Return what becomes of the running pods of a child, in words."""
    if change.restarts:
        return f"  ! its pods {'stop' if change.action == 'delete' else 'restart'}"
    if change.depends:
        listed = f"{kserve.ANNOTATIONS_NOT_COPIED} has {', '.join(kserve.RECORDS)}"
        return f"  ! its pods restart, unless KServe's {listed}"
    if change.action == "update" and change.kind == kinds.INFERENCE_SERVICE.kind:
        return "  its pods keep running"
    return ""


def _cluster(args: argparse.Namespace, parent: JSON) -> list[JSON]:
    """Return the objects of the cluster that concern a parent.

    Kinds that the cluster does not manage are added to ``args.without``.
    """
    with kubeconfig.connected(args, instead="--observed FILE") as server:
        from hooks.migration.cluster import Cluster  # noqa: PLC0415 - an extra of the installation
        from hooks.preview import surroundings  # noqa: PLC0415

        args.without = sorted({*args.without, *Cluster(server, "").without()})
        return surroundings.of(server, parent)
