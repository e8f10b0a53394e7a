"""Render: the children of NIMServices, NIMPipelines and NIMCaches, without a cluster."""

import argparse
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hooks.cli import admit, files, output
from hooks.cli.choice import one_of
from hooks.cli.error import CommandError
from hooks.cli.loaded import Loaded
from hooks.cli.terminal import tell
from hooks.kernel.crd import admission
from hooks.kernel.document import JSON
from hooks.kernel.settings import SettingsError
from hooks.nimcache.kinds import NIM_CACHE
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds
from hooks.preview import render
from hooks.resources import Settings

if TYPE_CHECKING:
    from hooks.preview.image import Pages

CODES = ("the children were printed", "a file has a problem, or a spec is refused")
CACHE = NIM_CACHE.kind
PARENTS = (kinds.NIM_SERVICE.kind, NIM_PIPELINE.kind, CACHE)
"""The kinds that are rendered, compared and simulated."""

_DEFINITION = "CustomResourceDefinition"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Print the children of every NIMService, NIMPipeline and NIMCache in the files, as they "
        "settle on a cluster where none of them exists. A NIMService of a pipeline is followed by "
        "its own children. The hooks observe every other object in the files. A NIMService sees "
        "its NIMCache as it is once it is filled, or with the status that the file gives it. The "
        "children of a NIMCache beside a NIMService are printed with --manifest only, their images "
        "always."
    )
    parser.epilog = """examples:
  nimservice render -f nim.yaml                the children as YAML
  nimservice render -f nim.yaml -o tree        … as a tree of kinds and names
  nimservice render -R manifests/ -n models    of all files, in a namespace
  nimservice render -f nim.yaml --without ServiceMonitor"""
    files.add_option(parser)
    admit.add_force(parser)
    output.add_option(parser)
    add_image(parser)
    add_installation(parser)


def add_image(parser: argparse.ArgumentParser) -> None:
    """Declare the option for what the image of a NIMCache has."""
    parser.add_argument(
        "--manifest",
        metavar="FILE",
        help="model manifest of the NIMCaches' image, by which their profiles are chosen; "
        "docker run --entrypoint cat IMAGE /opt/nim/etc/default/model_manifest.yaml prints it",
    )


def add_installation(parser: argparse.ArgumentParser) -> None:
    """Declare the options for what an installation decides."""
    managed = (*kinds.MANAGED, NIM_CACHE)
    optional = sorted(kind.kind for kind in managed if "base" not in kind.components)
    parser.add_argument(
        "--without",
        metavar="KIND",
        action="append",
        default=[],
        **one_of(optional),
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
    parents, others = split(admit.admitted(args), args)
    file_of = {id(each.manifest): each.file for each in parents}
    family = render.together(
        [each.manifest for each in parents],
        others,
        settings,
        now=datetime.now(UTC),
        without=args.without,
        pages=pages(args),
    )
    shown: list[JSON] = []
    families: list[tuple[JSON, list[JSON]]] = []
    refused, file = False, ""
    whole = args.manifest or args.output == "images"
    beside = not whole and any(each.kind != CACHE for each in parents)
    for parent, answer in family:
        file = file_of.get(id(parent), file)
        left_out = beside and parent["kind"] == CACHE
        if left_out:
            named = f"{file}: {parent['kind']}/{parent['metadata']['name']}"
            tell(f"{named}: its claim and Jobs are left out; add --manifest FILE", sys.stderr)
        children = [] if left_out else answer["children"]
        shown += [] if id(parent) in file_of else [parent]
        shown += [each for each in children if each["kind"] not in PARENTS]
        families.append((parent, children))
        for line in _remarks(parent, answer["status"]):
            tell(f"{file}: {parent['kind']}/{parent['metadata']['name']}: {line}", sys.stderr)
        refused = refused or answer["status"]["state"] == "Failed"
    if args.output == "tree":
        output.show_tree(families)
    else:
        output.show(shown, args.output)
    return int(refused)


def pages(args: argparse.Namespace) -> "Pages":
    """Return what the image has whose model manifest the command line names; none without one."""
    if not args.manifest:
        return ()
    from hooks.nimcache.report.modelmanifest import Unreadable  # noqa: PLC0415 - few have one
    from hooks.preview import image  # noqa: PLC0415

    try:
        return image.read(Path(args.manifest).read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{args.manifest}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{args.manifest}: is not UTF-8 text") from None
    except Unreadable as error:
        raise CommandError(f"{args.manifest}: is not a model manifest: {error}") from None


def installed(args: argparse.Namespace) -> Settings:
    """Return the settings of the environment, overridden by the command line."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        raise CommandError(str(error)) from None
    return replace(settings, openshift=settings.openshift or args.openshift)


def split(loaded: list[Loaded], args: argparse.Namespace) -> tuple[list[Loaded], list[JSON]]:
    """Return the admitted parents, and the other objects.

    An object without a namespace gets the one of ``-n``. Among the others, a
    NIMCache without a status becomes ready.
    """
    complete = [each for each in map(partial(_complete, args), loaded) if each]
    parents = [kind for kind in PARENTS if kind not in args.without]
    found = [each for each in complete if each.kind in parents]
    if not found:
        named = ", ".join([*args.positional, *args.files])
        raise CommandError(f"{named}: found no {' or '.join(parents)}")
    return found, [ready(each) for each in complete if each.kind not in parents]


def _complete(args: argparse.Namespace, loaded: Loaded) -> Loaded | None:
    """Return an object with name and namespace, or None where it is no part of a namespace."""
    manifest = admission.named(loaded.manifest)
    metadata = manifest.get("metadata") or {}
    if loaded.kind == _DEFINITION or not isinstance(metadata.get("name"), str):
        return None
    namespace = metadata.get("namespace") or args.namespace or "default"
    return replace(loaded, manifest={**manifest, "metadata": {**metadata, "namespace": namespace}})


def ready(loaded: Loaded) -> JSON:
    """Return an object as written, but a NIMCache without a status as ready."""
    manifest = loaded.manifest
    if loaded.kind != CACHE or manifest.get("status"):
        return manifest
    from hooks.preview import cache  # noqa: PLC0415 - most files have no NIMCache

    status = cache.assumed(manifest)
    tell(
        f"{loaded.file}: NIMCache/{loaded.name}: has no status; "
        f"it counts as ready with the claim {status['pvc']}",
        sys.stderr,
    )
    return {**manifest, "status": status}


def _remarks(parent: JSON, status: JSON) -> list[str]:
    """Return what a person should know: why the workload is missing, and every remark."""
    if parent["kind"] == CACHE:
        from hooks.preview import cache  # noqa: PLC0415 - most files have no NIMCache

        if cache.waits_for_its_image(status):
            return ["what it downloads depends on its image; --manifest FILE shows it"]
    remarks = {"Degraded", "PodSecurityRestricted"}
    conditions = [each for each in status["conditions"] if each["type"] in remarks]
    ready = status["conditions"][0]
    shown = conditions if ready["reason"] in ("Creating", "Ready") else [ready, *conditions]
    return [f"{each['reason']}: {each['message']}" for each in shown]
