"""Metadata: the fields that the API server writes, and the rules for those of users."""

import re
from collections.abc import Iterator

from hooks.cluster.api import BadRequest, Object

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LABEL_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_KEY = re.compile(
    r"(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
)
_ANNOTATIONS = 256 * 1024
"""Bytes that the annotations of one object may have together."""

SYSTEM = (
    "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink",
)  # fmt: skip
"""What only the API server writes."""


def check_strings(obj: Object) -> None:
    """Raise BadRequest if metadata is malformed, or a label or annotation is not a string."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        raise BadRequest("metadata must be an object")
    for field in ("labels", "annotations"):
        for key, value in (metadata.get(field) or {}).items():
            if value is not None and not isinstance(value, str):
                raise BadRequest(
                    f"json: cannot unmarshal {type(value).__name__} into metadata.{field}[{key}] of type string"
                )


def problems(obj: Object) -> Iterator[str]:
    """Yield what the API server refuses in metadata."""
    metadata = obj["metadata"]
    name = metadata.get("name") or ""
    if obj["kind"] == "Service" and (len(name) > 63 or not _LABEL_NAME.fullmatch(name)):
        yield f'metadata.name: Invalid value: "{name}": a DNS-1035 label of at most 63 characters is needed'
    elif obj["apiVersion"].startswith("rbac."):
        if "/" in name or "%" in name or name in (".", ".."):
            yield f'metadata.name: Invalid value: "{name}"'
    elif len(name) > 253 or not _SUBDOMAIN.fullmatch(name):
        yield f'metadata.name: Invalid value: "{name}": a lowercase RFC 1123 subdomain of at most 253 characters is needed'
    for key, value in (metadata.get("labels") or {}).items():
        if len(value) > 63 or not _LABEL_VALUE.fullmatch(value):
            yield f'metadata.labels: Invalid value: "{value}": a label has at most 63 letters, digits, "-", "_" and "."'
        yield from _key_problems(key, "labels")
    annotations = metadata.get("annotations") or {}
    for key in annotations:
        yield from _key_problems(key, "annotations")
    if (
        sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
        > _ANNOTATIONS
    ):
        yield f"metadata.annotations: Too long: may not be more than {_ANNOTATIONS} bytes"
    if sum(owner.get("controller") is True for owner in metadata.get("ownerReferences") or []) > 1:
        yield "metadata.ownerReferences: Invalid value: Only one reference can have Controller set to true"


def _key_problems(key: str, field: str) -> Iterator[str]:
    if not _KEY.fullmatch(key) or len(key.rpartition("/")[2]) > 63:
        yield f'metadata.{field}: Invalid value: "{key}": a name of at most 63 characters with an optional prefix and "/" is needed'


def without_empty(metadata: Object) -> Object:
    """Return metadata without nulls and empty optionals."""
    return {name: value for name, value in metadata.items() if value not in (None, "", [], {})}
