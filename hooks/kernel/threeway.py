"""Three-way merge: dynamic apply's merge of observed, last applied and desired values."""

from typing import Any

from hooks.kernel.manifest import Manifest

MERGE_KEYS = ("containerPort", "port", "mountPath", "name", "uid", "ip", "path")
"""The keys by which lists are guessed to be maps, in the order in which they are tried."""


def merged(observed: Manifest, last: Manifest, desired: Manifest) -> Manifest:
    """Return the observed map with the desired fields, without fields only last applied."""
    result = {key: value for key, value in observed.items() if key not in last or key in desired}
    for key, value in desired.items():
        result[key] = _value(observed.get(key), last.get(key), value)
    return result


def _value(observed: Any, last: Any, desired: Any) -> Any:
    """Merge by the type of the observed value; a value of another type counts as empty."""
    if isinstance(observed, dict):
        return merged(
            observed, *(value if isinstance(value, dict) else {} for value in (last, desired))
        )
    if isinstance(observed, list):
        return _list(
            observed, *(value if isinstance(value, list) else [] for value in (last, desired))
        )
    return desired


def _list(observed: list[Any], last: list[Any], desired: list[Any]) -> list[Any]:
    key = merge_key([*observed, *last, *desired])
    if key is None:
        return desired
    have, had, want = (
        {text_of(item[key]): item for item in items} for items in (observed, last, desired)
    )
    result = merged(have, had, want)
    slots = [text_of(item[key]) for item in observed]
    added = [name for name in want if name not in have]
    return [result[name] for name in [*slots, *added] if name in result]


def merge_key(items: list[Any]) -> str | None:
    """Return the key by which these items are told apart, or None if the list is replaced whole."""
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    return next((key for key in MERGE_KEYS if all(key in item for item in items)), None)


def text_of(value: Any) -> str:
    """Return a key's value as text: 80 and "80" are one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
