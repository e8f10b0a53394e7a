"""Decode: reads a hook's answer as strictly, and as trustingly, as Metacontroller does."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from hooks.cluster.api import Object


class DecodeError(Exception):
    """The answer is refused; nothing is changed."""


class ProcessCrash(Exception):
    """The answer would end the whole Metacontroller process.

    Its children or related resources contain a null.
    """


class SyncAnswer(NamedTuple):
    """What a sync or finalize hook wants."""

    status: Object
    children: list[Object]
    resync_after: float
    finalized: bool


_SYNC = {"status": dict, "children": list, "resyncAfterSeconds": float, "finalized": bool}
_CUSTOMIZE = {"relatedResources": list}
_RULE = {
    "apiVersion": str,
    "resource": str,
    "labelSelector": dict,
    "namespaceSelector": dict,
    "namespace": str,
    "names": list,
}


def sync_answer(body: bytes) -> SyncAnswer:
    """Return what a sync or finalize hook answered.

    Raise DecodeError, or ProcessCrash for a null child.
    """
    answer = _envelope(body, _SYNC)
    children = answer.get("children") or []
    if any(child is None for child in children):
        raise ProcessCrash("null in children")
    for child in children:
        if (
            not isinstance(child, dict)
            or not isinstance(child.get("kind"), str)
            or not child["kind"]
        ):
            raise DecodeError("Object 'Kind' is missing in a child")
        if not isinstance(child.get("apiVersion", ""), str):
            raise DecodeError("apiVersion of a child is not a string")
    return SyncAnswer(
        answer.get("status") or {},
        children,
        float(answer.get("resyncAfterSeconds") or 0),
        bool(answer.get("finalized")),
    )


def related_rules(body: bytes) -> list[Object]:
    """Return the rules a customize hook answered.

    Raise DecodeError, or ProcessCrash for a null rule.
    """
    rules = _envelope(body, _CUSTOMIZE).get("relatedResources") or []
    if any(rule is None for rule in rules):
        raise ProcessCrash("null in relatedResources")
    for rule in rules:
        if not isinstance(rule, dict):
            raise DecodeError("a related resource is not an object")
        _check(rule, _RULE)
        if any(not isinstance(name, str) for name in rule.get("names") or []):
            raise DecodeError("names holds something other than strings")
    return rules


def _envelope(body: bytes, fields: Mapping[str, type]) -> Object:
    answer, repeated = _parsed(body)
    if answer is None:
        return {}
    if not isinstance(answer, dict):
        raise DecodeError(f"the answer is of type {type(answer).__name__}, not an object")
    if repeated:
        raise DecodeError(f'strict decoding error: duplicate field "{repeated[0]}"')
    _check(answer, fields)
    return answer


def _parsed(body: bytes) -> tuple[Any, list[str]]:
    """Return the answer, and the fields that its envelope has twice."""
    try:
        answer = orjson.loads(body)
        if len(orjson.dumps(answer)) == len(body):
            return answer, []  # written compactly and nothing lost: no field comes twice
    except ValueError:
        pass  # the slower decoder knows what is wrong, if anything is
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> Object:
        # objects close from the inside out: the last list of repeated keys is the envelope's
        names = [name for name, _ in items]
        repeated[:] = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        return dict(items)

    try:
        return json.loads(body, object_pairs_hook=pairs, parse_constant=_refuse), repeated
    except ValueError as error:
        raise DecodeError(f"unable to decode the answer: {error}") from error


def _check(value: Object, fields: Mapping[str, type]) -> None:
    for name, item in value.items():
        if name not in fields:
            raise DecodeError(f'strict decoding error: unknown field "{name}"')
        wanted = fields[name]
        fits = _is_number(item) if wanted is float else isinstance(item, wanted)
        if item is not None and not fits:
            raise DecodeError(f"cannot unmarshal {type(item).__name__} into field {name}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
