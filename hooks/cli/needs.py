"""Needs: what manifests need of an installation and of a cluster: components, and other objects."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from hooks.cli import services
from hooks.cli.loaded import Loaded
from hooks.kernel.document import JSON
from hooks.nimcache import kinds as caches
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds

_EVERYWHERE = "base"
_OF_PARENTS = {
    caches.NIM_CACHE.kind: "nimcache",
    NIM_PIPELINE.kind: "nimpipeline",
}


class Need(NamedTuple):
    """An object that a manifest names."""

    loaded: Loaded
    path: str
    kind: str
    """For example ``Secret``."""
    name: str
    namespace: str
    """Empty for what belongs to no namespace."""


def components(parents: Iterable[Loaded], children: Iterable[tuple[JSON, JSON]]) -> dict[str, str]:
    """Return the components that manifests need, each with an object that needs it.

    Args:
        parents: the objects of the API.
        children: each parent with a child that the hooks make of it.
    """
    needed: dict[str, str] = {}
    for loaded in parents:
        if component := _OF_PARENTS.get(loaded.kind):
            needed.setdefault(component, loaded.subject)
    managed = {(kind.api_version, kind.kind): kind for kind in kinds.MANAGED}
    for parent, child in children:
        kind = managed.get((child["apiVersion"], child["kind"]))
        # A kind of several components, such as ConfigMap, never comes without one of them alone.
        if kind and len(kind.components) == 1 and kind.components[0] != _EVERYWHERE:
            maker = f"{parent['kind']}/{parent['metadata']['name']}"
            needed.setdefault(kind.components[0], f"{child['kind']} of {maker}")
    return dict(sorted(needed.items()))


def kustomization(needed: dict[str, str], base: str) -> Iterator[str]:
    """Yield the lines of a kustomization.yaml that installs components."""
    yield "apiVersion: kustomize.config.k8s.io/v1beta1"
    yield "kind: Kustomization"
    yield "resources:"
    yield f"- {base}/base"
    if needed:
        yield "components:"
    for component, reason in needed.items():
        yield f"- {base}/components/{component} # {reason}"


_NAMES = (
    ("authSecret", "Secret"),
    ("expose.router.ingress.tlsSecretName", "Secret"),
    ("source.ngc.authSecret", "Secret"),
    ("source.ngc.pullSecret", "Secret"),
    ("source.hf.authSecret", "Secret"),
    ("source.hf.pullSecret", "Secret"),
    ("source.dataStore.authSecret", "Secret"),
    ("source.dataStore.pullSecret", "Secret"),
    ("proxy.certConfigMap", "ConfigMap"),
    ("storage.nimCache.name", "NIMCache"),
    ("storage.pvc.name", "PersistentVolumeClaim"),
    ("storage.pvc.storageClass", "StorageClass"),
    ("runtimeClassName", "RuntimeClass"),
    ("priorityClassName", "PriorityClass"),
    ("expose.router.ingress.ingressClass", "IngressClass"),
)
_OF_CLUSTER = {"StorageClass", "RuntimeClass", "PriorityClass", "IngressClass", "DeviceClass"}


def objects(loaded: Loaded, namespace: str) -> Iterator[Need]:
    """Yield the objects that an admitted object of the API names."""

    def need(place: str, field: str, kind: str, name: Any) -> Iterator[Need]:
        if isinstance(name, str) and name:
            where = "" if kind in _OF_CLUSTER else namespace
            yield Need(loaded, services.path(place, f"spec.{field}"), kind, name, where)

    for place, manifest in services.within(loaded.manifest):
        spec = manifest.get("spec") or {}
        for field, kind in _NAMES:
            if field == "storage.pvc.name" and _at(spec, "storage.pvc.create"):
                continue
            yield from need(place, field, kind, _at(spec, field))
        for index, name in enumerate(_at(spec, "image.pullSecrets") or ()):
            yield from need(place, f"image.pullSecrets[{index}]", "Secret", name)
        for index, entry in enumerate(spec.get("draResources") or ()):
            devices = _at(entry, "claimCreationSpec.devices") or ()
            for number, device in enumerate(devices):
                field = f"draResources[{index}].claimCreationSpec.devices[{number}].deviceClassName"
                yield from need(place, field, "DeviceClass", device.get("deviceClassName"))


def extended(loaded: Loaded) -> Iterator[tuple[str, str, int]]:
    """Yield path, name and amount of each extended resource that one pod asks for."""
    for place, manifest in services.within(loaded.manifest):
        for name, amount in (_at(manifest.get("spec") or {}, "resources.limits") or {}).items():
            if "/" in name and str(amount).isdecimal():
                path = services.path(place, f"spec.resources.limits[{name}]")
                yield path, name, int(amount)


def _at(value: Any, field: str) -> Any:
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
