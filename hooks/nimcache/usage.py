"""Usage: which NIMServices name a NIMCache that is being deleted.

Its claim goes with it, and the model that they serve.
"""

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, name, text
from hooks.kernel.protocol import HookRequest
from hooks.nimcache import kinds

_ORPHAN = "orphan"
"""The finalizer by which Kubernetes lets children live (``--cascade=orphan``)."""


def retained(request: HookRequest) -> Finding | None:
    """Return which NIMServices keep a NIMCache from being deleted, or None where it may go."""
    if not _holds(request):
        return None
    services = request.related.get(kinds.NIM_SERVICE.group_key)
    if services is None:
        return Finding("InUse", "It is not known yet which NIMServices use this NIMCache")
    wanted = request.parent["metadata"]["name"]
    users = [name(each)[:253] for each in services.values() if _uses(each, wanted)]
    if not users:
        return None
    return Finding(
        "InUse",
        "Deletion waits, because the model would be deleted too: used by NIMService "
        f"{prose.listed(users)}",
        "delete these NIMServices or let them use another storage; kubectl delete "
        "--cascade=orphan keeps the claim",
    )


def _holds(request: HookRequest) -> bool:
    """Whether there is something that a deletion would take from its users."""
    if _ORPHAN in (request.parent["metadata"].get("finalizers") or []):
        return False
    storage = mapping(mapping(request.parent.get("spec")).get("storage"))
    created = mapping(storage.get("pvc")).get("create") is True
    return not created or any(
        not each["metadata"].get("deletionTimestamp")
        for each in request.observed(kinds.PERSISTENT_VOLUME_CLAIM).values()
    )


def _uses(service: Manifest, cache: str) -> bool:
    storage = mapping(mapping(service.get("spec")).get("storage"))
    named = text(mapping(storage.get("nimCache")).get("name"))
    return named == cache and not service["metadata"].get("deletionTimestamp")
