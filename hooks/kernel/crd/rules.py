"""Rules: the CEL rules of a schema, evaluated as the API server does."""

import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

# The package imports its own command line with a prompt and colours: six times its own cost.
sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))

import cel  # noqa: E402
from cel import stdlib  # noqa: E402

from hooks.kernel import quantity  # noqa: E402
from hooks.kernel.api.model import NAMESPACE, ONLY_NEW  # noqa: E402
from hooks.kernel.crd.structure import Problem, join  # noqa: E402
from hooks.kernel.document import JSON  # noqa: E402

_ABSENT = object()


def evaluate(value: Any, schema: JSON, path: str, old: Any = _ABSENT) -> Iterator[Problem]:
    """Yield the rules that a value breaks; rules about changes are skipped without an old value."""
    for rule in schema.get("x-kubernetes-validations", ()):
        only_new, about_change = rule.get("optionalOldSelf", False), "oldSelf" in rule["rule"]
        if about_change and (old is _ABSENT) != only_new:
            continue
        text = rule["rule"].removeprefix(ONLY_NEW)
        if not _holds(
            text, {"self": value} | ({"oldSelf": old} if about_change and not only_new else {})
        ):
            place = (path + rule.get("fieldPath", "")).removeprefix(".")
            yield Problem(place, rule["message"])
    if isinstance(value, dict):
        before = old if isinstance(old, dict) else {}
        for name, part in value.items():
            if name in schema.get("properties", {}):
                yield from evaluate(
                    part, schema["properties"][name], join(path, name), before.get(name, _ABSENT)
                )
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from evaluate(
                    part,
                    schema["additionalProperties"],
                    f"{path}[{name}]",
                    before.get(name, _ABSENT),
                )
    elif isinstance(value, list):
        entries = _by_keys(old, schema)
        for index, item in enumerate(value):
            was = entries.get(_keys(item, schema), _ABSENT)
            yield from evaluate(item, schema.get("items", {}), f"{path}[{index}]", was)


def _by_keys(old: Any, schema: JSON) -> dict[str, Any]:
    """Return the entries of an old list by their keys, if the list is a map; else none."""
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(old, list):
        return {}
    return {_keys(item, schema): item for item in old}


def _keys(item: Any, schema: JSON) -> str:
    keys = schema.get("x-kubernetes-list-map-keys", ())
    return repr([item.get(key) if isinstance(item, dict) else item for key in keys])


def _holds(rule: str, variables: JSON) -> bool:
    context = cel.Context(variables=variables, functions=_FUNCTIONS)
    stdlib.add_stdlib_to_context(context, ["strings"])
    try:
        return _compiled(rule).execute(context) is True
    except (KeyError, RuntimeError, TypeError, ValueError):
        return False  # the API server, too, counts a rule that fails to evaluate as broken


@cache
def _compiled(rule: str) -> cel.Program:
    return cel.compile(rule.replace(NAMESPACE, "namespace"))  # not reserved in this evaluator


def _is_quantity(text: str) -> bool:
    try:
        quantity.value(text)
    except quantity.InvalidQuantity:
        return False
    return True


# Kubernetes' extensions of CEL. An amount is a float here, which is exact enough to compare.
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "isQuantity": _is_quantity,
    "quantity": lambda text: float(quantity.value(text)),
    "isGreaterThan": lambda amount, other: amount > other,
    "isLessThan": lambda amount, other: amount < other,
    "compareTo": lambda amount, other: (amount > other) - (amount < other),
}
