"""Later: what the API server takes in a NIMService and Kubernetes would refuse in its children."""

from collections.abc import Iterable, Iterator
from typing import Any

from hooks.cli import services
from hooks.cli.later import amounts, containers, images, names, placement, scaling
from hooks.cli.later.values import mappings
from hooks.cli.loaded import Loaded
from hooks.kernel import dnsname, dynamicapply
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.kernel.observed import mapping
from hooks.kernel.spelling import nearest

_METADATA = (
    "name",
    "namespace",
    "labels",
    "annotations",
    "generateName",
    "finalizers",
    "ownerReferences",
    *dynamicapply.SYSTEM,
)

_LARGEST_ANNOTATIONS = 256 * 1024


def check(loaded: Loaded) -> Iterator[Problem]:
    """Yield what is wrong with an object of the API; its shape was not checked yet."""
    yield from _metadata(mapping(loaded.manifest.get("metadata")))
    for place, manifest in services.within(loaded.manifest):
        spec = mapping(manifest.get("spec"))
        for problem in _spec(spec, manifest["kind"]):
            yield problem._replace(path=services.path(place, problem.path))


def _metadata(metadata: JSON) -> Iterator[Problem]:
    for key in metadata:
        if key not in _METADATA:
            yield Problem(
                f"metadata.{key}", "unknown field", nearest(key, _METADATA[:5]) or "remove it"
            )
    namespace = metadata.get("namespace")
    if isinstance(namespace, str) and not dnsname.is_label(namespace):
        yield Problem(
            "metadata.namespace", f'"{namespace}" is no namespace', f"use {dnsname.LABEL_FORM}"
        )
    yield from names.of_labels(metadata.get("labels"), "metadata.labels")
    annotations = mapping(metadata.get("annotations"))
    yield from names.of_keys(annotations, "metadata.annotations")
    size = sum(len(str(part).encode()) for entry in annotations.items() for part in entry)
    if size > _LARGEST_ANNOTATIONS:
        yield Problem(
            "metadata.annotations",
            f"have {size // 1024} KiB, and all annotations of an object have 256 KiB at most",
            "shorten them",
        )


def _spec(spec: JSON, kind: str) -> Iterator[Problem]:
    yield from placement.tolerations(mappings(spec.get("tolerations")), "spec.tolerations")
    yield from names.of_labels(spec.get("nodeSelector"), "spec.nodeSelector")
    yield from containers.variables(mappings(spec.get("env")), "spec.env")
    for field in ("initContainers", "sidecarContainers"):
        for index, container in enumerate(mappings(spec.get(field))):
            path = f"spec.{field}[{index}]"
            yield from images.of_parts(mapping(container.get("image")), f"{path}.image")
            yield from containers.variables(mappings(container.get("env")), f"{path}.env")
            yield from containers.probes(container, path)
    yield from _named(spec, _NAMES)
    if kind == "NIMCache":
        for source in ("ngc", "hf", "dataStore"):
            puller = mapping(mapping(spec.get("source")).get(source)).get("modelPuller")
            yield from images.of_text(puller, f"spec.source.{source}.modelPuller")
        return
    yield from images.of_parts(mapping(spec.get("image")), "spec.image")
    yield from amounts.of_container(mapping(spec.get("resources")), "spec.resources")
    yield from placement.affinity(mapping(spec.get("affinity")), "spec.affinity")
    yield from placement.pod_affinity(mapping(spec.get("podAffinity")), "spec.podAffinity")
    yield from names.of_labels(spec.get("labels"), "spec.labels")
    yield from names.of_keys(spec.get("annotations"), "spec.annotations")
    router = mapping(mapping(spec.get("expose")).get("router"))
    yield from images.scheme(router.get("hostDomainName"), "spec.expose.router.hostDomainName")
    service = mapping(mapping(spec.get("expose")).get("service"))
    yield from names.of_labels(service.get("labels"), "spec.expose.service.labels")
    yield from names.of_keys(service.get("annotations"), "spec.expose.service.annotations")
    monitor = mapping(mapping(spec.get("metrics")).get("serviceMonitor"))
    yield from names.of_labels(
        monitor.get("additionalLabels"), "spec.metrics.serviceMonitor.additionalLabels"
    )
    for field in containers.PROBES:
        given = mapping(spec.get(field))
        if given.get("enabled") is not False:
            yield from containers.probe(mapping(given.get("probe")), f"spec.{field}.probe", field)
    yield from containers.probes(mapping(router.get("eppConfig")), "spec.expose.router.eppConfig")
    yield from containers.volumes(mappings(spec.get("volumes")), "spec.volumes")
    scale = mapping(spec.get("scale"))
    if scale.get("enabled") is True:
        metrics = mappings(mapping(scale.get("hpa")).get("metrics"))
        yield from scaling.metrics(metrics, "spec.scale.hpa.metrics")


def _named(spec: JSON, fields: Iterable[str]) -> Iterator[Problem]:
    for field in fields:
        value: Any = spec
        for part in field.split("."):
            value = mapping(value).get(part)
        yield from names.of_object(value, f"spec.{field}")
    secrets = mapping(spec.get("image")).get("pullSecrets")
    for index, name in enumerate(secrets if isinstance(secrets, list) else ()):
        yield from names.of_object(name, f"spec.image.pullSecrets[{index}]")


_NAMES = (
    "authSecret",
    "runtimeClassName",
    "priorityClassName",
    "proxy.certConfigMap",
    "storage.nimCache.name",
    "storage.pvc.storageClass",
    "expose.router.ingress.tlsSecretName",
    "source.ngc.authSecret",
    "source.ngc.pullSecret",
    "source.hf.authSecret",
    "source.hf.pullSecret",
    "source.dataStore.authSecret",
    "source.dataStore.pullSecret",
)
"""The fields that name an object of Kubernetes."""
