"""Advice: warnings about fields that are valid but deprecated or without effect."""

import re
from collections.abc import Iterator

from hooks.kernel import dnsname
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON


def give(manifest: JSON) -> Iterator[Problem]:
    """Yield the warnings about an object that the API server would accept."""
    spec = manifest["spec"]
    if manifest["kind"] == "NIMCache":
        yield from _nimcache(spec)
    if manifest["kind"] == "NIMPipeline":
        from hooks.cli import calls  # noqa: PLC0415 - loads with pipelines alone

        yield from calls.advise(manifest)
    if manifest["kind"] != "NIMService":
        return
    yield from _deprecated(spec)
    yield from _storage(spec.get("storage") or {})
    yield from _multi_node(spec)
    yield from _scraping((spec.get("metrics") or {}).get("serviceMonitor") or {})
    if spec.get("inferencePlatform") == "kserve":
        yield from _kserve((spec.get("resources") or {}).get("limits") or {})
    for index, volume in enumerate(spec.get("volumes") or []):
        if set(volume) <= {"name"}:
            yield Problem(
                f"spec.volumes[{index}]",
                "has no source, so it is an empty directory",
                "write emptyDir: {}, or the source that you mean",
            )
    expose = spec.get("expose") or {}
    service = expose.get("service") or {}
    if service.get("name") and not dnsname.is_label(service["name"]):
        yield Problem(
            "spec.expose.service.name",
            "is no name of a Service, so the only one has the name of the NIMService",
            "use at most 63 lower-case letters, digits and '-', or remove it",
        )
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


def _scraping(monitor: JSON) -> Iterator[Problem]:
    interval, timeout = monitor.get("interval"), monitor.get("scrapeTimeout")
    if interval and timeout and _seconds(timeout) > _seconds(interval):
        yield Problem(
            "spec.metrics.serviceMonitor.scrapeTimeout",
            "is longer than interval, so the Prometheus operator refuses the ServiceMonitor",
            f"set at most {interval}",
        )


_UNITS = {"y": 31536000, "w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}


def _seconds(duration: str) -> float:
    """Return a duration as Prometheus writes it, such as ``1m30s``, in seconds."""
    parts = re.findall(r"([0-9]+)(ms|[ywdhms])", duration)
    return sum(float(amount) * _UNITS[unit] for amount, unit in parts)


def _kserve(limits: JSON) -> Iterator[Problem]:
    """Yield what KServe's webhook gives the first container, as it is shipped."""
    shipped = {"cpu": "1 CPU", "memory": "2Gi of memory"}
    given = [amount for name, amount in shipped.items() if name not in limits]
    if given:
        yield Problem(
            "spec.resources.limits",
            f"leaves KServe to give the model server {' and '.join(given)}",
            f"set {' and '.join(name for name in shipped if name not in limits)}",
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
    for source, given in spec["source"].items():
        puller = given.get("modelPuller", "")
        if "@" not in puller and ":" not in puller.rpartition("/")[2]:
            yield Problem(
                f"spec.source.{source}.modelPuller",
                "has no tag, so nodes pull latest, which changes or may not exist",
                "add a tag",
            )
    if spec["storage"].get("hostPath"):
        yield Problem(
            "spec.storage.hostPath", "is deprecated and has no effect", "use spec.storage.pvc"
        )
    if "certConfig" in spec:
        yield Problem("spec.certConfig", "is deprecated", "use spec.proxy.certConfigMap")
