"""Stored: objects as a real cluster would hold them, and what Metacontroller sends about a parent
of any resource.

A child is made observed by ``applied``: it gets what Metacontroller and the API server add. So a
test cannot start from an object that no cluster would hold.
"""

import copy
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import orjson

from hooks.kernel import lastapplied
from hooks.kernel.condition import timestamp
from hooks.kernel.context import Context
from hooks.kernel.document import JSON
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import without_none
from hooks.kernel.owner import owner_reference
from hooks.kernel.protocol import HookRequest, decode
from hooks.kernel.resource import Resource
from hooks.preview import installation
from hooks.resources import RESOURCES

NAMESPACE = "nim"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EARLIER = "2026-03-01T11:00:00Z"

DYNAMIC, SERVER_SIDE = "dynamic-apply", "server-side-apply"

SERVED = {each.kind.kind: each for each in RESOURCES}
"""The resources by the kind of their parents."""


stamp = timestamp


def ago(**duration: float) -> datetime:
    """Return a time before ``NOW``."""
    return NOW - timedelta(**duration)


def applied(
    child: JSON, parent: JSON, *, engine: str = DYNAMIC, status: JSON | None = None, **spec: Any
) -> JSON:
    """Return a child as observed after it was applied; ``spec`` is what the server or somebody else
    has set since."""
    observed = copy.deepcopy(child)
    metadata = observed["metadata"]
    owner = parent["metadata"]["uid"]
    metadata["labels"] = {**(metadata.get("labels") or {}), lastapplied.OWNER_LABEL: owner}
    record = copy.deepcopy(observed)
    if engine == DYNAMIC:
        text = json.dumps(record, sort_keys=True, separators=(",", ":"))
        metadata["annotations"] = {
            **(metadata.get("annotations") or {}),
            lastapplied.LAST_APPLIED: text,
        }
    else:
        metadata["managedFields"] = [managed(record)]
    number = crc32(f"{child['kind']}/{metadata['name']}".encode())
    metadata |= {
        "uid": f"00000000-0000-4000-8000-{number:012d}",
        "resourceVersion": "5000",
        "creationTimestamp": EARLIER,
        "ownerReferences": [owner_reference(parent)],
    }
    if child["kind"] in ("Deployment", "NIMService"):
        metadata["generation"] = 1
    if "spec" in observed:
        observed["spec"] = {**_DEFAULTS.get(child["kind"], {}), **observed["spec"]}
    if spec:
        observed["spec"] |= spec
    return observed if status is None else {**observed, "status": status}


_DEFAULTS: dict[str, JSON] = {
    "Deployment": {"replicas": 1, "revisionHistoryLimit": 10},
    "Service": {
        "clusterIP": "10.96.0.10",
        "clusterIPs": ["10.96.0.10"],
        "sessionAffinity": "None",
    },
}
"""Some of what the API server adds to a spec, by kind."""


def managed(child: JSON, manager: str = "metacontroller", operation: str = "Apply") -> JSON:
    """Return the entry of ``managedFields`` that says a manager applied the whole of a child."""
    owned = {
        key: value for key, value in child.items() if key not in ("apiVersion", "kind", "metadata")
    }
    metadata = {
        key: child["metadata"][key] for key in ("labels", "annotations") if key in child["metadata"]
    }
    fields = fields_of({**owned, "metadata": metadata})
    entry = {
        "manager": manager,
        "operation": operation,
        "apiVersion": child["apiVersion"],
        "time": EARLIER,
    }
    return {**entry, "fieldsType": "FieldsV1", "fieldsV1": fields}


def fields_of(value: Any) -> JSON:
    """Return fieldsV1 for a value; lists of objects are keyed by name, port or mount path as in the
    API's schema, others are atomic."""
    if isinstance(value, dict):
        return {f"f:{key}": fields_of(item) for key, item in value.items()}
    if (
        isinstance(value, list)
        and value
        and isinstance(value[0], dict)
        and (keys := _list_keys(value[0]))
    ):
        return {
            "k:"
            + json.dumps({key: item[key] for key in keys}, sort_keys=True, separators=(",", ":")): {
                ".": {},
                **fields_of(item),
            }
            for item in value
        }
    return {}


def _list_keys(item: JSON) -> tuple[str, ...]:
    return next(
        (
            keys
            for keys in (
                ("containerPort", "protocol"),
                ("port", "protocol"),
                ("mountPath",),
                ("name",),
            )
            if set(keys) <= set(item)
        ),
        (),
    )


def controller(served: Resource[Any], manages: Iterable[Kind] | None = None) -> JSON:
    """Return the CompositeController of an installation that manages some kinds, all where none are
    given."""
    made = installation.controller(served=served)
    if manages is not None:
        listed = {kind.rule for kind in manages}
        made["spec"]["childResources"] = [
            rule
            for rule in made["spec"]["childResources"]
            if (rule["resource"], rule["apiVersion"]) in listed
        ]
    made["metadata"] |= {"uid": "c0ffee00-0000-4000-8000-000000000002", "generation": 1}
    return {**made, "status": {}}


def body(
    parent: JSON,
    children: Iterable[JSON] = (),
    related: Iterable[JSON] = (),
    *,
    served: Resource[Any] | None = None,
    manages: Iterable[Kind] | None = None,
    finalizing: bool = False,
) -> JSON:
    """Return the body that Metacontroller posts: groups for every kind it manages, empty ones too.

    The resource is that of the parent's kind, unless one is given.
    """
    served = served or SERVED[parent["kind"]]
    kinds = served.context.CHILDREN if manages is None else tuple(manages)
    return {
        "controller": controller(served, kinds),
        "parent": parent,
        "children": {kind.group_key: {} for kind in kinds} | _grouped(children),
        "related": _grouped(related),
        "finalizing": finalizing,
    }


def request(
    parent: JSON, children: Iterable[JSON] = (), related: Iterable[JSON] = (), **options: Any
) -> HookRequest:
    """Return the request as the hooks decode it; ``options`` are those of ``body``."""
    return decode(orjson.dumps(body(parent, children, related, **options)))


def _grouped(objects: Iterable[JSON]) -> JSON:
    groups: JSON = {}
    for item in objects:
        metadata = item["metadata"]
        key = f"{metadata['namespace']}/{metadata['name']}"
        groups.setdefault(f"{item['kind']}.{item['apiVersion']}", {})[key] = item
    return groups


def built(builder: Any, ctx: Context[Any, Any]) -> list[JSON]:
    """Return the children that a builder makes, pruned as the answer has them; findings are left
    out."""
    return [without_none(item) for item in builder.build(ctx) if isinstance(item, dict)]


def reasons(status: JSON) -> dict[str, tuple[str, str]]:
    """Return status and reason of each condition, by its type."""
    return {each["type"]: (each["status"], each["reason"]) for each in status["conditions"]}
