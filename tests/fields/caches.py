"""Caches: every field of a NIMCache's spec, how it is tried out, and where its effect shows.

The probe is taken to have found a manifest, where it has one to read.
"""

import copy
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from hooks.kernel.crd import admission
from hooks.kernel.document import JSON
from hooks.nimcache import choice, validation
from hooks.nimcache.children import persistentvolumeclaim
from hooks.nimcache.choice import Choice
from hooks.nimcache.context import Context
from hooks.nimcache.job import download, probe
from hooks.nimcache.profile.catalogue import Catalogue
from hooks.nimcache.report import modelmanifest
from hooks.nimcache.report.report import Report
from tests.fields import tried
from tests.fields.leaf import Leaf, leaves
from tests.fields.pods import containers
from tests.fields.row import Row, within
from tests.nimcache import manifests, observing
from tests.situations import stored

REFUSED, NEXT, GROWS, NOTHING = "refused", "next attempt", "claim grows", "–"

_IMAGE = "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.12.0"
_PULLED = {"modelPuller": _IMAGE, "authSecret": "key", "pullSecret": "pull"}
_HUB = {**_PULLED, "modelName": "llama", "namespace": "meta", "endpoint": "https://huggingface.co"}
_STORE = {**_HUB, "endpoint": "http://store/v1/hf", "namespace": "default"}
_SOURCES: dict[str, JSON] = {"ngc": _PULLED, "hf": _HUB, "dataStore": _STORE}
_CREATED = {"pvc": {"create": True, "size": "50Gi"}}
_NAMED = {"storage": {"pvc": {"name": "models"}}}
_GPU = {"source": {"ngc": {"model": {"gpus": [{"product": "h100"}]}}}}
_CA = {"name": "ca", "mountPath": "/ca"}

_OF_REPOSITORY: dict[str, Row] = {
    "authSecret": Row("another", "key"),
    "endpoint": Row("https://mirror.example.com/v1/hf", "https://hub.example.com/v1/hf"),
    "modelName": Row("mistral", "llama"),
    "modelPuller": Row("nvcr.io/nim/nvidia/llm-nim:1.13", _IMAGE),
    "namespace": Row("mistralai", "meta"),
    "pullSecret": Row("another", "pull"),
    "revision": Row("v1"),
}

ROWS: dict[str, Row] = {
    "certConfig.name": Row("ca", "other", {"certConfig": _CA}),
    "certConfig.mountPath": Row("/ca", "/other", {"certConfig": _CA}),
    "env[]": Row({"name": "NIM_LOG_LEVEL", "value": "DEBUG"}),
    "groupID": Row(3000),
    **containers("initContainers"),
    "nodeSelector{}": Row({"nvidia.com/gpu.product": "NVIDIA-L40S"}),
    "proxy.certConfigMap": Row("ca"),
    "proxy.httpProxy": Row("http://proxy:3128"),
    "proxy.httpsProxy": Row("http://proxy:3128"),
    "proxy.noProxy": Row(".svc"),
    "resources.cpu": Row("2"),
    "resources.memory": Row("8Gi"),
    "runtimeClassName": Row("nvidia"),
    **within("source.hf", _OF_REPOSITORY),
    "source.hf.datasetName": Row("squad", "alpaca"),
    **within("source.dataStore", _OF_REPOSITORY),
    "source.dataStore.datasetName": Row("squad", "alpaca"),
    **within(
        "source.ngc",
        {
            "authSecret": Row("another", "key"),
            "model.buildable": Row(False, True),
            "model.engine": Row("tensorrt_llm", "vllm"),
            "model.gpus[].ids[]": Row("2310", beside=_GPU),
            "model.gpus[].product": Row("l40s", "h100", _GPU),
            "model.lora": Row(False, True),
            "model.precision": Row("fp8"),
            "model.profiles[]": Row(manifests.name(0)),
            "model.qosProfile": Row("latency"),
            "model.tensorParallelism": Row("1"),
            "modelEndpoint": Row("ngc://meta/llama:1"),
            "modelPuller": Row("nvcr.io/nim/nvidia/llm-nim:1.13", _IMAGE),
            "pullSecret": Row("another", "pull"),
        },
    ),
    **within(
        "storage",
        {
            "hostPath": Row("/models", "/other"),
            "pvc.annotations{}": Row({"team.example.com/owner": "search"}),
            "pvc.create": Row(True, False, {"storage": {"pvc": {"name": "models"}}}),
            "pvc.name": Row("llama-models", "models"),
            "pvc.size": Row("100Gi", "50Gi"),
            "pvc.storageClass": Row("fast"),
            "pvc.subPath": Row("llama"),
            "pvc.volumeAccessMode": Row("ReadWriteMany"),
        },
    ),
    "tolerations[]": Row({"key": "nvidia.com/gpu", "operator": "Exists"}),
    "userID": Row(1500),
}
LEAVES: dict[str, Leaf] = {leaf.path: leaf for leaf in leaves("NIMCache")}


@cache
def effects(path: str) -> tuple[str, ...]:
    """Return where the effect of a field shows; nowhere is an empty answer."""
    before, after = (_made(cache) for cache in pair(path))
    changed = (part for part in {**before, **after} if before.get(part) != after.get(part))
    return tuple(dict.fromkeys((*changed, *_named(path))))


@cache
def edit(path: str) -> str:
    """Return what becomes of an edit of the field in a NIMCache that has been applied."""
    before, after = pair(path)
    if admission.problems(after, before):
        return REFUSED
    shown = effects(path)
    if "claim" in shown:
        return GROWS if path == "storage.pvc.size" else NOTHING
    return NEXT if {"download", "choice of profiles"} & {*shown} else NOTHING


def pair(path: str) -> tuple[JSON, JSON]:
    """Return a NIMCache without and with the field, as the API server stores it."""
    row = ROWS[path]
    return tried.apart(
        path,
        row,
        lambda: {**observing.parent(), "spec": tried.merged(_base(path), row.beside)},
    )


def refused(cache: JSON) -> list[str]:
    """Return what the API server or the hooks say against a NIMCache."""
    return tried.objections(cache, validation.of(_context(cache).cache))


def _base(path: str) -> JSON:
    kind = path.split(".")[1] if path.startswith("source.") else "ngc"
    source = copy.deepcopy(_SOURCES[kind])
    if path.endswith("datasetName"):
        del source["modelName"]
    storage = copy.deepcopy(_NAMED["storage"] if path.endswith("pvc.name") else _CREATED)
    return {"source": {kind: source}, "storage": storage}


def _context(cache: JSON) -> Context:
    name = cache["spec"]["storage"]["pvc"].get("name") or f"{cache['metadata']['name']}-pvc"
    metadata = {"name": name, "namespace": stored.NAMESPACE, "uid": "claim"}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
    return observing.context(related=[claim], cache=cache)


def _named(path: str) -> Iterator[str]:
    """Yield the conditions that name the field, or the object that it is in."""
    names = "|".join(re.escape(each) for each in (path, path.partition(".")[0]))
    for each in observing.context(cache=pair(path)[1]).plan.findings:
        if re.search(rf"spec\.({names})(?![\w.])", each.message):
            yield f"condition `{each.reason}`"


def _made(cache: JSON) -> dict[str, Any]:
    """Return what the hooks make of a NIMCache, by the words of the page."""
    ctx = _context(cache)
    chosen = choice.at_once(ctx) or choice.reported(ctx, Report("manifest", _catalogue()))
    kind = chosen.type if isinstance(chosen, Choice) else ""
    return {
        "claim": list(persistentvolumeclaim.build(observing.context(cache=cache))),
        "probe": None if choice.at_once(ctx) else probe.made(ctx)["spec"],
        "choice of profiles": chosen,
        # What is chosen counts once, as the choice.
        "download": download.made(ctx, Choice(kind, names=("a",)))["spec"],
        **{
            f"condition `{each.reason}`": each
            for each in observing.context(cache=cache).plan.findings
        },
    }


@cache
def _catalogue() -> Catalogue:
    return modelmanifest.parse(manifests.mapped(12))
