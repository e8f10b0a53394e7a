"""Verdict: whether an answer to a spoilt request is one that can be lived with."""

import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from hooks.kernel.document import JSON
from hooks.nimservice import kinds
from tests.fuzz.corpus import HOOKS, Sample
from tests.fuzz.mutation import Mutant
from tests.histories import reasons

Child = tuple[str, str]
"""A child as Metacontroller tells it apart: its group key and its ``namespace/name``."""

LIMIT = 0.1
"""Seconds of processor time that an answer may take."""
_CLAIM = kinds.PERSISTENT_VOLUME_CLAIM.group_key
_REFUSALS = (400, 413, 422)


def problem(sample: Sample, mutant: Mutant, hooks: Callable[..., Any] = HOOKS) -> str | None:
    """Return what is wrong with the answer to a spoilt request, or None."""
    path = sample.path
    begin = time.process_time()
    try:
        status, _, body = hooks(path, mutant.body)
    except Exception as error:  # noqa: BLE001 - whatever is raised is what is looked for
        return f"raises {type(error).__name__} at {_place(error)}: {str(error)[:300]}"
    if (
        time.process_time() - begin > LIMIT
        and min(_seconds(hooks, path, mutant.body) for _ in range(2)) > LIMIT
    ):
        return f"takes more than {LIMIT} s"
    if status != 200:
        return None if status in _REFUSALS else f"status {status}"
    answer = orjson.loads(body)
    if sample.hook == "customize":
        return None if "metadata" in mutant.regions else next(_bad_rules(answer), None)
    if sample.resource != "nimservice":
        return next(_bad_children(answer), None) or _lost_claims(sample, mutant, answer)
    return next(_bad_children(answer), None) or (
        _loss(sample, mutant, answer) if sample.hook == "sync" else None
    )


def _place(error: BaseException) -> str:
    """Return where an exception began, within the hooks."""
    while error.__cause__ is not None:
        error = error.__cause__
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "/hooks/" in frame.filename
    ]
    return f"{frames[-1].filename.rpartition('/hooks/')[2]}:{frames[-1].lineno}" if frames else "?"


def _seconds(hooks: Callable[..., Any], path: str, body: bytes) -> float:
    begin = time.process_time()
    hooks(path, body)
    return time.process_time() - begin


def _bad_rules(answer: JSON) -> Iterator[str]:
    """Yield the rules by which Metacontroller would fail, or select everything."""
    for rule in answer["relatedResources"]:
        names = rule.get("names")
        if not rule.get("namespace") or (
            names is not None and not all(isinstance(name, str) and name for name in names)
        ):
            yield f"asks for {rule}"
        if names is not None and "labelSelector" in rule:
            yield f"names and selects: {rule}"


def _bad_children(answer: JSON) -> Iterator[str]:
    """Yield the children by which Metacontroller would fail the whole sync, or keep one of two."""
    seen = set()
    for child in answer["children"]:
        metadata = child.get("metadata") or {}
        if not all(
            isinstance(text, str) and text
            for text in (child.get("apiVersion"), child.get("kind"), metadata.get("name"))
        ):
            yield f"a child without identity: {str(child)[:200]}"
            return
        labels = metadata.get("labels") or {}
        if not isinstance(labels, dict) or not all(
            isinstance(value, str) for value in labels.values()
        ):
            yield f"{_identity(child)} has labels that are no texts"
        if _identity(child) in seen:
            yield f"{_identity(child)} is there twice"
        seen.add(_identity(child))


def _loss(sample: Sample, mutant: Mutant, answer: JSON) -> str | None:
    """Return the children that are lost, although they were observed and have a reason to exist."""
    kept = {_identity(child) for child in answer["children"]}
    before, after = orjson.loads(sample.body), orjson.loads(mutant.body)
    observed = _observed(before) & _observed(after)
    must = {child for child in observed if child[0] == _CLAIM}
    if "bytes" not in mutant.regions and _same_name(before, after):
        must |= _needed(sample, mutant, after, observed)
    return f"loses {sorted(must - kept)}" if must - kept else None


def _lost_claims(sample: Sample, mutant: Mutant, answer: JSON) -> str | None:
    """Return the observed claims and NIMServices that are lost without an edit of the spec.

    A NIMCache's Jobs come and go by what is observed.
    """
    if sample.hook != "sync" or "bytes" in mutant.regions:
        return None
    before, after = orjson.loads(sample.body), orjson.loads(mutant.body)
    if not _same_name(before, after):
        return None
    observed = _observed(before) & _observed(after)
    wanted = {_identity(child) for child in sample.answer["children"]} & observed
    must = {child for child in observed if child[0] == _CLAIM}
    if "spec" not in mutant.regions:
        must |= {child for child in wanted if child[0].startswith("NIMService.")}
    lost = must - {_identity(child) for child in answer["children"]}
    return f"loses {sorted(lost)}" if lost else None


def _needed(sample: Sample, mutant: Mutant, after: JSON, observed: set[Child]) -> set[Child]:
    """Return the observed children that must not be lost, as the spec stands."""
    if "spec" in mutant.regions and reasons.refused(after["parent"]):
        return observed
    wanted = observed & {_identity(child) for child in sample.answer["children"]}
    if "spec" not in mutant.regions:
        return wanted

    def manages(kind: str) -> bool:
        return any(group.startswith(f"{kind}.") for group in after["children"])

    return {
        child
        for child in wanted
        if reasons.stands(
            child[0].partition(".")[0], child[1].rpartition("/")[2], after["parent"], manages
        )
    }


def _observed(request: JSON) -> set[Child]:
    groups = request.get("children") or {}
    return {(group, key) for group, items in groups.items() for key in items or ()}


def _same_name(before: JSON, after: JSON) -> bool:
    """Whether the request is still about the same NIMService; one of another name has other
    children."""
    return all(
        before["parent"]["metadata"].get(key) == after["parent"]["metadata"].get(key)
        for key in ("name", "namespace")
    )


def _identity(child: JSON) -> Child:
    return (
        f"{child['kind']}.{child['apiVersion']}",
        f"{child['metadata'].get('namespace')}/{child['metadata']['name']}",
    )
