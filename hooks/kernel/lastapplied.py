"""Last applied: an existing child exactly as Metacontroller last applied it.

A child is held this way while an input for it is missing. Leaving it out of an answer would delete
it, and building it from incomplete inputs would restart its pods. Dynamic apply records what was
applied in an annotation, server-side apply in ``managedFields``.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from hooks.kernel.manifest import Manifest

LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration"
OWNER_LABEL = "controller-uid"

KSERVE_CONTAINER = "kserve-container"
"""The name that KServe's webhook gives to the only container of an InferenceService."""

_METADATA = ("name", "namespace", "labels", "annotations")


def last_applied(child: Manifest, field_manager: str) -> Manifest:
    """Return an observed child as it was last applied.

    Args:
        child: the observed child.
        field_manager: the manager whose fields count under server-side apply.
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
    """Return the applied fields with the observed number of replicas, so that a hold never scales.

    An autoscaler may have changed the number since it was applied.
    """
    spec, current = applied.get("spec"), (child.get("spec") or {}).get("replicas")
    if not isinstance(spec, dict) or "replicas" not in spec or current is None:
        return applied
    return {**applied, "spec": {**spec, "replicas": current}}


def _renamed(child: Manifest, applied: Manifest) -> Manifest:
    """Return the applied fields with KServe's name for the only container.

    Under its old name the container would be a second one.
    """
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
    """Yield the labels or annotations that are text.

    People can edit the record, and a single value of another type fails the whole sync.
    """
    return (
        ((key, value) for key, value in given.items() if isinstance(value, str))
        if isinstance(given, dict)
        else iter(())
    )


def applied_by_server(child: Manifest, field_manager: str) -> Manifest | None:
    """Return the fields (as fieldsV1) that a manager owns by server-side apply, or None."""
    for entry in (child.get("metadata") or {}).get("managedFields") or []:
        if _applies(entry, field_manager):
            fields = entry.get("fieldsV1")
            return fields if isinstance(fields, dict) else None
    return None


def applied_at(child: Manifest, field_manager: str) -> str | None:
    """Return when a manager's server-side apply last changed a child; None under dynamic apply."""
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
    """Return what dynamic apply recorded on a child, or None for no record or an invalid one."""
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
    """Return the parts of a value that fieldsV1 names.

    ``f:`` names a key, ``k:`` an item by its keys, ``v:`` an item by its value.
    """
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
    """The items of a list that fieldsV1 names, indexed: a search for each of thousands is slow."""

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
        """Return the fields of an item, an empty map for all of it, or None if it is not named."""
        if isinstance(item, dict):
            for names, found in self._keyed.items():
                below = found.get(_text({name: item.get(name) for name in names}))
                if below is not None:
                    return below
        return {} if self._values and _text(item) in self._values else None


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
