"""Advice: warnings about fields that are valid but deprecated or without effect."""

from collections.abc import Iterator
from typing import Any

from hooks.kernel.crd.structure import Problem

JSON = dict[str, Any]


def give(manifest: JSON) -> Iterator[Problem]:
    """Yield the warnings about an object that the API server would accept."""
    spec = manifest["spec"]
    if manifest["kind"] == "NIMCache":
        yield from _nimcache(spec)
    if manifest["kind"] != "NIMService":
        return
    yield from _deprecated(spec)
    yield from _storage(spec.get("storage") or {})
    yield from _multi_node(spec)
    expose = spec.get("expose") or {}
    service = expose.get("service") or {}
    if not spec.get("authSecret"):
        yield Problem(
            "spec.authSecret",
            "is empty, so the model server gets no NGC_API_KEY",
            "name a Secret unless the model is already in the storage (air-gapped)",
        )
    if service.get("type") == "LoadBalancer" and any(
        key in (expose.get("router") or {}) for key in ("ingress", "gateway")
    ):
        yield Problem(
            "spec.expose",
            "exposes the model twice, by a LoadBalancer and by a router",
            "use service type ClusterIP, or remove the router",
        )


def _deprecated(spec: JSON) -> Iterator[Problem]:
    if ((spec.get("expose") or {}).get("ingress") or {}).get("enabled"):
        yield Problem("spec.expose.ingress", "is deprecated", "use spec.expose.router.ingress")
    if spec.get("podAffinity"):
        yield Problem("spec.podAffinity", "is deprecated", "use spec.affinity.podAffinity")
    if (spec.get("storage") or {}).get("hostPath"):
        yield Problem(
            "spec.storage.hostPath",
            "is deprecated",
            "use spec.storage.pvc or spec.storage.nimCache",
        )


def _storage(storage: JSON) -> Iterator[Problem]:
    if storage.get("readOnly") and "emptyDir" in storage:
        yield Problem(
            "spec.storage.readOnly",
            "has no effect, because an emptyDir starts empty and has to be filled",
            "remove it",
        )
    pvc = storage.get("pvc") or {}
    for field in ("size", "storageClass", "volumeAccessMode", "annotations"):
        if pvc.get(field) and not pvc.get("create"):
            yield Problem(
                f"spec.storage.pvc.{field}",
                "has no effect on an existing claim",
                "remove it, or set pvc.create to true",
            )


def _multi_node(spec: JSON) -> Iterator[Problem]:
    multi = spec.get("multiNode")
    if multi is not None and multi["parallelism"].get("pipeline", 1) == 1:
        yield Problem(
            "spec.multiNode",
            "has no effect, because parallelism.pipeline is 1, and is immutable",
            "raise parallelism.pipeline now, or remove multiNode",
        )
    elif multi is not None and "ray" in multi and spec.get("args"):
        yield Problem(
            "spec.args",
            "has no effect, because multiNode.ray sets the model server's arguments",
            "remove it",
        )


def _nimcache(spec: JSON) -> Iterator[Problem]:
    if spec["storage"].get("hostPath"):
        yield Problem(
            "spec.storage.hostPath", "is deprecated and has no effect", "use spec.storage.pvc"
        )
    if "certConfig" in spec:
        yield Problem("spec.certConfig", "is deprecated", "use spec.proxy.certConfigMap")
