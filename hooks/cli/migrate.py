"""Migrate: lets the hooks manage NIMServices of NVIDIA's operator; writes only with ``--apply``."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hooks.cli import files, kubeconfig, render
from hooks.cli.error import CommandError
from hooks.cli.terminal import paint
from hooks.cluster.api import ApiError, Conflict
from hooks.kernel.protocol import JSON
from hooks.migration import back, operator, pipelines, plan
from hooks.migration.plan import Migration, Step, Write
from hooks.resources import Settings

if TYPE_CHECKING:
    from hooks.migration.cluster import Cluster


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Show what happens to every child when the hooks take over the NIMServices and "
        "NIMPipelines of NVIDIA's operator, and which pods restart and why. --apply labels the "
        "children so that Metacontroller adopts them, and removes the operator's finalizer; it "
        "deletes and creates nothing. docs/migration.md describes the whole migration and the way "
        "back. Exit code: 1 if a check blocks the migration, else 0."
    )
    parser.epilog = """examples:
  nimservice migrate                          plan for the cluster of the kubeconfig
  nimservice migrate -n models --apply        migrate one namespace
  nimservice migrate --apply --pause          … and keep pods until `kubectl rollout resume`
  nimservice migrate --observed live.yaml     plan from saved objects
  nimservice migrate --back --apply           let NVIDIA's operator manage them again"""
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="only these NIMServices (default: all)"
    )
    parser.add_argument("-n", "--namespace", default="", help="only this namespace (default: all)")
    parser.add_argument(
        "--apply", action="store_true", help="write the changes; the default is to print the plan"
    )
    parser.add_argument(
        "--pause",
        action="store_true",
        help="pause the rollout of Deployments whose pods would restart",
    )
    parser.add_argument(
        "--back", action="store_true", help="let NVIDIA's operator manage them again"
    )
    parser.add_argument("--force", action="store_true", help="apply even if a blocking check fails")
    parser.add_argument(
        "--observed",
        metavar="FILE",
        nargs="+",
        action="extend",
        help="files with saved objects, instead of the cluster",
    )
    parser.add_argument(
        "--kubeconfig", metavar="FILE", help="cluster to use (default: the one kubectl uses)"
    )
    render.add_installation(parser)


def run(args: argparse.Namespace) -> int:
    """Print the plan, and write it with ``--apply``; return 1 if a check blocks it, else 0."""
    if args.observed:
        if args.apply:
            raise CommandError("--apply writes to a cluster; remove --observed")
        objects = [each.manifest for each in files.load(args.observed)]
        return _run(args, objects, [], None)
    try:
        from hooks.cluster.server import KubeServer  # noqa: PLC0415 - an extra of the installation
        from hooks.migration.cluster import Cluster  # noqa: PLC0415
    except ImportError:
        raise CommandError(
            "reading a cluster needs lightkube; "
            "run pip install 'nimservice-hooks[cluster]', or use --observed"
        ) from None
    try:
        with KubeServer(kubeconfig.chosen(args.kubeconfig)) as server:
            cluster = Cluster(server, args.namespace)
            args.without = sorted({*args.without, *cluster.without()})
            return _run(args, cluster.objects(), list(_obstacles(cluster, back=args.back)), cluster)
    except Conflict as error:
        raise CommandError(
            f"{error}: the object changed meanwhile; run the command again to continue"
        ) from None
    except ApiError as error:
        raise CommandError(str(error)) from None


def _run(
    args: argparse.Namespace, objects: list[JSON], obstacles: list[str], cluster: "Cluster | None"
) -> int:
    settings = render.installed(args)
    if cluster and cluster.openshift() and not settings.openshift:
        print(
            "this cluster is OpenShift; install the hooks with the component openshift, "
            "and plan with --openshift",
            file=sys.stderr,
        )
    nims = [
        nim for nim in (back if args.back else operator).nimservices(objects) if _chosen(nim, args)
    ]
    writes = _pipelines(args, objects, settings)
    some = bool(nims or writes)
    for nim in nims:
        if args.back:
            returned, remarks = back.of(nim, objects)
            writes += returned
            _show_writes(nim, returned, remarks)
        else:
            found = plan.of(
                nim,
                objects,
                settings,
                now=datetime.now(UTC),
                without=args.without,
                pause=args.pause,
            )
            writes += found.writes
            _show(found)
    if not some:
        print("found no NIMService to migrate")
    for obstacle in obstacles:
        print(f"blocked: {obstacle}", file=sys.stderr)
    if obstacles and not args.force:
        return int(some)
    if args.apply and cluster:
        _write(cluster, writes)
    elif writes:
        print("wrote nothing; use --apply to write")
    return 0


def _pipelines(args: argparse.Namespace, objects: list[JSON], settings: Settings) -> list[Write]:
    """Print what happens to the NIMPipelines, and return the writes that it takes."""
    writes: list[Write] = []
    found = pipelines.managed(objects) if args.back else pipelines.found(objects)
    for pipeline in found:
        if not _chosen(pipeline, args):
            continue
        if args.back:
            returned = pipelines.back(pipeline, objects)
            writes += returned
            _show_writes(pipeline, returned, ())
        else:
            migration = pipelines.of(pipeline, objects, settings, now=datetime.now(UTC))
            writes += migration.writes
            _show(migration)
    return writes


def _obstacles(cluster: "Cluster", *, back: bool) -> Iterator[str]:
    if back:
        for name in cluster.controllers():
            yield (
                f"CompositeController {name} would take the NIMServices over again; delete it first"
            )
        return
    for name in cluster.operators():
        yield f"Deployment {name} is NVIDIA's operator, which would undo this; scale it to 0 first"
    for name in cluster.webhooks():
        yield (
            f"ValidatingWebhookConfiguration {name} refuses every write of a NIMService "
            "while NVIDIA's operator is down; delete it first"
        )


def _chosen(nim: JSON, args: argparse.Namespace) -> bool:
    metadata = nim["metadata"]
    return (not args.names or metadata["name"] in args.names) and args.namespace in (
        "",
        metadata.get("namespace"),
    )


def _show(found: Migration) -> None:
    restarting = [step for step in found.steps if step.restarts]
    summary = (
        f"{len(found.steps)} children, pods of {len(restarting)} restart"
        if restarting
        else f"{len(found.steps)} children, no pod restarts"
    )
    title = f"{found.nim['kind']} {_name(found.nim)}"
    print(paint(f"{title}: {found.remark or summary}", "bold", sys.stdout))
    for step in found.steps:
        why = f": {'; '.join(step.why)}" if step.why else ""
        print(f"  {step.action:<6}  {step.kind}/{step.name}{why}")
        _show_restart(step)
    for write in found.writes:
        print(f"  patch   {_target(write)}: {write.what}")
    print()


def _show_restart(step: Step) -> None:
    if step.restarts:
        when = (
            f"once, after kubectl rollout resume deployment/{step.name}" if step.waits else "once"
        )
        text = "its pods stop" if step.action == "delete" else f"its pods restart {when}"
        print(paint(f"          ! {text}: {'; '.join(step.restarts)}", "yellow", sys.stdout))


def _show_writes(nim: JSON, writes: Iterable[Write], remarks: Iterable[str]) -> None:
    print(
        paint(
            f"{nim['kind']} {_name(nim)}: back to NVIDIA's operator, no pod restarts",
            "bold",
            sys.stdout,
        )
    )
    for write in writes:
        print(f"  patch   {_target(write)}: {write.what}")
    for remark in remarks:
        print(f"  note    {remark}")
    print()


def _write(cluster: "Cluster", writes: Iterable[Write]) -> None:
    for write in writes:
        cluster.write(write.target, write.patch)
        print(f"patched {_target(write)} in {write.target['metadata']['namespace']}")


def _target(write: Write) -> str:
    return f"{write.target['kind']}/{write.target['metadata']['name']}"


def _name(nim: JSON) -> str:
    return f"{nim['metadata'].get('namespace') or 'default'}/{nim['metadata']['name']}"
