"""Placement: tolerations and affinity."""

from collections.abc import Iterator

from hooks.cli.later import names
from hooks.cli.later.values import mappings, no_choice
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.kernel.observed import mapping

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def tolerations(tolerations: list[JSON], path: str) -> Iterator[Problem]:
    """Yield what is wrong with tolerations."""
    for index, each in enumerate(tolerations):
        here, operator = f"{path}[{index}]", each.get("operator") or "Equal"
        if operator not in ("Equal", "Exists"):
            yield no_choice(f"{here}.operator", operator, ("Equal", "Exists"))
        elif operator == "Exists" and each.get("value"):
            yield Problem(
                f"{here}.value",
                "must be empty beside the operator Exists",
                "remove it, or the operator",
            )
        elif operator == "Equal" and not each.get("key"):
            yield Problem(
                here, "has no key", "set key, or set operator to Exists to tolerate everything"
            )
        if (effect := each.get("effect")) and effect not in _EFFECTS:
            yield no_choice(f"{here}.effect", effect, _EFFECTS)
        if each.get("tolerationSeconds") is not None and effect != "NoExecute":
            yield Problem(
                f"{here}.tolerationSeconds",
                "needs the effect NoExecute",
                "set effect, or remove it",
            )
        yield from names.of_keys({each.get("key"): ""} if each.get("key") else {}, f"{here}.key")


def affinity(affinity: JSON, path: str) -> Iterator[Problem]:
    """Yield what is wrong with an affinity."""
    nodes = mapping(affinity.get("nodeAffinity"))
    required = mapping(nodes.get("requiredDuringSchedulingIgnoredDuringExecution"))
    here = f"{path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
    for index, term in enumerate(mappings(required.get("nodeSelectorTerms"))):
        yield from _expressions(term, f"{here}.nodeSelectorTerms[{index}]", _OPERATORS)
    here = f"{path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution"
    preferred = mappings(nodes.get("preferredDuringSchedulingIgnoredDuringExecution"))
    for index, each in enumerate(preferred):
        yield from _weight(each, f"{here}[{index}]")
        term = mapping(each.get("preference"))
        yield from _expressions(term, f"{here}[{index}].preference", _OPERATORS)
    for field in ("podAffinity", "podAntiAffinity"):
        yield from pod_affinity(mapping(affinity.get(field)), f"{path}.{field}")


def pod_affinity(affinity: JSON, path: str) -> Iterator[Problem]:
    """Yield what is wrong with the affinity to pods."""
    here = f"{path}.requiredDuringSchedulingIgnoredDuringExecution"
    for index, term in enumerate(
        mappings(affinity.get("requiredDuringSchedulingIgnoredDuringExecution"))
    ):
        yield from _term(term, f"{here}[{index}]")
    here = f"{path}.preferredDuringSchedulingIgnoredDuringExecution"
    for index, each in enumerate(
        mappings(affinity.get("preferredDuringSchedulingIgnoredDuringExecution"))
    ):
        yield from _weight(each, f"{here}[{index}]")
        yield from _term(mapping(each.get("podAffinityTerm")), f"{here}[{index}].podAffinityTerm")


def _term(term: JSON, path: str) -> Iterator[Problem]:
    for field in ("labelSelector", "namespaceSelector"):
        yield from _expressions(mapping(term.get(field)), f"{path}.{field}", _OPERATORS[:4])


def _weight(entry: JSON, path: str) -> Iterator[Problem]:
    weight = entry.get("weight")
    if type(weight) is int and not 1 <= weight <= 100:
        yield Problem(f"{path}.weight", f"must be from 1 to 100, is {weight}")


def _expressions(selector: JSON, path: str, operators: tuple[str, ...]) -> Iterator[Problem]:
    for index, each in enumerate(mappings(selector.get("matchExpressions"))):
        here, operator = f"{path}.matchExpressions[{index}]", each.get("operator")
        values = each.get("values")
        if isinstance(operator, str) and operator not in operators:
            yield no_choice(f"{here}.operator", operator, operators)
        elif operator in ("In", "NotIn") and not values:
            yield Problem(f"{here}.values", f"is required with the operator {operator}", "set it")
        elif operator in ("Exists", "DoesNotExist") and values:
            yield Problem(f"{here}.values", f"must be empty beside {operator}", "remove it")
