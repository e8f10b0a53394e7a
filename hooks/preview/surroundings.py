"""Surroundings: the objects of a cluster that the hooks need for a NIMService, read only."""

from collections.abc import Iterator

from hooks.cluster.api import Object
from hooks.cluster.server import KubeServer
from hooks.kernel.kind import Kind
from hooks.nimservice import kinds

_RELATED = (kinds.NIM_SERVICE, kinds.NIM_CACHE, kinds.POD, kinds.RESOURCE_CLAIM)
_OF_GROUPS = (kinds.SECRET, kinds.CONFIG_MAP)


def of(server: KubeServer, nim: Object) -> list[Object]:
    """Return the objects in a NIMService's namespace that may be its children or related ones."""
    namespace = nim["metadata"]["namespace"]
    return [
        obj
        for kind in _kinds(nim)
        if server.find_plural(kind.api_version, kind.plural)
        for obj in server.list(kind, namespace)
    ]


def _kinds(nim: Object) -> Iterator[Kind]:
    spec = nim.get("spec") or {}
    router = ((spec.get("expose") or {}).get("router")) or {}
    grouped = spec.get("multiNode") or router.get("eppConfig")
    # Few users may read Secrets, and few NIMServices have one.
    yield from (kind for kind in (*kinds.MANAGED, *_RELATED) if grouped or kind not in _OF_GROUPS)
