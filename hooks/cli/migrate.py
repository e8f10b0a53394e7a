"""Migrate: lets the hooks manage NIMServices of NVIDIA's operator; writes only with ``--apply``."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hooks.cli import admit, files, kubeconfig, render
from hooks.cli.error import CommandError
from hooks.cli.loaded import Loaded, Reading
from hooks.cli.terminal import paint, tell
from hooks.cluster.api import Conflict
from hooks.kernel.document import JSON
from hooks.migration import back, caches, operator, pipelines, plan
from hooks.migration.plan import Migration, Step, Write
from hooks.resources import Settings

if TYPE_CHECKING:
    from hooks.migration.cluster import Cluster


CODES = ("the plan is possible, or done", "a check blocks it")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Show what happens to every child when the hooks take over the NIMServices, NIMPipelines "
        "and NIMCaches of NVIDIA's operator, and which pods restart and why. --apply labels the "
        "children so that Metacontroller adopts them, and removes the operator's finalizer; it "
        "deletes and creates nothing. docs/migration.md describes the whole migration and the way "
        "back."
    )
    parser.epilog = """examples:
  nimservice migrate                          plan for the cluster of the kubeconfig
  nimservice migrate -n models --apply        migrate one namespace
  nimservice migrate --apply --pause          … and keep pods until `kubectl rollout resume`
  nimservice migrate --observed live.yaml     plan from saved objects
  nimservice migrate --back --apply           let NVIDIA's operator manage them again"""
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="only objects of these names (default: all)"
    )
    parser.add_argument(
        "-n",
        "--namespace",
        type=files.namespace,
        default="",
        help="only this namespace (default: all)",
    )
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
    kubeconfig.add_option(parser, "use")
    render.add_installation(parser)


def run(args: argparse.Namespace) -> int:
    """Print the plan, and write it with ``--apply``; return 1 if a check blocks it, else 0."""
    if args.observed:
        if args.apply:
            raise CommandError("--apply writes to a cluster; remove --observed")
        loaded = admit.passed(files.read(args.observed), force=args.force)
        return _run(args, files.saved(loaded), [], None)
    instead = "--observed FILE without --apply" if args.apply else "--observed FILE"
    with kubeconfig.connected(args, instead=instead) as server:
        from hooks.migration.cluster import Cluster  # noqa: PLC0415 - an extra of the installation

        cluster = Cluster(server, args.namespace)
        args.without = sorted({*args.without, *cluster.without()})
        objects = cluster.objects()
        reading = Reading([Loaded(each, "cluster") for each in objects])
        admit.stop_at(admit.check(reading), force=args.force)
        obstacles = list(_obstacles(cluster, back=args.back))
        try:
            return _run(args, objects, obstacles, cluster)
        except Conflict as error:
            raise CommandError(
                f"{error}: the object changed meanwhile; run the command again to continue"
            ) from None


def _run(
    args: argparse.Namespace, objects: list[JSON], obstacles: list[str], cluster: "Cluster | None"
) -> int:
    settings, now = render.installed(args), datetime.now(UTC)
    if cluster and cluster.openshift() and not settings.openshift:
        tell(
            "this cluster is OpenShift; install the hooks with the component openshift, "
            "and plan with --openshift",
            sys.stderr,
        )
    nims = [
        nim for nim in (back if args.back else operator).nimservices(objects) if _chosen(nim, args)
    ]
    writes = [*_caches(args, objects, settings, now), *_pipelines(args, objects, settings, now)]
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
                now=now,
                without=args.without,
                pause=args.pause,
            )
            writes += found.writes
            _show(found)
    if not some:
        tell("found nothing to migrate")
    for obstacle in obstacles:
        tell(f"blocked: {obstacle}", sys.stderr)
    if obstacles and not args.force:
        return int(some)
    if args.apply and cluster:
        _write(cluster, writes)
    elif writes:
        tell("wrote nothing; use --apply to write")
    return 0


def _pipelines(
    args: argparse.Namespace, objects: list[JSON], settings: Settings, now: datetime
) -> list[Write]:
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
            migration = pipelines.of(pipeline, objects, settings, now=now)
            writes += migration.writes
            _show(migration)
    return writes


def _caches(
    args: argparse.Namespace, objects: list[JSON], settings: Settings, now: datetime
) -> list[Write]:
    """Print what happens to the NIMCaches, and return the writes that it takes."""
    writes: list[Write] = []
    for cache in caches.managed(objects) if args.back else caches.found(objects):
        if not _chosen(cache, args):
            continue
        if args.back:
            returned, remarks = caches.back(cache, objects)
            writes += returned
            _show_writes(cache, returned, remarks)
        else:
            migration = caches.of(cache, objects, settings, now=now)
            writes += migration.writes
            _show(migration)
    return writes


def _obstacles(cluster: "Cluster", *, back: bool) -> Iterator[str]:
    if back:
        for name in cluster.controllers():
            yield (f"CompositeController {name} would take them over again; delete it first")
        return
    for name in cluster.operators():
        yield f"Deployment {name} is NVIDIA's operator, which would undo this; scale it to 0 first"
    for name in cluster.webhooks():
        yield (
            f"ValidatingWebhookConfiguration {name} refuses writes "
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
    tell(paint(f"{title}: {found.remark or summary}", "bold", sys.stdout))
    for step in found.steps:
        why = f": {'; '.join(step.why)}" if step.why else ""
        tell(f"  {step.action:<6}  {step.kind}/{step.name}{why}")
        _show_restart(step)
    for write in found.writes:
        tell(f"  patch   {_target(write)}: {write.what}")
    print()


def _show_restart(step: Step) -> None:
    if step.restarts:
        when = (
            f"once, after kubectl rollout resume deployment/{step.name}" if step.waits else "once"
        )
        text = "its pods stop" if step.action == "delete" else f"its pods restart {when}"
        tell(paint(f"          ! {text}: {'; '.join(step.restarts)}", "yellow", sys.stdout))


def _show_writes(nim: JSON, writes: Iterable[Write], remarks: Iterable[str]) -> None:
    tell(
        paint(
            f"{nim['kind']} {_name(nim)}: back to NVIDIA's operator, no pod restarts",
            "bold",
            sys.stdout,
        )
    )
    for write in writes:
        tell(f"  patch   {_target(write)}: {write.what}")
    for remark in remarks:
        tell(f"  note    {remark}")
    print()


def _write(cluster: "Cluster", writes: Iterable[Write]) -> None:
    for write in writes:
        cluster.write(write.target, write.patch)
        tell(f"patched {_target(write)} in {write.target['metadata']['namespace']}")


def _target(write: Write) -> str:
    return f"{write.target['kind']}/{write.target['metadata']['name']}"


def _name(nim: JSON) -> str:
    return f"{nim['metadata'].get('namespace') or 'default'}/{nim['metadata']['name']}"
