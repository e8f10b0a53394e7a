"""Tried: a NIMService with and without a field, and what the API server and the hooks make of
both."""

import copy
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from hooks.kernel import resource
from hooks.kernel.crd import admission, shipped
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.resources import NIM_SERVICE, Settings
from tests.fields.row import ABSENT, KNATIVE, MPI, ONE_NODE, RAY, STANDARD, Row
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache

MODE = "serving.kserve.io/deploymentMode"
SPECS: dict[str, JSON] = {
    ONE_NODE: {},
    MPI: {"multiNode": {"parallelism": {"pipeline": 2, "tensor": 8}}},
    RAY: {"multiNode": {"parallelism": {"pipeline": 2, "tensor": 8}, "ray": {}}},
    STANDARD: {"inferencePlatform": "kserve"},
    KNATIVE: {"inferencePlatform": "kserve", "annotations": {MODE: "Knative"}},
}


def pair(path: str, row: Row, platform: str) -> tuple[JSON, JSON]:
    """Return a NIMService without and with the field, as the API server stores it."""
    return several({path: row}, platform)


def several(rows: dict[str, Row], platform: str) -> tuple[JSON, JSON]:
    """Return a NIMService without and with fields that have the same beside them."""
    (beside,) = {json.dumps(row.beside): row.beside for row in rows.values()}.values()
    without, having = (situation.nimservice(**merged(SPECS[platform], beside)) for _ in range(2))
    for path, row in rows.items():
        if row.instead is not ABSENT:
            put(without["spec"], path, row.instead)
        put(having["spec"], path, row.value)
    return tuple(
        admission.with_defaults(nim, shipped.schemas()["NIMService"]) for nim in (without, having)
    )


def apart(path: str, row: Row, bare: Callable[[], JSON]) -> tuple[JSON, JSON]:
    """Return an object of any kind without and with a field, as the API server stores it.

    ``bare`` makes it anew, with what stands beside the field.
    """
    without, having = bare(), bare()
    if row.instead is not ABSENT:
        put(without["spec"], path, copy.deepcopy(row.instead))
    put(having["spec"], path, copy.deepcopy(row.value))
    schema = shipped.schemas()[without["kind"]]
    return admission.with_defaults(without, schema), admission.with_defaults(having, schema)


def objections(manifest: JSON, finding: Finding | None) -> list[str]:
    """Return what the API server says against an object, and the hooks' finding."""
    said = [each.message for each in admission.problems(manifest)]
    return [*said, finding.message] if finding else said


def refused(*nims: JSON) -> tuple[Problem, ...]:
    """Return what the API server says against any of them."""
    return tuple(problem for nim in nims for problem in _problems(json.dumps(nim)))


def answer(nim: JSON, settings: Settings = Settings()) -> JSON:  # noqa: B008 - settings never change
    """Return what the hooks answer, where everything exists that the examples name."""
    return _answer(json.dumps(nim), settings)


def edited(without: JSON, having: JSON) -> JSON:
    """Return what the hooks answer, with the InferenceService as an edit leaves it: what KServe
    copies to the pods stays as they have it."""
    before, after = answer(without), answer(having)
    there = [stored.applied(each, without) for each in before["children"] if _by_kserve(each)]
    if not there or not any(map(_by_kserve, after["children"])):
        return after
    request = stored.request(having, there, related())
    now = resource.sync(NIM_SERVICE, request, Settings(), stored.NOW).body["children"]
    marks = next(filter(_by_kserve, now))
    return {
        **after,
        "children": [
            _marked(each, marks) if _by_kserve(each) else each for each in after["children"]
        ],
    }


def _marked(service: JSON, marks: JSON) -> JSON:
    """Return an InferenceService with the labels and annotations of another."""
    labels = {"labels": marks["spec"]["predictor"]["labels"]}
    predictor = {**service["spec"]["predictor"], **labels}
    return {**service, "metadata": marks["metadata"], "spec": {"predictor": predictor}}


def _by_kserve(child: JSON) -> bool:
    return bool(child["kind"] == "InferenceService")


@cache  # most fields are tried beside the same few
def _problems(nim: str) -> tuple[Problem, ...]:
    return tuple(admission.problems(json.loads(nim)))


@cache
def _answer(nim: str, settings: Settings) -> JSON:
    return resource.sync(
        NIM_SERVICE, stored.request(json.loads(nim), [_KEY], related()), settings, stored.NOW
    ).body


def merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one.get(key), other.get(key, one.get(key))) for key in {**one, **other}}
    return copy.deepcopy(other)


def put(spec: JSON, path: str, value: Any) -> None:
    """Set a field; the objects and the first entries of the lists on the way to it are made where
    they are not there."""
    *above, last = path.split(".")
    for name in above:
        spec = (
            spec.setdefault(name[:-2], [{}])[0]
            if name.endswith("[]")
            else spec.setdefault(name, {})
        )
    field, form = re.fullmatch(r"(\w+)(\[]|{}|)", last).groups()
    if form == "{}":
        spec[field] = {**spec.get(field, {}), **value}
    else:
        spec[field] = [value] if form else value


@cache
def related() -> tuple[JSON, ...]:
    profiles = [{"name": "fast", "config": {"tp": "2"}}, {"name": "small", "config": {"tp": "1"}}]
    channel = {"channel": {"resourceClaimTemplate": {"name": "shared-channel"}}}
    caches = (nimcache(name, pvc=f"{name}-pvc", profiles=profiles) for name in ("cache", "other"))
    claims = (_object("resource.k8s.io/v1", "ResourceClaim", name) for name in ("gpus", "other"))
    return (
        *caches,
        *claims,
        _object("resource.nvidia.com/v1beta1", "ComputeDomain", "shared", spec=channel),
    )


def _object(api_version: str, kind: str, name: str, **fields: JSON) -> JSON:
    metadata = {
        "name": name,
        "namespace": stored.NAMESPACE,
        "uid": "c0ffee00-0000-4000-8000-000000000003",
    }
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


_KEY = _object("v1", "Secret", f"{situation.NAME}-ssh-pk", data={"private.key": "a2V5"})
"""Without the key no LeaderWorkerSet is made, and it takes long to make one."""
