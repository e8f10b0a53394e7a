"""Admission: checks offline whether the API server would accept an object."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hooks.kernel import dnsname, observed
from hooks.kernel.api.model import without_null
from hooks.kernel.crd import shipped, structure, unknown
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON

API_VERSION = "apps.nvidia.com/v1alpha1"
_TEXTS: JSON = {"type": "object", "additionalProperties": {"type": "string"}}
# The metadata that users write. A CRD leaves its schema to the API server.
_METADATA: JSON = {
    "type": "object",
    "properties": {
        **{each: {"type": "string"} for each in ("name", "generateName", "namespace")},
        "labels": _TEXTS,
        "annotations": _TEXTS,
    },
    "x-kubernetes-preserve-unknown-fields": True,
}


def kinds() -> list[str]:
    """Return the kinds that can be checked."""
    return list(shipped.schemas())


def problems(
    manifest: JSON,
    old: JSON | None = None,
    *,
    written: structure.Written = lambda _: None,
    hint: unknown.Hint = unknown.beside,
) -> list[Problem]:
    """Return every reason to refuse an object, and every field that the API server would drop.

    The check skips the status, because the API server ignores it in a user's request. Rules about
    changes need the ``old`` object. ``written`` and ``hint`` word what is wrong in a file.
    """
    schema = shipped.schemas()[manifest["kind"]]
    given = {key: value for key, value in without_null(manifest).items() if key != "status"}
    schema = {**schema, "properties": {**schema["properties"], "metadata": _METADATA}}
    found = [*_envelope(given), *unknown.find(given, schema, "", hint)]
    complete = with_defaults(given, schema)
    wrong = list(structure.check(complete, schema, "", written))
    if wrong:
        return found + wrong
    from hooks.kernel.crd import rules  # noqa: PLC0415 - loading CEL takes a quarter of a second

    if any(problem.path == "metadata.name" for problem in found):
        # Rules about the name would only repeat that it is invalid.
        schema = {**schema, "x-kubernetes-validations": []}
    before = {} if old is None else {"old": with_defaults(without_null(old), schema)}
    refused = rules.evaluate(named(complete), schema, "", **before)
    return found + [_of_name(problem, complete) for problem in refused]


def _of_name(problem: Problem, manifest: JSON) -> Problem:
    """Return a problem at the name that a rule means; the path of a rule ends at the metadata."""
    name, _, rest = problem.message.partition(" ")
    if (problem.path, name) != ("metadata", "metadata.name"):
        return problem
    if manifest["metadata"].get("name"):
        return problem._replace(path=name, message=rest)
    return problem._replace(path="metadata.generateName")


def named(manifest: JSON) -> JSON:
    """Return an object with a name: one with a generateName gets the name that it might have."""
    metadata = manifest.get("metadata") or {}
    if metadata.get("name") or not isinstance(metadata.get("generateName"), str):
        return manifest
    return {**manifest, "metadata": {**metadata, "name": f"{metadata['generateName']}x7k2q"}}


def pruned(manifest: JSON) -> JSON:
    """Return an object without the fields that the API server would drop."""
    known = shipped.schemas()[manifest["kind"]]
    kept: JSON = _known(
        manifest, {**known, "properties": {**known["properties"], "metadata": _METADATA}}
    )
    return kept


def _known(value: Any, schema: JSON) -> Any:
    if isinstance(value, list):
        return [_known(item, schema.get("items", {})) for item in value]
    fields = schema.get("properties")
    if not isinstance(value, dict) or fields is None:
        return value
    return {
        name: _known(part, fields.get(name, {}))
        for name, part in value.items()
        if name in fields or schema.get("x-kubernetes-preserve-unknown-fields")
    }


def stored(manifest: JSON) -> JSON:
    """Return an object of this API with the defaults of its kind's schema."""
    complete: JSON = with_defaults(manifest, shipped.schemas()[manifest["kind"]])
    return complete


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
    elif isinstance(name, str) and not dnsname.is_subdomain(name):
        yield Problem(
            "metadata.name",
            "must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends",
        )
