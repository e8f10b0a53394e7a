"""Hold: a child exactly as it was last applied, for as long as an input for it is missing.

Leaving a child out of an answer deletes it, and building it from half of its inputs restarts its pods. So it is answered with
what was applied before: dynamic apply keeps that in an annotation, server-side apply in ``managedFields``.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from hooks.kernel.manifest import Manifest

LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration"
OWNER_LABEL = "controller-uid"

KSERVE_CONTAINER = "kserve-container"
"""What KServe's webhook calls the only container of an InferenceService."""

_METADATA = ("name", "namespace", "labels", "annotations")


def last_applied(child: Manifest, field_manager: str) -> Manifest:
    """Return an observed child as it was last applied.

    Args:
        child: the child as observed.
        field_manager: whose fields count where the child was applied by the server.
    """
    applied = last_annotation(child) or _owned(child, field_manager) or child
    metadata = applied.get("metadata") or {}
    kept = {key: metadata[key] for key in _METADATA if metadata.get(key)}
    kept |= {"name": child["metadata"]["name"], "namespace": child["metadata"].get("namespace")}
    if labels := {key: value for key, value in _texts(kept.get("labels")) if key != OWNER_LABEL}:
        kept["labels"] = labels
    else:
        kept.pop("labels", None)
    if annotations := {
        key: value for key, value in _texts(kept.get("annotations")) if key != LAST_APPLIED
    }:
        kept["annotations"] = annotations
    else:
        kept.pop("annotations", None)
    rest = {
        key: value
        for key, value in applied.items()
        if key not in ("metadata", "status", "apiVersion", "kind")
    }
    return {
        "apiVersion": child["apiVersion"],
        "kind": child["kind"],
        "metadata": kept,
        **_scaled(child, _renamed(child, rest)),
    }


def _scaled(child: Manifest, applied: Manifest) -> Manifest:
    """Return what was applied with the number of replicas there is: an autoscaler may have changed it since, and holding scales nothing."""
    spec, current = applied.get("spec"), (child.get("spec") or {}).get("replicas")
    if not isinstance(spec, dict) or "replicas" not in spec or current is None:
        return applied
    return {**applied, "spec": {**spec, "replicas": current}}


def _renamed(child: Manifest, applied: Manifest) -> Manifest:
    """Return what was applied with the name that KServe gave the only container: under its old name it would be a second one."""
    if child["kind"] != "InferenceService":
        return applied
    predictor, observed = (
        (each.get("spec") or {}).get("predictor") or {} for each in (applied, child)
    )
    containers = predictor.get("containers") or []
    if len(containers) != 1 or [each.get("name") for each in observed.get("containers") or []] != [
        KSERVE_CONTAINER
    ]:
        return applied
    return {
        **applied,
        "spec": {
            **applied["spec"],
            "predictor": {**predictor, "containers": [{**containers[0], "name": KSERVE_CONTAINER}]},
        },
    }


def _texts(given: Any) -> Iterator[tuple[str, str]]:
    """Yield labels or annotations; the record is a text that people can edit, and one other value fails the whole sync."""
    return (
        ((key, value) for key, value in given.items() if isinstance(value, str))
        if isinstance(given, dict)
        else iter(())
    )


def applied_by_server(child: Manifest, field_manager: str) -> Manifest | None:
    """Return the fields of a child (as fieldsV1) that a manager owns by server-side apply, or None where it owns none."""
    for entry in (child.get("metadata") or {}).get("managedFields") or []:
        if _applies(entry, field_manager):
            fields = entry.get("fieldsV1")
            return fields if isinstance(fields, dict) else None
    return None


def applied_at(child: Manifest, field_manager: str) -> str | None:
    """Return when the server last changed what a manager applies to a child, or None where something else than the server applies it."""
    if last_annotation(child) is not None:
        return None
    entries = (child.get("metadata") or {}).get("managedFields") or []
    return next((entry.get("time") for entry in entries if _applies(entry, field_manager)), None)


def _applies(entry: Manifest, field_manager: str) -> bool:
    return (
        entry.get("manager") == field_manager
        and entry.get("operation") == "Apply"
        and not entry.get("subresource")
    )


def last_annotation(child: Manifest) -> Manifest | None:
    """Return what dynamic apply recorded on a child, or None where it recorded nothing, or somebody wrote nonsense into it."""
    annotation = ((child.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED)
    try:
        document = orjson.loads(annotation) if isinstance(annotation, str) else None
    except orjson.JSONDecodeError:
        return None
    alike = isinstance(document, dict) and all(
        isinstance(document[key], type(child[key])) for key in document.keys() & child.keys()
    )
    return document if alike else None


def _owned(child: Manifest, field_manager: str) -> Manifest | None:
    fields = applied_by_server(child, field_manager)
    return _pick(child, fields) if fields else None


def _pick(value: Any, fields: Manifest) -> Any:
    """Return the parts of a value that fieldsV1 names: ``f:`` a key, ``k:`` an item by its keys, ``v:`` an item by its value."""
    if isinstance(value, dict):
        named = {
            key[2:]: below if isinstance(below, dict) else {}
            for key, below in fields.items()
            if key.startswith("f:")
        }
        return {
            key: _pick(item, named[key]) if named[key] else item
            for key, item in value.items()
            if key in named
        }
    if isinstance(value, list):
        entries = _Entries(fields)
        return [
            _pick(item, below) if below else item
            for item in value
            if (below := entries.of(item)) is not None
        ]
    return value


class _Entries:
    """What fieldsV1 says of the items of a list; read once, since a search through all of it for each item takes seconds for thousands."""

    def __init__(self, fields: Manifest) -> None:
        self._keyed: dict[tuple[str, ...], dict[bytes, Manifest]] = {}
        self._values: set[bytes] = set()
        for key, below in fields.items():
            if key.startswith("k:"):
                keys = orjson.loads(key[2:])
                self._keyed.setdefault(tuple(sorted(keys.keys())), {})[_text(keys)] = (
                    below if isinstance(below, dict) else {}
                )
            elif key.startswith("v:"):
                self._values.add(_text(orjson.loads(key[2:])))

    def of(self, item: Any) -> Manifest | None:
        """Return the fields of an item, none for the whole of it, or None where the item is not among them."""
        if isinstance(item, dict):
            for names, found in self._keyed.items():
                below = found.get(_text({name: item.get(name) for name in names}))
                if below is not None:
                    return below
        return {} if self._values and _text(item) in self._values else None


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
