"""Render: the children of NIMServices and NIMPipelines, without a cluster."""

import argparse
import os
import sys
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from hooks.cli import files, output
from hooks.cli.error import CommandError
from hooks.kernel.protocol import JSON
from hooks.kernel.settings import SettingsError
from hooks.nimservice import kinds
from hooks.preview import render
from hooks.resources import NIM_PIPELINE, NIM_SERVICE, Settings

PARENTS = (NIM_SERVICE.kind.kind, NIM_PIPELINE.kind.kind)
"""The kinds that are rendered and compared."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Print the children of every NIMService and NIMPipeline in the files, as they settle on a "
        "cluster where none of them exists. A NIMService of a pipeline is followed by its own "
        "children. The hooks observe every other object in the files, such as a NIMCache. A "
        "NIMCache without a status counts as ready."
    )
    files.add_option(parser)
    output.add_option(parser)
    add_installation(parser)


def add_installation(parser: argparse.ArgumentParser) -> None:
    """Declare the options for what an installation decides."""
    optional = sorted(kind.kind for kind in kinds.MANAGED if "base" not in kind.components)
    parser.add_argument(
        "--without",
        metavar="KIND",
        action="append",
        default=[],
        choices=optional,
        help="leave out a kind, like an installation without its component; "
        f"one of {', '.join(optional)}",
    )
    parser.add_argument(
        "--openshift",
        action="store_true",
        help="add what OpenShift needs: Role, RoleBinding and annotations",
    )


def run(args: argparse.Namespace) -> int:
    """Print the children, and on standard error what the status reports; 1 if a spec is refused."""
    settings = installed(args)
    parents, others = split(args.files)
    shown: list[JSON] = []
    refused = False
    for loaded in parents:
        family = render.family(
            loaded.manifest, others, settings, now=datetime.now(UTC), without=args.without
        )
        for parent, answer in family:
            shown += [] if parent is loaded.manifest else [parent]
            shown += [each for each in answer["children"] if each["kind"] not in PARENTS]
            where = f"{loaded.file}: {parent['kind']}/{parent['metadata']['name']}"
            for line in _remarks(answer["status"]):
                print(f"{where}: {line}", file=sys.stderr)
            refused = refused or answer["status"]["state"] == "Failed"
    output.show(shown, args.output)
    return int(refused)


def installed(args: argparse.Namespace) -> Settings:
    """Return the settings of the environment, overridden by the command line."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        raise CommandError(str(error)) from None
    return replace(settings, openshift=settings.openshift or args.openshift)


def split(
    names: list[str], parents: Collection[str] = PARENTS
) -> tuple[list[files.Loaded], list[JSON]]:
    """Return the objects of the parents' kinds in files, and the other objects.

    Among the others, a NIMCache without a status becomes ready.
    """
    loaded = files.load(names)
    for each in loaded:
        metadata = each.manifest["metadata"] = each.manifest.get("metadata") or {}
        if not isinstance(metadata.get("name"), str) or not metadata["name"]:
            raise CommandError(f"{each.file}: {each.kind}: metadata.name is missing")
        metadata.setdefault("namespace", "default")
    found = [each for each in loaded if each.kind in parents]
    if not found:
        raise CommandError(f"{', '.join(names)}: found no {' or '.join(parents)}")
    return found, [_ready(each) for each in loaded if each.kind not in parents]


def _ready(loaded: files.Loaded) -> JSON:
    """Return an object as written, but a NIMCache without a status as ready."""
    manifest = loaded.manifest
    if loaded.kind != kinds.NIM_CACHE.kind or manifest.get("status"):
        return manifest
    pvc = (((manifest.get("spec") or {}).get("storage") or {}).get("pvc") or {}).get(
        "name"
    ) or f"{loaded.name}-pvc"
    print(
        f"{loaded.file}: NIMCache/{loaded.name}: has no status; "
        f"it counts as ready with the claim {pvc}",
        file=sys.stderr,
    )
    return {**manifest, "status": {"state": "Ready", "pvc": pvc}}


def _remarks(status: JSON) -> list[str]:
    """Return what a person should know: why the workload is missing, and every remark."""
    remarks = {"Degraded", "PodSecurityRestricted"}
    conditions = [each for each in status["conditions"] if each["type"] in remarks]
    ready = status["conditions"][0]
    shown = conditions if ready["reason"] == "Creating" else [ready, *conditions]
    return [f"{each['reason']}: {each['message']}" for each in shown]
