"""Cache: a NIMCache from nothing to Ready, and what it makes on its way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hooks.cluster.api import Object
from hooks.kernel import resource
from hooks.kernel.document import JSON
from hooks.kernel.observed import condition
from hooks.kernel.owner import owner_reference
from hooks.kernel.protocol import HookRequest
from hooks.kernel.values import copied
from hooks.nimcache import kinds, naming
from hooks.nimcache.api import NIMCache
from hooks.nimcache.report.script import PAGES
from hooks.preview.grouped import grouped, ident
from hooks.preview.image import Pages
from hooks.preview.installation import controller
from hooks.resources import NIM_CACHE, Settings

UNKNOWN = "00000000-0000-0000-0000-000000000000"
"""The UID of an object that only a cluster could give one."""

_ENOUGH = 4
"""Syncs until a NIMCache is Ready: it makes claim and probe, then the download."""


@dataclass(frozen=True)
class Filled:
    """What became of a NIMCache."""

    children: tuple[Object, ...]
    """Every child that it had on its way, in the order of their creation."""
    status: Object
    """The status in the end."""


def filled(
    cache: Object, others: Iterable[Object], settings: Settings, *, now: datetime, pages: Pages = ()
) -> Filled:
    """Return what becomes of a NIMCache of which nothing exists yet, if its Jobs succeed.

    Args:
        cache: the NIMCache. others: the other objects of the cluster, such as its claim.
        settings: those of the installation. now: the time.
        pages: what the probe finds in the image; none if that is not known.
    """
    bare = {key: each for key, each in cache.items() if key != "status"}
    parent = {**bare, "metadata": {"uid": UNKNOWN, **cache["metadata"]}}
    around = list(others)
    made: dict[tuple[str, str], Object] = {}
    status: Object = {}
    for _ in range(_ENOUGH):
        request = _request(parent, list(made.values()), around, pages)
        answer = resource.sync(NIM_CACHE, request, settings, now).body
        status = answer["status"]
        new = [each for each in answer["children"] if ident(each) not in made]
        made |= {ident(each): each for each in new}
        if not new:
            break
    return Filled(tuple(made.values()), status)


def seen(cache: Object, found: Filled) -> JSON:
    """Return the status that a NIMService sees: ready, if nothing but its image is unknown."""
    return assumed(cache) if waits_for_its_image(found.status) else found.status


def waits_for_its_image(status: Object) -> bool:
    """Whether a NIMCache of that status would go on if it were known what its image has."""
    return condition({"status": status}, "Ready").get("reason") == "Probing"


def assumed(cache: Object) -> JSON:
    """Return the status that a NIMCache counts as having, if it has none."""
    metadata = cache["metadata"]
    pvc = ((cache.get("spec") or {}).get("storage") or {}).get("pvc") or {}
    return {"state": "Ready", "pvc": pvc.get("name") or f"{metadata['name']}-pvc"}


def _request(parent: Object, made: list[Object], others: list[Object], pages: Pages) -> HookRequest:
    managed: dict[str, dict[str, Object]] = {
        kind.group_key: {} for kind in NIM_CACHE.context.CHILDREN
    }
    children = grouped(_stored(child, parent, ends=bool(pages)) for child in made)
    related = grouped((*_there(parent, others), *_pods(parent, made, pages)))
    return HookRequest(parent, {**managed, **children}, related, controller((), NIM_CACHE))


def _there(parent: Object, others: list[Object]) -> Iterator[Object]:
    """Yield the other objects, and the claim that the NIMCache takes for granted."""
    yield from others
    cache = NIMCache.parse(parent)
    if cache.spec.storage.pvc.create:
        return
    claim = {
        "apiVersion": kinds.PERSISTENT_VOLUME_CLAIM.api_version,
        "kind": kinds.PERSISTENT_VOLUME_CLAIM.kind,
        "metadata": {
            "name": naming.claim(cache),
            "namespace": cache.namespace,
            "uid": UNKNOWN,
        },
    }
    if ident(claim) not in map(ident, others):
        yield claim


def _stored(child: Object, parent: Object, *, ends: bool) -> Object:
    """Return a child as a cluster has it after a while: Jobs are complete if they can end."""
    new = copied(child)
    new["metadata"] |= {"uid": UNKNOWN, "ownerReferences": [owner_reference(parent)]}
    probe = new["metadata"]["name"].endswith("-probe")
    if new["kind"] == kinds.JOB.kind and (ends or not probe):
        new["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
    return new


def _pods(parent: Object, made: list[Object], pages: Pages) -> Iterator[Object]:
    """Yield the pod of the probe, once it is made, with what it found."""
    cache = NIMCache.parse(parent)
    if not pages or naming.probe(cache) not in {each["metadata"]["name"] for each in made}:
        return
    containers: list[Any] = [
        {"name": f"page-{page + 1}", "state": {"terminated": {"exitCode": 0, "message": message}}}
        for page, message in enumerate(pages)
    ]
    yield {
        "apiVersion": kinds.POD.api_version,
        "kind": kinds.POD.kind,
        "metadata": {
            "name": naming.probe(cache),
            "namespace": cache.namespace,
            "labels": naming.pod_labels(cache, "probe"),
            "ownerReferences": [
                {"apiVersion": "batch/v1", "kind": "Job", "name": "", "uid": UNKNOWN}
            ],
        },
        "status": {"phase": "Succeeded", "containerStatuses": containers[:PAGES]},
    }
