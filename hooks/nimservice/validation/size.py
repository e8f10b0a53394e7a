"""Size: specs whose children would be too large, or too slow to make."""

from typing import Any

import orjson

from hooks.kernel.crd.structure import Problem
from hooks.nimservice.api.nimservice import NIMService


def first(nim: NIMService) -> Problem | None:
    """Return what of a spec is too large, or None."""
    return _bulk(nim) or _labels(nim) or _picker(nim)


def _bulk(nim: NIMService) -> Problem | None:
    """Refuse a pod that is too large to store.

    Every container repeats the variables, so a small spec can make a pod that fills the memory.
    """
    containers = 1 + len(nim.extra_containers)
    size = containers * (len(orjson.dumps(nim.spec.env)) + _CONTAINER) if containers > 1 else 0
    if size <= _LARGEST_POD:
        return None
    many = f"{len(nim.spec.env)} variables in each of {containers} containers"
    return Problem(
        "spec.env",
        f"{many} make a pod of {size // 1000} kB, too large for the API server",
        "use fewer variables or containers",
    )


def _labels(nim: NIMService) -> Problem | None:
    """Refuse labels that fill the memory: every child repeats them, its pods twice."""
    size = len(orjson.dumps(nim.spec.labels))
    if size <= _LARGEST_LABELS:
        return None
    return Problem(
        "spec.labels",
        f"have {size // 1000} kB, and every child repeats them",
        f"use annotations, or labels of {_LARGEST_LABELS // 1000} kB at most",
    )


_LARGEST_LABELS = 8000
"""Bytes of all labels: those of two dozen children are then less than a pod may have."""


def _picker(nim: NIMService) -> Problem | None:
    """Refuse a picker's configuration of very many values: writing each as YAML takes time."""
    picker = nim.spec.expose.router.epp_config
    if picker is None or picker.config is None:
        return None
    count = _values(picker.config.given())
    if count <= _MOST_VALUES:
        return None
    return Problem(
        "spec.expose.router.eppConfig.config",
        f"has {count} values, and {_MOST_VALUES} are the most",
        "shorten it, or name a ConfigMap in configMapRef",
    )


_MOST_VALUES = 4000
"""Values of a picker's configuration: some 30 ms of processor time."""


def _values(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_values, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_values, value))
    return 1


_LARGEST_POD = 200_000
"""Bytes of all containers: dynamic apply adds a copy in an annotation, which has 256 KiB."""

_CONTAINER = 500
"""Bytes of a container that has only what the hooks add."""
