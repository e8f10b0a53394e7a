"""Validation: specs that pass the schema and cannot be built, each with its path and remedy."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson

from hooks.kernel.api.container import Container
from hooks.kernel.crd.structure import Problem
from hooks.kernel.finding import Finding
from hooks.kernel.lastapplied import OWNER_LABEL
from hooks.kernel.manifest import Manifest
from hooks.kernel.quantity import InvalidQuantity, canonical
from hooks.kernel.validation import REASON
from hooks.nimservice import hostfile, naming
from hooks.nimservice.api import kserve
from hooks.nimservice.api.dra import ClaimCreation, DRAResource
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.api.scale import METRIC_SOURCES, SCALING_WAYS, HorizontalPodAutoscaler
from hooks.nimservice.device import selector


def of(nim: NIMService) -> Finding | None:
    """Return why a NIMService cannot be built, or None where it can."""
    problem = next((problem for check in _CHECKS if (problem := check(nim))), None)
    return Finding(REASON, problem.message, problem.remedy, path=problem.path) if problem else None


def _storage(nim: NIMService) -> Problem | None:
    storage = nim.spec.storage
    if storage.nim_cache.name:
        return None
    if storage.nim_cache.profile:
        return Problem(
            "spec.storage.nimCache.name", "is required with a profile", "name the NIMCache"
        )
    if storage.pvc.create:
        return (
            None
            if storage.pvc.size
            else Problem(
                "spec.storage.pvc.size",
                "is required while create is true",
                "set it, for example to 50Gi",
            )
        )
    if storage.pvc.name or storage.empty_dir is not None or storage.host_path:
        return None
    if storage.pvc.defined:
        return Problem(
            "spec.storage.pvc.name",
            "is required unless create is true",
            "name a claim, or set create",
        )
    return Problem("spec.storage", "has no source", "give nimCache, pvc, emptyDir or hostPath")


def _scale(nim: NIMService) -> Problem | None:
    if nim.autoscaled and nim.spec.scale.hpa is None:
        return Problem(
            "spec.scale.hpa", "is required while scale.enabled is true", "give at least maxReplicas"
        )
    return None


def _quantities(nim: NIMService) -> Problem | None:
    for path, amount in _amounts(nim):
        try:
            canonical(amount)
        except InvalidQuantity as error:
            return Problem(f"spec.{path}", str(error), "correct it")
    return None


def _amounts(nim: NIMService) -> Iterator[tuple[str, Any]]:
    """Yield the path and the amount of every quantity that a builder writes in canonical form."""
    spec, storage = nim.spec, nim.spec.storage
    yield "storage.pvc.size", storage.pvc.size or 0
    yield "storage.sharedMemorySizeLimit", storage.shared_memory_size_limit or 0
    yield "storage.emptyDir.sizeLimit", (storage.empty_dir and storage.empty_dir.size_limit) or 0
    for part in ("requests", "limits"):
        yield from (
            (f"resources.{part}[{name}]", amount)
            for name, amount in (spec.resources or {}).get(part, {}).items()
        )
    if spec.scale.hpa:
        yield from ((f"scale.hpa.{path}", amount) for path, amount in _scaling(spec.scale.hpa))
    for path, env in _environments(nim):
        for index, variable in enumerate(env):
            field = variable.get("valueFrom", {}).get("resourceFieldRef", {})
            yield f"{path}env[{index}].valueFrom.resourceFieldRef.divisor", field.get("divisor", 0)


def _scaling(hpa: HorizontalPodAutoscaler) -> Iterator[tuple[str, Any]]:
    for index, metric in enumerate(hpa.metrics):
        for source in METRIC_SOURCES:
            target = metric.get(source, {}).get("target", {})
            yield from (
                (f"metrics[{index}].{source}.target.{name}", target.get(name, 0))
                for name in ("value", "averageValue")
            )
    for way in SCALING_WAYS:
        rules = (hpa.behavior or {}).get(way, {})
        yield f"behavior.{way}.tolerance", rules.get("tolerance", 0)


def _environments(nim: NIMService) -> Iterator[tuple[str, list[Manifest]]]:
    yield "", nim.spec.env
    yield from ((f"{path}.", container.env) for path, container in _containers(nim))
    if picker := nim.spec.expose.router.epp_config:
        yield "expose.router.eppConfig.containerSpec.", picker.container_spec.env


def _containers(nim: NIMService) -> Iterator[tuple[str, Container]]:
    for field, containers in (
        ("initContainers", nim.spec.init_containers),
        ("sidecarContainers", nim.spec.sidecar_containers),
    ):
        yield from ((f"{field}[{index}]", container) for index, container in enumerate(containers))


def _bulk(nim: NIMService) -> Problem | None:
    """Refuse a pod that is too large to store.

    Every container repeats the variables, so a small spec can make a pod that fills the memory.
    """
    containers = 1 + len(nim.spec.init_containers) + len(nim.spec.sidecar_containers)
    size = containers * (len(orjson.dumps(nim.spec.env)) + _CONTAINER) if containers > 1 else 0
    if size <= _LARGEST_POD:
        return None
    many = f"{len(nim.spec.env)} variables in each of {containers} containers"
    return Problem(
        "spec.env",
        f"{many} make a pod of {size // 1000} kB, too large for the API server",
        "use fewer variables or containers",
    )


_LARGEST_POD = 1_000_000
"""Bytes of all containers: etcd takes 1.5 MB, and dynamic apply adds a copy in an annotation."""

_CONTAINER = 500
"""Bytes of a container that has only what the hooks add."""


def _ports(nim: NIMService) -> Problem | None:
    service = nim.spec.expose.service
    taken = {service.port: "port"}
    for field, port in (("grpcPort", service.grpc_port), ("metricsPort", service.metrics_port)):
        if port and taken.setdefault(port, field) != field:
            return Problem(
                f"spec.expose.service.{field}",
                f"{port} is already the number of {taken[port]}",
                "choose another",
            )
    return None


def _container_names(nim: NIMService) -> Problem | None:
    taken = {"nim-leader", "nim-worker"} if nim.multi_node else {naming.container(nim)}
    if nim.kserve:
        taken.add(kserve.CONTAINER)
    if nim.spec.proxy and nim.spec.proxy.cert_config_map:
        taken.add("update-ca-certificates")
    for path, container in _containers(nim):
        if container.name in taken:
            return Problem(
                f"spec.{path}.name",
                f"{container.name} is the name of another container",
                "choose another",
            )
        taken.add(container.name)
    return None


def _reserved_labels(nim: NIMService) -> Problem | None:
    monitor = nim.spec.metrics.service_monitor
    labels = {
        "labels": nim.spec.labels,
        "expose.service.labels": nim.spec.expose.service.labels,
        "metrics.serviceMonitor.additionalLabels": monitor.additional_labels,
    }
    for path, given in labels.items():
        if OWNER_LABEL in given:
            return Problem(
                f"spec.{path}[{OWNER_LABEL}]",
                "is reserved, because Metacontroller finds its objects by this label",
                "remove it",
            )
    return None


def _devices(nim: NIMService) -> Problem | None:
    entries = nim.spec.dra_resources
    named = Counter(entry.resource_claim_name for entry in entries if entry.resource_claim_name)
    for index, entry in enumerate(entries):
        path, name = f"spec.draResources[{index}]", entry.resource_claim_name
        if sum(source is not None for source in _sources(entry)) != 1:
            return Problem(
                path,
                "must have exactly one of resourceClaimName, resourceClaimTemplateName and "
                "claimCreationSpec",
                "keep one of them",
            )
        if name and named[name] > 1:
            return Problem(
                f"{path}.resourceClaimName",
                f"names {name} a second time",
                "list all requests of one claim in its requests",
            )
        if name and (nim.replicas > 1 or nim.autoscaled):
            return Problem(
                f"{path}.resourceClaimName",
                "names a single claim, and several replicas cannot share it",
                "use a template, or one replica",
            )
        if entry.claim_creation_spec and (problem := _selectors(entry.claim_creation_spec)):
            return problem._replace(path=f"{path}.claimCreationSpec.{problem.path}")
    return None


def _sources(entry: DRAResource) -> tuple[object, ...]:
    return entry.resource_claim_name, entry.resource_claim_template_name, entry.claim_creation_spec


def _selectors(creation: ClaimCreation) -> Problem | None:
    for index, device in enumerate(creation.devices):
        if device.cel_expressions and (device.attribute_selectors or device.capacity_selectors):
            return Problem(
                f"devices[{index}].celExpressions",
                "must be absent beside attributeSelectors and capacitySelectors",
                "write all conditions in one form",
            )
        try:
            selector.expressions(device)
        except selector.Unusable as error:
            return Problem(f"devices[{index}].{error.path}", error.message, error.remedy)
    return None


def _multi_node(nim: NIMService) -> Problem | None:
    multi = nim.multi_node
    if multi is None:
        return None
    if nim.autoscaled:
        return Problem(
            "spec.scale.enabled", "must be false beside spec.multiNode", "set spec.replicas"
        )
    if multi.mpi and multi.ray:
        return Problem("spec.multiNode.mpi", "must be absent beside ray", "remove one of them")
    if multi.ray is None and nim.replicas > (most := hostfile.most_groups(nim, multi)):
        return Problem(
            "spec.replicas",
            f"a ConfigMap has no room for the hostfiles of {nim.replicas} groups of "
            f"{multi.pipeline} pods",
            f"set it to at most {most}, or use spec.multiNode.ray",
        )
    service = nim.spec.expose.service
    if multi.ray and multi.ray.ray_port in (service.port, service.grpc_port, service.metrics_port):
        return Problem(
            "spec.multiNode.ray.rayPort",
            f"{multi.ray.ray_port} is already a port of spec.expose.service",
            "choose another",
        )
    domain = multi.compute_domain
    if domain and bool(domain.create) == bool(domain.name):
        return Problem(
            "spec.multiNode.computeDomain",
            "must have exactly one of create and name",
            "keep one of them",
        )
    return None


def _kserve(nim: NIMService) -> Problem | None:
    if not nim.kserve:
        return None
    if nim.spec.multi_node:
        return Problem(
            "spec.multiNode",
            "must be absent on KServe, which runs a replica on one node",
            "remove it, or set spec.inferencePlatform to standalone",
        )
    if not _KSERVE_NAME.fullmatch(nim.name):
        return Problem(
            "metadata.name",
            f"{nim.name} is not a valid name of an InferenceService",
            "use lower-case letters, digits and '-', a letter first",
        )
    if (
        len(nim.name) > _KSERVE_LONGEST
        and nim.spec.annotations.get(kserve.DEPLOYMENT_MODE) not in kserve.KNATIVE_MODES
    ):
        return Problem(
            "metadata.name",
            f"has {len(nim.name)} characters, too many for KServe's label isvc.<name>-predictor",
            f"use at most {_KSERVE_LONGEST}",
        )
    modes = (*kserve.STANDARD_MODES, *kserve.KNATIVE_MODES)
    asked = nim.spec.annotations.get(kserve.DEPLOYMENT_MODE)
    if asked and asked not in modes:
        return Problem(
            f"spec.annotations[{kserve.DEPLOYMENT_MODE}]",
            f"{asked} is not a mode that runs your own containers",
            f"use one of {', '.join(modes)}",
        )
    return None


_CHECKS = (
    _storage,
    _scale,
    _bulk,
    _quantities,
    _ports,
    _container_names,
    _reserved_labels,
    _devices,
    _multi_node,
    _kserve,
)

_KSERVE_NAME = re.compile("[a-z]([-a-z0-9]*[a-z0-9])?")
"""What KServe's webhook admits."""

_KSERVE_LONGEST = 63 - len("isvc.-predictor")  # a label has 63 characters
