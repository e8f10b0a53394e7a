"""Invariants: what holds for every answer, whatever the request. Each function yields a line for
each violation."""

import copy
import json
import math
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from hooks.kernel import lastapplied, protocol, resource
from hooks.kernel.crd import admission, shipped, structure, unknown
from hooks.resources import RESOURCES, Settings
from tests.situations import nimservice as situation
from tests.situations import stored

JSON = dict[str, Any]

OLDEST = "v1.30.0"
"""The oldest Kubernetes that is meant: a field that it does not know is a field too many."""
MERGE_KEYS = ("containerPort", "port", "mountPath", "name", "uid", "ip", "path")
"""By which dynamic apply tells the items of a list apart, in this order."""
KINDS = {
    (kind.api_version, kind.kind): kind for each in RESOURCES for kind in each.context.CHILDREN
}


def model_name(_: str) -> str:
    """Stand in for the look-up of a model's name."""
    return "meta/llama-3.1-8b-instruct"


def answered(hook: str, request: JSON, settings: Settings, now: datetime) -> JSON:
    """Return what a hook answers to the body of a request."""
    decoded = protocol.decode(json.dumps(request).encode())
    served = stored.SERVED[request["parent"]["kind"]]
    return situation.named(resource.call(hook, served, decoded, settings, now), model_name)


def violations(hook: str, request: JSON, settings: Settings, now: datetime) -> list[str]:
    """Return every violation in what a hook answers to a request."""
    answer = answered(hook, request, settings, now)
    found = [*_pure(hook, request, settings, now), *_envelope(hook, answer)]
    if hook == "customize":
        return [*found, *_rules(request, answer)]
    found += [
        *_status(request["parent"]["kind"], answer["status"]),
        *_identities(answer["children"]),
    ]
    for child in answer["children"]:
        found += [f"{child.get('kind')}: {problem}" for problem in _child(child, request["parent"])]
    if hook == "sync":
        found += [*_claims(request, answer), *_at_rest(request, answer, settings, now)]
    return found


def _pure(hook: str, request: JSON, settings: Settings, now: datetime) -> Iterator[str]:
    decoded = protocol.decode(json.dumps(request).encode())
    before = copy.deepcopy(decoded)
    served = stored.SERVED[request["parent"]["kind"]]
    first = protocol.encode(
        situation.named(resource.call(hook, served, decoded, settings, now), model_name)
    )
    if decoded != before:
        yield "the request was written to"
    if protocol.encode(answered(hook, request, settings, now)) != first:
        yield "the same request has two answers"
    if protocol.encode(answered(hook, reversed_maps(request), settings, now)) != first:
        yield "the answer depends on the order of maps"


def reversed_maps(value: Any) -> Any:
    """Return the same JSON with the keys of every map in the opposite order."""
    if isinstance(value, dict):
        return {key: reversed_maps(value[key]) for key in reversed(value)}
    return [reversed_maps(item) for item in value] if isinstance(value, list) else value


def _envelope(hook: str, answer: JSON) -> Iterator[str]:
    required = {
        "sync": {"status", "children"},
        "finalize": {"status", "children", "finalized"},
        "customize": {"relatedResources"},
    }[hook]
    allowed = required | ({"resyncAfterSeconds"} if hook != "customize" else set())
    if not required <= set(answer) <= allowed:
        yield f"the answer has the keys {sorted(answer)}"
    yield from _plain(answer, "")


def _plain(value: Any, path: str) -> Iterator[str]:
    """Look for what the API server would not keep, or JSON cannot say."""
    if value is None:
        yield f"{path} is null"
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path} is no number"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (
                _plain(item, f"{path}.{key}")
                if isinstance(key, str)
                else [f"{path} has the key {key!r}"]
            )
    elif isinstance(value, list):
        if not value and path not in (".children", ".relatedResources"):
            yield f"{path} is an empty list"
        for index, item in enumerate(value):
            yield from _plain(item, f"{path}[{index}]")
    elif not isinstance(value, bool | int | str | float):
        yield f"{path} is a {type(value).__name__}"


def _child(child: JSON, parent: JSON) -> Iterator[str]:
    if (child.get("apiVersion"), child.get("kind")) not in KINDS:
        yield f"apiVersion {child.get('apiVersion')} is not that of the table of kinds"
    metadata = child["metadata"]
    if extra := set(metadata) - {"name", "namespace", "labels", "annotations"}:
        yield f"metadata has {sorted(extra)}"
    if "status" in child:
        yield "it has a status"
    if metadata.get("namespace") != parent["metadata"].get("namespace", "default"):
        yield f"it is in namespace {metadata.get('namespace')}"
    yield from _name(child)
    for key, value in _texts(child, ""):
        if not isinstance(value, str):
            yield f"{key} is {value!r}, which is no text"
    yield from _unique(child, "")
    yield from _schema(child)


def _name(child: JSON) -> Iterator[str]:
    name = child["metadata"]["name"]
    longest = 63 if child["kind"] == "Service" else 253
    if (
        not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", name)
        or len(name) > longest
    ):
        yield f"{name} is no name"


def _texts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every label, annotation and selector."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("labels", "annotations", "matchLabels", "nodeSelector") and isinstance(
                item, dict
            ):
                yield from ((f"{path}.{key}.{name}", text) for name, text in item.items())
            else:
                yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path)


def _unique(value: Any, path: str) -> Iterator[str]:
    """Look for lists whose items one of the engines would take for one another."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _unique(item, f"{path}.{key}")
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        shared = set.intersection(*(set(item) for item in value))
        if key := next((key for key in MERGE_KEYS if key in shared), None):
            names = [str(item[key]) for item in value]
            if len(names) > len(set(names)):
                yield f"{path}: {key} occurs twice in {names}"
        for item in value:
            yield from _unique(item, f"{path}[]")


def _schema(child: JSON) -> Iterator[str]:
    if child["kind"] in shipped.schemas():
        yield from (f"{each.path} {each.message}" for each in admission.problems(child))
        return
    validator = _validator(child["apiVersion"], child["kind"])
    if validator:
        yield from (
            f"{'.'.join(map(str, error.instance_path))}: {error.message[:200]}"
            for error in validator.iter_errors(child)
        )


@cache
def _validator(api_version: str, kind: str) -> Any:
    """Return the validator of a kind of Kubernetes' own, of the oldest version that has it; None
    for kinds of others."""
    group, _, version = api_version.rpartition("/")
    name = f"io.k8s.api.{group.partition('.')[0] or 'core'}.{version}.{kind}"
    for release in (OLDEST, "v1.34.0"):
        definitions = _definitions(release)
        if name in definitions["$defs"]:
            return jsonschema_rs.validator_for({**definitions, "$ref": f"#/$defs/{name}"})
    return None


@cache
def _definitions(release: str) -> JSON:
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"{release}-local-strict"
    return json.loads((folder / "_definitions.json").read_text())


def _identities(children: list[JSON]) -> Iterator[str]:
    seen = set()
    for child in children:
        identity = child["apiVersion"], child["kind"], child["metadata"]["name"]
        if identity in seen:
            yield f"{identity} is answered twice"
        seen.add(identity)


def _status(kind: str, status: JSON) -> Iterator[str]:
    """Look for what the CRD would refuse or prune: a pruned field costs a write at every sync."""
    schema = shipped.schemas()[kind]["properties"]["status"]
    for problem in (
        *structure.check(status, schema, "status"),
        *unknown.find(status, schema, "status", schema),
    ):
        yield f"{problem.path} {problem.message}"


def _claims(request: JSON, answer: JSON) -> Iterator[str]:
    kept = {
        child["metadata"]["name"]
        for child in answer["children"]
        if child["kind"] == "PersistentVolumeClaim"
    }
    for claim in request["children"].get("PersistentVolumeClaim.v1", {}).values():
        if claim["metadata"]["name"] not in kept:
            yield f"claim {claim['metadata']['name']} is left out, which deletes it"


def _rules(request: JSON, answer: JSON) -> Iterator[str]:
    for rule in answer["relatedResources"]:
        if rule.get("namespace") != request["parent"]["metadata"].get("namespace", "default"):
            yield f"{rule['resource']} are asked for in namespace {rule.get('namespace')}"
        if rule["resource"] in ("secrets", "configmaps"):
            yield f"{rule['resource']} are asked for"
        if "names" in rule and not (rule["names"] and all(rule["names"])):
            yield f"{rule['resource']} are asked for without a name"


def _at_rest(request: JSON, answer: JSON, settings: Settings, now: datetime) -> Iterator[str]:
    """Look for what would be written again and again: once an answer is observed, the next one is
    the same."""
    second_request = applied(request, answer)
    second = answered("sync", second_request, settings, now)
    third = answered("sync", applied(second_request, second), settings, now)
    made = {_identity(child): child for child in second["children"]}
    for child in answer["children"]:
        if made.get(_identity(child)) != child:
            yield f"{child['kind']} {child['metadata']['name']} is another one once it is observed"
    if protocol.encode(second) != protocol.encode(third):
        yield "the answer does not come to rest"


def applied(request: JSON, answer: JSON) -> JSON:
    """Return the request that follows once Metacontroller has applied an answer, and nothing else
    has happened."""
    parent = {
        **request["parent"],
        "status": {
            **answer["status"],
            "observedGeneration": request["parent"]["metadata"].get("generation", 0),
        },
    }
    groups: JSON = {key: {} for key in request["children"]}
    for child in answer["children"]:
        kind, name = (
            KINDS[child["apiVersion"], child["kind"]],
            f"{child['metadata']['namespace']}/{child['metadata']['name']}",
        )
        before = request["children"].get(kind.group_key, {}).get(name)
        groups.setdefault(kind.group_key, {})[name] = _observed(child, before, parent)
    return {**request, "parent": parent, "children": groups}


def _observed(child: JSON, before: JSON | None, parent: JSON) -> JSON:
    engine = (
        stored.SERVER_SIDE if before and before["metadata"].get("managedFields") else stored.DYNAMIC
    )
    observed = situation.applied(child, engine=engine, owner=parent)
    if before is None:
        return observed
    kept = {
        key: before["metadata"][key]
        for key in ("uid", "generation", "resourceVersion")
        if key in before["metadata"]
    }
    observed["metadata"] |= kept
    return {**_merged(before, observed), "metadata": observed["metadata"]}


def _merged(before: Any, new: Any) -> Any:
    """Return what is new over what was before: fields that only others have set stay."""
    if isinstance(before, dict) and isinstance(new, dict):
        return {**before, **{key: _merged(before.get(key), item) for key, item in new.items()}}
    return new


def _identity(child: JSON) -> tuple[str, str]:
    return child["kind"], child["metadata"]["name"]


def last_applied(observed: JSON) -> str | None:
    """Return what Metacontroller recorded on a child."""
    return (observed["metadata"].get("annotations") or {}).get(lastapplied.LAST_APPLIED)
