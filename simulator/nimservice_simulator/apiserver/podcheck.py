"""Pod check: refuses a pod's spec like the API server, for the mistakes that hooks can make."""

from collections.abc import Iterator

from hooks.cluster.api import Object
from nimservice_simulator.apiserver.podspec import CONTAINER_LISTS

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = {"httpGet", "tcpSocket", "exec", "grpc"}
_COMMON = ("cpu", "memory", "ephemeral-storage", "storage")
"""Resources that may be promised more than once; of all others a request needs a limit."""


def problems(spec: Object, path: str) -> Iterator[str]:
    """Yield what is wrong with a pod's spec."""
    if not spec.get("containers"):
        yield f"{path}.containers: Required value"
    yield from repeated(spec.get("volumes") or [], "name", f"{path}.volumes")
    yield from repeated(
        [each for name in CONTAINER_LISTS for each in spec.get(name) or []],
        "name",
        f"{path}.containers",
    )
    for number, volume in enumerate(spec.get("volumes") or []):
        if len(volume) > 2:
            yield f"{path}.volumes[{number}]: Forbidden: may not specify more than 1 volume type"
        if "persistentVolumeClaim" in volume and not volume["persistentVolumeClaim"].get(
            "claimName"
        ):
            yield f"{path}.volumes[{number}].persistentVolumeClaim.claimName: Required value"
    for name in CONTAINER_LISTS:
        for number, container in enumerate(spec.get(name) or []):
            yield from _container(container, spec, f"{path}.{name}[{number}]")


def _container(container: Object, spec: Object, path: str) -> Iterator[str]:
    if not container.get("image"):
        yield f"{path}.image: Required value"
    yield from repeated(
        [port for port in container.get("ports") or [] if "name" in port], "name", f"{path}.ports"
    )
    yield from repeated(container.get("volumeMounts") or [], "mountPath", f"{path}.volumeMounts")
    volumes = {volume.get("name") for volume in spec.get("volumes") or []}
    claims = {claim.get("name") for claim in spec.get("resourceClaims") or []}
    yield from (
        _missing(f"{path}.volumeMounts", each)
        for each in container.get("volumeMounts") or []
        if each.get("name") not in volumes
    )
    yield from (
        _missing(f"{path}.resources.claims", each)
        for each in container["resources"].get("claims") or []
        if each.get("name") not in claims
    )
    yield from _amounts(container["resources"], f"{path}.resources")
    for probe in _PROBES:
        if probe in container:
            yield from _probe(
                container[probe], f"{path}.{probe}", lasting=probe != "readinessProbe"
            )
    for number, variable in enumerate(container.get("env") or []):
        for source in ("secretKeyRef", "configMapKeyRef"):
            chosen = (variable.get("valueFrom") or {}).get(source)
            if chosen is not None and not (chosen.get("name") and chosen.get("key")):
                yield f"{path}.env[{number}].valueFrom.{source}: Required value"


def _missing(path: str, each: Object) -> str:
    return f'{path}: Not found: "{each.get("name")}"'


def _amounts(resources: Object, path: str) -> Iterator[str]:
    limits = resources.get("limits") or {}
    for name, amount in (resources.get("requests") or {}).items():
        if name not in _COMMON and not name.startswith("hugepages-") and limits.get(name) != amount:
            yield f"{path}.limits: Required value: Limit must be set for non overcommitable resources"


def _probe(probe: Object, path: str, *, lasting: bool) -> Iterator[str]:
    if len(_HANDLERS & probe.keys()) != 1:
        yield f"{path}: Required value: must specify a handler type"
    if lasting and probe["successThreshold"] != 1:
        yield f"{path}.successThreshold: Invalid value: {probe['successThreshold']}: must be 1"


def repeated(items: list[Object], key: str, path: str) -> Iterator[str]:
    """Yield each item whose key an earlier one has."""
    seen = set()
    for number, item in enumerate(items):
        if item.get(key) in seen:
            yield f'{path}[{number}].{key}: Duplicate value: "{item.get(key)}"'
        seen.add(item.get(key))
