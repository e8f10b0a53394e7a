"""Admission: checks offline whether the API server would accept an object."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hooks.kernel import observed
from hooks.kernel.api.kubernetes import JSON
from hooks.kernel.api.model import without_null
from hooks.kernel.crd import shipped, structure, unknown
from hooks.kernel.crd.structure import Problem

API_VERSION = "apps.nvidia.com/v1alpha1"
_TEXTS: JSON = {"type": "object", "additionalProperties": {"type": "string"}}
# The metadata that users write. A CRD leaves its schema to the API server.
_METADATA: JSON = {
    "type": "object",
    "properties": {"labels": _TEXTS, "annotations": _TEXTS, "namespace": {"type": "string"}},
    "x-kubernetes-preserve-unknown-fields": True,
}
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def kinds() -> list[str]:
    """Return the kinds that can be checked."""
    return list(shipped.schemas())


def problems(manifest: JSON, old: JSON | None = None) -> list[Problem]:
    """Return every reason to refuse an object, and every field that the API server would drop.

    The check skips the status, because the API server ignores it in a user's request. Rules about
    changes need the ``old`` object.
    """
    schema = shipped.schemas()[manifest["kind"]]
    given = {key: value for key, value in without_null(manifest).items() if key != "status"}
    schema = {**schema, "properties": {**schema["properties"], "metadata": _METADATA}}
    found = [*_envelope(given), *unknown.find(given, schema, "", schema)]
    complete = with_defaults(given, schema)
    wrong = list(structure.check(complete, schema, ""))
    if wrong:
        return found + wrong
    from hooks.kernel.crd import rules  # noqa: PLC0415 - loading CEL takes a quarter of a second

    if any(problem.path == "metadata.name" for problem in found):
        # Rules about the name would only repeat that it is invalid.
        schema = {**schema, "x-kubernetes-validations": []}
    before = {} if old is None else {"old": with_defaults(without_null(old), schema)}
    return found + list(rules.evaluate(complete, schema, "", **before))


def with_defaults(value: Any, schema: JSON) -> Any:
    """Return a value with the defaults of its schema, as the API server stores it."""
    if isinstance(value, list):
        return [with_defaults(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    defaults = {
        name: deepcopy(part["default"])
        for name, part in properties.items()
        if "default" in part and name not in value
    }
    extra = schema.get("additionalProperties")
    inner = {
        name: properties.get(name) or (extra if isinstance(extra, dict) else {}) for name in value
    }
    return {name: with_defaults(part, inner[name]) for name, part in value.items()} | defaults


def _envelope(manifest: JSON) -> Iterator[Problem]:
    if manifest.get("apiVersion") != API_VERSION:
        yield Problem("apiVersion", f'must be {API_VERSION}, is "{manifest.get("apiVersion")}"')
    metadata = observed.metadata(manifest)
    name = metadata.get("name")
    if name is None and not metadata.get("generateName"):
        yield Problem("metadata.name", "is required", "give the object a name")
    elif name is not None and (
        not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > 253
    ):
        yield Problem(
            "metadata.name",
            "must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends",
        )
