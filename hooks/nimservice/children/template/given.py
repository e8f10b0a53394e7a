"""Given: the user's own volumes and mounts, in the form that the API server stores.

A list without names, as of the sources of a projected volume, is replaced whole. So it has the API
server's defaults. It leaves out some fields that are empty or false, and so do the hooks.
"""

from typing import Any

from hooks.kernel.manifest import Manifest
from hooks.kernel.quantity import canonical
from hooks.nimservice.children.template import resource

_LEFT_OUT = frozenset(
    (
        "audience",
        "certificateChainPath",
        "chapAuthDiscovery",
        "chapAuthSession",
        "containerName",
        "credentialBundlePath",
        "datasetName",
        "datasetUUID",
        "directory",
        "fsType",
        "group",
        "iscsiInterface",
        "keyPath",
        "keyring",
        "medium",
        "pool",
        "protectionDomain",
        "pullPolicy",
        "readOnly",
        "revision",
        "secretFile",
        "sslEnabled",
        "storageMode",
        "storagePolicyID",
        "storagePolicyName",
        "storagePool",
        "subPath",
        "subPathExpr",
        "tenant",
        "user",
        "volumeName",
        "volumeNamespace",
    )
)
"""Fields that mean the same empty or false as absent. Of others, "" may be a choice: it is the
storage class of claims that take none."""

_FREE = frozenset(
    (
        "annotations",
        "labels",
        "limits",
        "matchLabels",
        "options",
        "requests",
        "userAnnotations",
        "volumeAttributes",
    )
)
"""Maps whose keys the user chooses, and whose values the API server stores as they are."""


def volume(given: Manifest) -> Manifest:
    """Return a volume of the user's; one without a source is an empty folder."""
    made: Manifest = _without_empty(given)
    if "sizeLimit" in made.get("emptyDir", {}):
        made["emptyDir"]["sizeLimit"] = canonical(made["emptyDir"]["sizeLimit"])
    for source in made.get("projected", {}).get("sources", []):
        if "serviceAccountToken" in source:
            source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
        _complete(source)
    _complete(made)
    claim = made.get("ephemeral", {}).get("volumeClaimTemplate", {}).get("spec", {})
    if "resources" in claim:
        claim["resources"] = resource.given(claim["resources"]) or {}
    return made if len(made) > 1 else {**made, "emptyDir": {}}


def mount(given: Manifest) -> Manifest:
    """Return a mount of the user's."""
    made: Manifest = _without_empty(given)
    return made


def _complete(source: Manifest) -> None:
    for item in source.get("downwardAPI", {}).get("items", []):
        if "fieldRef" in item:
            item["fieldRef"].setdefault("apiVersion", "v1")
        if "resourceFieldRef" in item:
            divisor = canonical(item["resourceFieldRef"].get("divisor", 0))
            item["resourceFieldRef"]["divisor"] = divisor


def _without_empty(value: Any) -> Any:
    """Return a copy without what the API server leaves out."""
    if isinstance(value, dict):
        return {
            key: item if key in _FREE else _without_empty(item)
            for key, item in value.items()
            if not (key in _LEFT_OUT and (item == "" or item is False))
        }
    return [_without_empty(item) for item in value] if isinstance(value, list) else value
