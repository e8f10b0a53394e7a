"""Repeated: entries of a pod's lists that dynamic apply cannot tell apart.

It merges such a list as a map by one key, which ``threeway`` guesses. Two entries with one value of
that key become two copies of the last at the second sync. The pods would restart without an edit.
"""

from collections.abc import Iterator
from typing import Any

from hooks.kernel import threeway
from hooks.kernel.crd.structure import Problem
from hooks.nimservice.api.container import ExtraContainer
from hooks.nimservice.api.nimservice import NIMService


def first(nim: NIMService) -> Problem | None:
    """Return the first entry that repeats the key of an earlier one, or None."""
    found = (
        problem for path, part in _parts(nim) if part for problem in _repeats(f"spec.{path}", part)
    )
    return next(found, None)


def _parts(nim: NIMService) -> Iterator[tuple[str, Any]]:
    """Yield the path and the JSON of all that is copied into pods; variables are merged by name."""
    spec = nim.spec
    yield "volumes", spec.volumes
    yield "lifecycle", spec.lifecycle
    yield "affinity", spec.affinity
    yield "podAffinity", spec.pod_affinity
    yield "topologySpreadConstraints", spec.topology_spread_constraints
    yield "resources", spec.resources
    yield "podSecurityContext", spec.pod_security_context
    yield "livenessProbe.probe", spec.liveness_probe.probe
    yield "readinessProbe.probe", spec.readiness_probe.probe
    yield "startupProbe.probe", spec.startup_probe.probe
    for path, container in nim.extra_containers:
        yield from _of_container(path, container)
    if picker := spec.expose.router.epp_config:
        path = "expose.router.eppConfig"
        yield f"{path}.ports", picker.ports
        yield f"{path}.livenessProbe", picker.liveness_probe
        yield f"{path}.readinessProbe", picker.readiness_probe
        yield f"{path}.startupProbe", picker.startup_probe


def _of_container(path: str, container: ExtraContainer) -> Iterator[tuple[str, Any]]:
    yield f"{path}.ports", container.ports
    yield f"{path}.resources", container.resources
    yield f"{path}.livenessProbe", container.liveness_probe
    yield f"{path}.readinessProbe", container.readiness_probe
    yield f"{path}.startupProbe", container.startup_probe


def _repeats(path: str, value: Any) -> Iterator[Problem]:
    """Yield what repeats at any depth, but not in lists that are replaced whole."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _repeats(f"{path}.{name}", item)
    if not isinstance(value, list) or (key := threeway.merge_key(value)) is None:
        return
    seen: set[str] = set()
    for index, item in enumerate(value):
        if (text := threeway.text_of(item[key])) in seen:
            remedy = _REMEDIES.get(key, "keep one of them")
            yield Problem(f"{path}[{index}].{key}", f"gives {text} a second time", remedy)
        seen.add(text)
        yield from _repeats(f"{path}[{index}]", item)


_REMEDIES = {"containerPort": "give one protocol, or another number"}
"""What to do where two entries are legal in Kubernetes: a port by TCP and by UDP."""
