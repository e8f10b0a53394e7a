"""Usage: the NIMServices that keep a NIMCache from being deleted.

Deleting it would delete its claim, and with it the model that they serve.
"""

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, name, text, texts
from hooks.kernel.protocol import HookRequest
from hooks.nimcache import kinds

_ORPHAN = "orphan"
"""The finalizer with which Kubernetes keeps the children (``--cascade=orphan``)."""


def retained(request: HookRequest) -> Finding | None:
    """Return a finding with the NIMServices that use a NIMCache, or None if it may go."""
    if not _holds(request):
        return None
    services = request.related.get(kinds.NIM_SERVICE.group_key)
    if services is None:
        return Finding("InUse", "The NIMServices that use this NIMCache are not known yet")
    wanted = request.parent["metadata"]["name"]
    users = [name(each)[:253] for each in services.values() if _uses(each, wanted)]
    if not users:
        return None
    return Finding(
        "InUse",
        f"Deletion would delete the model of NIMService {prose.listed(users)}, so it waits",
        "delete these NIMServices, or let them use another storage, or keep the claim with "
        "kubectl delete --cascade=orphan",
    )


def _holds(request: HookRequest) -> bool:
    """Whether a deletion would delete a claim."""
    if _ORPHAN in texts(request.parent["metadata"].get("finalizers")):
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
