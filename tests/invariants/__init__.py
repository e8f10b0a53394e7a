"""Invariants: what holds for every answer, whatever the request. Each function yields a line for
each violation."""

import copy
import json
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from hooks.kernel import protocol, resource
from hooks.kernel.crd import shipped, structure, unknown
from hooks.kernel.document import JSON
from hooks.resources import Settings
from tests.invariants.child import KINDS, problems
from tests.situations import nimservice as situation
from tests.situations import stored


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
        found += [
            f"{child.get('kind')}: {problem}" for problem in problems(child, request["parent"])
        ]
    if hook == "sync":
        found += [*_claims(request, answer), *_at_rest(request, answer, settings, now)]
        found += _in_time(request, answer, settings, now)
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
        *unknown.find(status, schema, "status"),
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
        wanted = request["parent"]["metadata"].get("namespace", "default")
        if rule["resource"] == "nodes":  # objects of the cluster
            wanted = None
        if rule.get("namespace") != wanted:
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
    for each in (second, third):
        each.pop("resyncAfterSeconds", None)  # the longer nothing changes, the longer it is
    if protocol.encode(second) != protocol.encode(third):
        yield "the answer does not come to rest"


def _in_time(request: JSON, answer: JSON, settings: Settings, now: datetime) -> Iterator[str]:
    """Look for what time alone changes before the next sync that the answer asks for."""
    later = {
        **request,
        "parent": {**request["parent"], "status": stored_status(request, answer)},
    }
    status = _said(answered("sync", later, settings, now))
    asked = answer.get("resyncAfterSeconds", _FOR_EVER)
    for seconds in (each for each in _MOMENTS if each < asked):
        found = answered("sync", later, settings, now + timedelta(seconds=seconds))
        if _said(found) != status:
            yield f"{seconds} s later the status is another one, and nobody looks for {asked} s"
            return


_MOMENTS = (1, 4, 6, 9, 11, 25, 35, 55, 65, 115, 125, 290, 310, 590, 610, 3600, 86000)
"""Seconds before and after the ends of patience."""

_FOR_EVER = 86400


def _said(answer: JSON) -> JSON:
    """Return the status of an answer without the times at which its conditions came."""
    status: JSON = answer["status"]
    conditions = [{**each, "lastTransitionTime": ""} for each in status.get("conditions", [])]
    return {**status, "conditions": conditions}


def stored_status(request: JSON, answer: JSON) -> JSON:
    """Return the status of an answer as Metacontroller writes it."""
    generation = request["parent"]["metadata"].get("generation", 0)
    status: JSON = {**answer["status"], "observedGeneration": generation}
    return status


def applied(request: JSON, answer: JSON) -> JSON:
    """Return the request that follows once Metacontroller has applied an answer, and nothing else
    has happened."""
    parent = {
        **request["parent"],
        "status": stored_status(request, answer),
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
