"""Amounts: the compute resources of a container."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hooks.cli.later import names
from hooks.kernel import quantity
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.kernel.observed import mapping
from hooks.kernel.spelling import nearest

_OWN_RESOURCES = re.compile(r"cpu|memory|ephemeral-storage|hugepages-.+")

_GPUS = {
    "gpu",
    "gpus",
    "nvidia/gpu",
    "nvidia.com/gpus",
    "nvidia.gpu",
    "nvidia-gpu",
    "nvidia.com-gpu",
}


def of_container(resources: JSON, path: str) -> Iterator[Problem]:
    """Yield what is wrong with the resources of a container."""
    requests, limits = mapping(resources.get("requests")), mapping(resources.get("limits"))
    for part, amounts in (("requests", requests), ("limits", limits)):
        for name, amount in amounts.items():
            yield from _amount(name, amount, f"{path}.{part}[{name}]")
    for name, amount in requests.items():
        asked, most = _value(amount), _value(limits.get(name))
        here = f"{path}.requests[{name}]"
        if _extended(name) and name not in limits:
            yield Problem(
                here, "is an extended resource, which needs a limit", f"set {path}.limits[{name}]"
            )
        elif asked is None or most is None:
            continue
        elif _extended(name) and asked != most:
            yield Problem(
                here,
                f"is {amount}, and its limit is {limits[name]}",
                "make them equal, because an extended resource cannot be shared",
            )
        elif asked > most:
            yield Problem(
                here,
                f"is {amount}, more than its limit of {limits[name]}",
                f"lower it, or raise {path}.limits[{name}]",
            )


def _amount(name: str, amount: Any, path: str) -> Iterator[Problem]:
    if name.lower() in _GPUS:
        yield Problem(path, "is no resource of Kubernetes", "write it as nvidia.com/gpu")
        return
    if "/" not in name and not _OWN_RESOURCES.fullmatch(name):
        meant = nearest(name, ("cpu", "memory", "ephemeral-storage"))
        yield Problem(
            path,
            "is no resource of Kubernetes",
            meant or "use cpu, memory, ephemeral-storage, or a name such as nvidia.com/gpu",
        )
        return
    if "/" in name:
        yield from names.of_keys({name: ""}, path.removesuffix(f"[{name}]"))
    value = Decimal(str(amount)) if isinstance(amount, float) else _value(amount)
    if value is not None and value < 0:
        yield Problem(path, f"must be 0 or more, is {amount}")
    elif value is not None and _extended(name) and value != int(value):
        yield Problem(
            path,
            f"is {amount}, and a fraction of {name} cannot be had",
            "use a whole number; MIG or time-slicing share a GPU, by the GPU operator"
            if "gpu" in name
            else "use a whole number",
        )


def _extended(name: str) -> bool:
    return "/" in name and not name.startswith("kubernetes.io/")


def _value(amount: Any) -> Decimal | None:
    if not isinstance(amount, int | str) or isinstance(amount, bool):
        return None
    try:
        return quantity.value(amount)
    except quantity.InvalidQuantity:
        return None
