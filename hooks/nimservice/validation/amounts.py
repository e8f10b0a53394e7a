"""Amounts: quantities that Kubernetes cannot read, and amounts below 0."""

from collections.abc import Iterator
from typing import Any

from hooks.kernel.crd.structure import Problem
from hooks.kernel.manifest import Manifest
from hooks.kernel.quantity import InvalidQuantity, canonical, value
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.api.scale import METRIC_SOURCES, SCALING_WAYS, HorizontalPodAutoscaler


def first(nim: NIMService) -> Problem | None:
    """Return the first amount that no child can have, or None."""
    for path, amount in _amounts(nim):
        try:
            canonical(amount)
        except InvalidQuantity as error:
            return Problem(f"spec.{path}", str(error), "correct it")
        if str(amount).startswith("-") and value(amount) < 0:
            return Problem(f"spec.{path}", f"must be 0 or more, is {amount}", "correct it")
    return None


def _amounts(nim: NIMService) -> Iterator[tuple[str, Any]]:
    """Yield the path and the amount of every quantity that a builder writes in canonical form."""
    spec, storage = nim.spec, nim.spec.storage
    yield "storage.pvc.size", storage.pvc.size or 0
    yield "storage.sharedMemorySizeLimit", storage.shared_memory_size_limit or 0
    if storage.empty_dir and storage.empty_dir.size_limit is not None:
        yield "storage.emptyDir.sizeLimit", storage.empty_dir.size_limit
    for part in ("requests", "limits"):
        yield from (
            (f"resources.{part}[{name}]", amount)
            for name, amount in (spec.resources or {}).get(part, {}).items()
        )
    yield from _of_volumes(spec.volumes)
    for path, container in nim.extra_containers:
        for part in ("requests", "limits"):
            for name, amount in (container.resources or {}).get(part, {}).items():
                yield f"{path}.resources.{part}[{name}]", amount
    if spec.scale.hpa:
        yield from ((f"scale.hpa.{path}", amount) for path, amount in _scaling(spec.scale.hpa))
    for path, env in _environments(nim):
        for index, variable in enumerate(env):
            field = variable.get("valueFrom", {}).get("resourceFieldRef", {})
            yield f"{path}env[{index}].valueFrom.resourceFieldRef.divisor", field.get("divisor", 0)


def _of_volumes(volumes: list[Manifest]) -> Iterator[tuple[str, Any]]:
    for index, given in enumerate(volumes):
        path = f"volumes[{index}]"
        yield f"{path}.emptyDir.sizeLimit", given.get("emptyDir", {}).get("sizeLimit", 0)
        claim = given.get("ephemeral", {}).get("volumeClaimTemplate", {}).get("spec", {})
        for part in ("requests", "limits"):
            for name, amount in claim.get("resources", {}).get(part, {}).items():
                yield f"{path}.ephemeral.volumeClaimTemplate.spec.resources.{part}[{name}]", amount
        sources = given.get("projected", {}).get("sources", [])
        for source in (given, *sources):
            for item in source.get("downwardAPI", {}).get("items", []):
                divisor = item.get("resourceFieldRef", {}).get("divisor", 0)
                yield f"{path}.downwardAPI.items.resourceFieldRef.divisor", divisor


def _scaling(hpa: HorizontalPodAutoscaler) -> Iterator[tuple[str, Any]]:
    for index, metric in enumerate(hpa.metrics):
        for source in filter(metric.__contains__, METRIC_SOURCES):
            for name, amount in metric[source].get("target", {}).items():
                if name in ("value", "averageValue"):
                    yield f"metrics[{index}].{source}.target.{name}", amount
    for way in SCALING_WAYS:
        rules = (hpa.behavior or {}).get(way, {})
        yield f"behavior.{way}.tolerance", rules.get("tolerance", 0)


def _environments(nim: NIMService) -> Iterator[tuple[str, list[Manifest]]]:
    yield "", nim.spec.env
    yield from ((f"{path}.", container.env) for path, container in nim.extra_containers)
    if picker := nim.spec.expose.router.epp_config:
        yield "expose.router.eppConfig.containerSpec.", picker.container_spec.env
