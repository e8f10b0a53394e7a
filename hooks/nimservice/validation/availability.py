"""Availability: how many pods may be away, where they stand and how they end, as Kubernetes has it.

It would refuse the objects that are made of such a spec, each at every sync.
"""

import re
from collections.abc import Iterator

from hooks.kernel.crd.structure import Problem
from hooks.nimservice.api.nimservice import NIMService


def first(nim: NIMService) -> Problem | None:
    """Return the first field that Kubernetes would refuse, or None."""
    checks = (_budget, _strategy, _spread, _lifecycle)
    return next((problem for check in checks for problem in check(nim)), None)


def _budget(nim: NIMService) -> Iterator[Problem]:
    if budget := nim.spec.pod_disruption_budget:
        path = "spec.podDisruptionBudget"
        yield from _share(f"{path}.minAvailable", budget.min_available)
        yield from _share(f"{path}.maxUnavailable", budget.max_unavailable)


def _strategy(nim: NIMService) -> Iterator[Problem]:
    rolling = (nim.spec.strategy or {}).get("rollingUpdate", {})
    path = "spec.strategy.rollingUpdate"
    away, more = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    yield from _share(f"{path}.maxUnavailable", away)
    yield from _share(f"{path}.maxSurge", more, most=None)
    if away is not None and not _number(away) and not _number(more or 0):
        yield Problem(
            f"{path}.maxSurge", "must be more than 0 where maxUnavailable is 0", "set it to 1"
        )


def _share(path: str, amount: int | str | None, most: int | None = 100) -> Iterator[Problem]:
    """Yield what is wrong with a number of pods or a percentage, of ``most`` at most."""
    if isinstance(amount, int) and amount < 0:
        yield Problem(path, f"must be 0 or more, is {amount}", "correct it")
    if not isinstance(amount, str):
        return
    if not _PERCENTAGE.fullmatch(amount):
        number = re.fullmatch("[0-9]{1,9}", amount)
        remedy = "remove the quotes" if number else "write it as 1 or 25%"
        cause = "is text" if number else "is neither a number nor a percentage"
        yield Problem(path, f"{amount} {cause}", remedy)
    elif most is not None and _number(amount) > most:
        yield Problem(path, f"{amount} is more than {most}%", "correct it")


_PERCENTAGE = re.compile("[0-9]{1,9}%")


def _number(amount: int | str) -> int:
    return amount if isinstance(amount, int) else int(amount.removesuffix("%"))


def _spread(nim: NIMService) -> Iterator[Problem]:
    for index, given in enumerate(nim.spec.topology_spread_constraints):
        path = f"spec.topologySpreadConstraints[{index}]"
        skew = given.get("maxSkew")
        if not isinstance(skew, int) or skew < 1:
            yield Problem(f"{path}.maxSkew", "must be a number of 1 or more", "set it to 1")
        if not given.get("topologyKey"):
            yield Problem(
                f"{path}.topologyKey",
                "must not be empty",
                "name a label of nodes, such as topology.kubernetes.io/zone",
            )
        if given.get("whenUnsatisfiable") not in _UNSATISFIABLE:
            yield Problem(
                f"{path}.whenUnsatisfiable", f"must be {' or '.join(_UNSATISFIABLE)}", "set it"
            )


_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")


def _lifecycle(nim: NIMService) -> Iterator[Problem]:
    for hook in ("postStart", "preStop"):
        given = (nim.spec.lifecycle or {}).get(hook)
        if isinstance(given, dict) and sum(way in given for way in _HANDLERS) != 1:
            yield Problem(
                f"spec.lifecycle.{hook}",
                f"must have exactly one of {', '.join(_HANDLERS)}",
                "give one, or remove it",
            )


_HANDLERS = ("exec", "httpGet", "sleep", "tcpSocket")
