"""Edits: what an edit of a field does to running pods, and which fields NVIDIA's API lacks.

The facts of edits stand in ``edits.json``: ``make docs`` tries each field out and writes them.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hooks.kernel.crd import extension, shipped

_PODS = {"pods": "the pods", "leader pods": "each group of pods"}
_PICKER = "endpoint picker's pods"
_WORKLOADS = {"Deployment", "LeaderWorkerSet", "InferenceService"}
_BY_KSERVE = "InferenceService"
_IMMUTABLE, _REFUSED = "immutable", "refused"
_OF_CACHES = {
    "refused": "is refused, because it would change the model; create another NIMCache",
    "next attempt": "holds from the next attempt of the download; a model that is there stays",
    "claim grows": "lets the claim grow, if its StorageClass can expand",
    "–": "has no effect on an existing claim",
}
_ENVIRONMENT = "restarts the pods of the service that calls, because its spec.env changes"
_SERVICE = "spec.services.spec"
EXTENSIONS = {
    "NIMService": {
        "status.children",
        "status.groupFailure",
        "status.lastProgressTime",
        "status.model.observedGeneration",
        "status.modelStore",
        "status.observedGeneration",
        "status.replicas",
        "status.selector",
        "status.workloadHash",
    },
    "NIMCache": {"status.claimUID", "status.inputs", "status.observedGeneration"},
    "NIMPipeline": {"status.observedGeneration"},
}
"""The fields of the status that NVIDIA's definitions lack. Those of a spec are marked."""


@cache
def facts() -> dict[str, Any]:
    """Return what an edit of each field of a spec does, by kind and path."""
    found: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())
    return found


def extends(kind: str, path: str) -> bool:
    """Whether a field is one that NVIDIA's definition of the kind lacks."""
    return any(path == each or path.startswith(f"{each}.") for each in extensions(kind))


@cache
def extensions(kind: str) -> frozenset[str]:
    """Return the fields that NVIDIA's definition of a kind lacks, without those below them."""
    spec = shipped.schemas()[kind]["properties"]["spec"]
    return frozenset((*EXTENSIONS[kind], *extension.paths(spec, "spec")))


def told(kind: str, path: str) -> Iterator[str]:
    """Yield what an edit of a field does, in words; of an object, which of its fields restart pods.

    ``path`` has no indices, for example ``spec.env.name``.
    """
    if kind == "NIMPipeline" and f"{path}.".startswith(f"{_SERVICE}."):
        kind, path = "NIMService", f"spec{path.removeprefix(_SERVICE)}"
    known = facts()[kind]
    parts = path.split(".")
    above = (".".join(parts[:length]) for length in range(len(parts), 1, -1))
    if (leaf := next((each for each in above if each in known), None)) is not None:
        yield from _of_leaf(kind, known[leaf])
    elif kind == "NIMService":
        yield from _of_object(known, path)


def _of_leaf(kind: str, fact: Any) -> Iterator[str]:
    if kind == "NIMCache":
        yield _OF_CACHES[fact]
    elif kind == "NIMPipeline":
        made = "NIMService" in fact
        yield "creates or deletes a NIMService, and its pods" if made else _ENVIRONMENT
    else:
        by_words: dict[str, list[str]] = {}
        for platform, effects in fact.items():
            by_words.setdefault(_words(effects), []).append(platform)
        for words, platforms in by_words.items():
            where = "every platform" if len(platforms) == len(fact) else ", ".join(platforms)
            yield f"on {where}: {words}"


def _words(effects: list[str]) -> str:
    """Return what an edit does on a platform."""
    if _IMMUTABLE in effects:
        return "is refused, because the field is immutable"
    if _REFUSED in effects:
        return "is refused there"
    conditions = [each for each in effects if each.startswith("condition ")]
    if len(_WORKLOADS & {*effects}) > 1:
        return "replaces the pods, because one workload takes the place of another"
    restarted = [_PODS[each] for each in effects if each in _PODS]
    restarted += [f"the {_PICKER}"] * (_PICKER in effects)
    changed = [each for each in effects if each not in (*_PODS, _PICKER, *conditions)]
    parts = [f"restarts {' and '.join(restarted)}"] if restarted else []
    if changed and not any(each in _PODS for each in effects):
        parts.append(f"changes {', '.join(changed)}, and {_kept(effects)}")
    parts += [f"is named by the {each}" for each in conditions]
    return "; ".join(parts) or "has no effect"


def _of_object(known: dict[str, Any], path: str) -> Iterator[str]:
    """Yield the fields of an object by what their edits do to pods."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(
        each.removeprefix(f"{path}.").partition(".")[0]
        for each in known
        if each.startswith(f"{path}.")
    ):
        groups.setdefault(_restarts(known, f"{path}.{name}"), []).append(name)
    yield from (f"{words}: {', '.join(names)}" for words, names in groups.items())


def _restarts(known: dict[str, Any], path: str) -> str:
    """Return in words whether edits of a field, or of those below it, restart the pods."""
    effects = [
        found
        for field, fact in known.items()
        if field == path or field.startswith(f"{path}.")
        for found in fact.values()
        if found and _REFUSED not in found
    ]
    if all(_IMMUTABLE in found for found in effects):
        return "is refused"
    restarting = [bool({*_PODS} & {*found}) or len(_WORKLOADS & {*found}) > 1 for found in effects]
    if all(restarting):
        return "restarts the pods"
    if any(restarting):
        return "may restart the pods"
    return _kept([each for found in effects for each in found])


def _kept(effects: list[str]) -> str:
    """Return that the pods of the model stay, with what that depends on."""
    unless = ", unless KServe copies Metacontroller's record to them"
    return f"restarts no pod of the model{unless if _BY_KSERVE in effects else ''}"
