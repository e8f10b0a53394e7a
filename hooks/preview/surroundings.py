"""Surroundings: the objects of a cluster that the hooks need for a parent, read only."""

from collections.abc import Iterator

from hooks.cluster.api import Object
from hooks.cluster.server import KubeServer
from hooks.kernel.kind import Kind
from hooks.nimcache import kinds as nimcache
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds

_RELATED = (NIM_PIPELINE, kinds.NIM_SERVICE, kinds.NIM_CACHE, kinds.POD, kinds.RESOURCE_CLAIM)
_OF_GROUPS = (kinds.SECRET, kinds.CONFIG_MAP)


def of(server: KubeServer, parent: Object) -> list[Object]:
    """Return the objects in a parent's namespace that may be its family or related to it."""
    namespace = parent["metadata"]["namespace"]
    return [
        obj
        for kind in _kinds(parent)
        if server.find_plural(kind.api_version, kind.plural)
        for obj in server.list(kind, namespace)
    ]


def _kinds(parent: Object) -> Iterator[Kind]:
    if parent["kind"] == kinds.NIM_CACHE.kind:
        yield from (*nimcache.MANAGED, kinds.NIM_CACHE, kinds.POD)
        return
    spec = parent.get("spec") or {}
    services = [each.get("spec") or {} for each in spec.get("services") or []]
    grouped = any(map(_groups, (spec, *services)))
    # Few users may read Secrets, and few NIMServices have one.
    yield from (kind for kind in (*kinds.MANAGED, *_RELATED) if grouped or kind not in _OF_GROUPS)


def _groups(spec: Object) -> bool:
    router = ((spec.get("expose") or {}).get("router")) or {}
    return bool(spec.get("multiNode") or router.get("eppConfig"))
