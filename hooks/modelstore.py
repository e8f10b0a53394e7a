"""Model store: where a workload finds its model, and what a NIMCache adds to that.

A running workload keeps what it took from its NIMCache until ``spec.storage`` changes: pods restart by an edit of their
NIMService and by nothing else. What it took is remembered in ``status.modelStore``, beside a hash of the ``spec.storage`` it
was taken for.
"""

import hashlib
from dataclasses import asdict, dataclass, field, fields
from typing import Literal

import orjson
from pydantic import ValidationError

from hooks.api.nimservice import NIMService
from hooks.finding import Finding
from hooks.manifest import Manifest
from hooks.naming import claim
from hooks.nimcache.api.nimcache import NIMCache
from hooks.quantity import canonical

Layout = Literal["legacy", "native"]

LAYOUT_ANNOTATION = "apps.nvidia.com/model-layout"
"""Key in ``spec.annotations`` that gives the layout of an image where no NIMCache tells (B32)."""

VOLUME = "model-store"
"""Name of the model's volume."""

GPU = "nvidia.com/gpu"
"""Name of the GPUs that are counted, among the resources of a container."""

MOUNT_PATH = "/model-store"
"""Where the model's volume is mounted, in the layout of most images."""


@dataclass(frozen=True)
class ModelStore:
    """Where the model's files are and how the model server is told about them."""

    claim: str | None = None
    """PersistentVolumeClaim to mount; None for a directory of the node (``emptyDir``, ``hostPath``)."""
    sub_path: str | None = None
    """Folder within the volume."""
    layout: Layout = "legacy"
    """What the image expects: one model store (``legacy``), or a model folder and a cache folder (``native``)."""
    profile: str | None = None
    """Model profile to serve."""
    nim_cache: str | None = None
    """NIMCache that the rest was taken from."""
    model_name: str | None = None
    """What an image that serves any model is told to load."""
    model_path: str | None = None
    """URI of a model of Hugging Face, for example ``hf://meta-llama/Llama-3.1-8B``."""
    hugging_face: bool = False
    """Whether the model comes from Hugging Face or a data store of its kind."""
    gpus: str | None = None
    """GPUs of each pod, where the profile says how many it needs."""

    @property
    def variables(self) -> dict[str, str | None]:
        """The environment variables that say which model to serve; those that are None are not set."""
        named = None if self.layout == "native" else self.model_name
        return {
            "NIM_ENGINE_MODEL_PATH": "/".join(filter(None, ("/model", self.nim_cache))) if self.layout == "native" else None,
            "NIM_MODEL_NAME": named,
            "HF_HOME": f"{MOUNT_PATH}/huggingface/hub" if named else None,
            "NIM_MODEL_PATH": self.model_path if named else None,
            "NIM_MODEL_PROFILE": self.profile,
        }


@dataclass(frozen=True)
class Blocked:
    """No model store yet: what exists is held, and nothing new is made."""

    finding: Finding
    failed: bool = False
    """Whether waiting does not help."""


@dataclass(frozen=True)
class Resolution:
    """The model store of a sync, or why there is none, and what is remarkable about it."""

    store: ModelStore | Blocked
    storage_hash: str
    findings: tuple[Finding, ...] = field(default=())


def resolve(nim: NIMService, cache: Manifest | None, status: Manifest, pod: Manifest | None) -> Resolution:
    """Return the model store for a NIMService.

    Args:
        nim: the NIMService.
        cache: the NIMCache that it names, as observed.
        status: the status of the NIMService, which remembers what a running workload took.
        pod: the pod spec of the workload that exists, if one does.
    """
    wanted = storage_hash(nim)
    fresh = _fresh(nim, cache)
    memory = _readable(status.get("modelStore") or {})
    if pod is None or isinstance(fresh, Blocked) or fresh.nim_cache is None or memory.get("storageHash", wanted) != wanted:
        return Resolution(fresh, wanted)
    if "nimCache" not in memory:
        return Resolution(fresh if _serves(nim, pod, fresh) else Blocked(_replaced(nim, pod, fresh)), wanted)
    taken = recall(memory)
    return Resolution(taken, wanted, () if taken == fresh else (_changed(taken, fresh),))


def asks_for_devices(nim: NIMService) -> bool:
    """Whether the user says which devices a pod gets, so that the profile does not."""
    given = nim.spec.resources or {}
    return bool(nim.spec.dra_resources) or any(GPU in (given.get(part) or {}) for part in ("requests", "limits"))


def storage_hash(nim: NIMService) -> str:
    """Return a short hash of ``spec.storage``: it changes when the user edits it, and then only."""
    document = nim.spec.storage.model_dump(by_alias=True, exclude_defaults=True)
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def remember(resolution: Resolution, status: Manifest) -> Manifest:
    """Return ``status.modelStore``: what a workload takes from its storage now, or took when its storage was last known."""
    if isinstance(resolution.store, Blocked):
        # Without a memory, the storage alone is remembered: an edit of it must be told from what was there before.
        return status.get("modelStore") or {"storageHash": resolution.storage_hash}
    memory: Manifest = {"storageHash": resolution.storage_hash}
    if resolution.store.nim_cache is not None:
        memory |= {_WIRE.get(key, key): value for key, value in asdict(resolution.store).items() if value not in (None, False)}
    return memory


def _readable(memory: Manifest) -> Manifest:
    """Return a memory, or none where somebody wrote what no pod can be made from."""
    return memory if (memory.get("gpus") or "1").isdecimal() else {}


def recall(memory: Manifest) -> ModelStore:
    """Return the model store in ``status.modelStore``."""
    given = {each.name: memory.get(_WIRE.get(each.name, each.name)) for each in fields(ModelStore)}
    return ModelStore(**{name: value for name, value in given.items() if value is not None})


_WIRE = {
    "claim": "claimName",
    "sub_path": "subPath",
    "nim_cache": "nimCache",
    "model_name": "modelName",
    "model_path": "modelPath",
    "hugging_face": "huggingFace",
}


def _fresh(nim: NIMService, cache: Manifest | None) -> ModelStore | Blocked:
    storage = nim.spec.storage
    if storage.nim_cache.name:
        return _from_cache(nim, storage.nim_cache.name, cache)
    layout: Layout = "native" if nim.spec.annotations.get(LAYOUT_ANNOTATION) == "native" else "legacy"
    if storage.pvc.create or storage.pvc.name:
        return ModelStore(claim=claim(nim), sub_path=storage.pvc.sub_path or None, layout=layout)
    return ModelStore(layout=layout)


def _from_cache(nim: NIMService, name: str, manifest: Manifest | None) -> ModelStore | Blocked:
    if manifest is None:
        return Blocked(Finding("NIMCacheNotFound", f"NIMCache {name} not found: create it in namespace {nim.namespace}"))
    try:
        cache = NIMCache.parse(manifest)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        return Blocked(Finding("NIMCacheNotReady", f"NIMCache {name} is not valid at {where}: correct it"))
    if cache.status.state == "Failed":
        return Blocked(Finding("NIMCacheFailed", f"NIMCache {name} failed: {_cause(cache)}"), failed=True)
    claim_name = cache.spec.storage.pvc.name or cache.status.pvc
    if cache.status.state != "Ready":
        return Blocked(Finding("NIMCacheNotReady", f"NIMCache {name} not ready: its state is {cache.status.state or 'empty'}"))
    if not cache.status.pvc or not claim_name:
        return Blocked(Finding("NIMCacheNotReady", f"NIMCache {name} is Ready but names no claim in status.pvc"))
    return _with_profile(nim, cache, claim_name)


def _with_profile(nim: NIMService, cache: NIMCache, claim_name: str) -> ModelStore | Blocked:
    source, name = cache.spec.source, cache.metadata.name
    cached = {each.name: each.config for each in cache.status.profiles if each.name}
    profile = nim.spec.storage.nim_cache.profile or (next(iter(cached)) if len(cached) == 1 else None)
    if profile and cached and profile not in cached:
        listed = ", ".join(sorted(cached)[:3]) + (" …" if len(cached) > 3 else "")
        return Blocked(
            Finding("UnknownProfile", f"spec.storage.nimCache.profile: NIMCache {name} has no profile {profile}: choose one of {listed}"),
            failed=True,
        )
    optimized = source.ngc is not None and source.ngc.model_endpoint is None
    gpus = None
    if profile in cached and optimized:
        gpus = (
            str(nim.multi_node.tensor) if nim.multi_node else cached[profile].get("tensorParallelism") or cached[profile].get("tp") or "1"
        )
        if not gpus.isdecimal():
            return Blocked(
                Finding("UnknownProfile", f"NIMCache {name}: profile {profile} asks for {gpus!r} GPUs, which is no number"), failed=True
            )
    hf = source.hf
    return ModelStore(
        claim=claim_name,
        sub_path=cache.spec.storage.pvc.sub_path or None,
        layout="native" if cache.status.type == "native" else "legacy",
        profile=profile,
        nim_cache=name,
        model_name=MOUNT_PATH if hf is not None or (source.ngc is not None and source.ngc.model_endpoint is not None) else None,
        model_path=f"hf://{hf.namespace}/{hf.model_name}" if hf and hf.model_name else None,
        hugging_face=hf is not None or source.data_store is not None,
        gpus=gpus,
    )


def _cause(cache: NIMCache) -> str:
    """Quote the cache's own words: the condition that says what went wrong (Q22)."""
    wrong = {("NIM_CACHE_JOB_COMPLETED", "False"), ("NIM_CACHE_RECONCILE_FAILED", "True"), ("Failed", "True")}
    for condition in cache.status.conditions:
        if (condition.get("type"), condition.get("status")) in wrong and condition.get("message"):
            return str(condition["message"])
    return "it does not say why; look at its Job"


def _serves(nim: NIMService, pod: Manifest, fresh: ModelStore) -> bool:
    """Whether a pod has this model store, as far as a pod can tell: what the user decides says nothing."""
    server: Manifest = next((each for each in pod.get("containers") or [] if _model_mounts(each)), {})
    paths = {mount.get("mountPath") for mount in _model_mounts(server)}
    if _mounted(pod) != (fresh.claim, fresh.sub_path) or ("/model" in paths) != (fresh.layout == "native"):
        return False
    told = {each.get("name"): each.get("value") for each in server.get("env") or []}
    asked = {each.get("name") for each in nim.spec.env}
    if any(told.get(name) != value for name, value in fresh.variables.items() if name not in asked):
        return False
    gpus = ((server.get("resources") or {}).get("limits") or {}).get(GPU)
    return asks_for_devices(nim) or gpus == (canonical(fresh.gpus) if fresh.gpus else None)


def _mounted(pod: Manifest) -> tuple[str | None, str | None]:
    """Return the claim and the folder that a pod mounts as its model store."""
    volume: Manifest = next((each for each in pod.get("volumes") or [] if each.get("name") == VOLUME), {})
    return (volume.get("persistentVolumeClaim") or {}).get("claimName"), next((each.get("subPath") for each in _mounts(pod)), None)


def _mounts(pod: Manifest) -> list[Manifest]:
    return [each for item in pod.get("containers") or [] for each in _model_mounts(item)]


def _model_mounts(container: Manifest) -> list[Manifest]:
    return [each for each in container.get("volumeMounts") or [] if each.get("name") == VOLUME]


def _replaced(nim: NIMService, pod: Manifest, fresh: ModelStore) -> Finding:
    (claim_name, sub_path), cache = _mounted(pod), nim.spec.storage.nim_cache.name
    return _kept(f"NIMCache {cache}", f"{claim_name}/{sub_path or ''} → {fresh.claim}/{fresh.sub_path or ''}, layout {fresh.layout}")


def _changed(taken: ModelStore, fresh: ModelStore) -> Finding:
    differing = [each.name for each in fields(ModelStore) if getattr(taken, each.name) != getattr(fresh, each.name)]
    listed = ", ".join(f"{_WIRE.get(name, name)} {getattr(taken, name)} → {getattr(fresh, name)}" for name in differing)
    return _kept(f"NIMCache {taken.nim_cache}", listed)


def _kept(cache: str, difference: str) -> Finding:
    return Finding(
        "NIMCacheChanged",
        f"{cache} has changed since the model started ({difference}): pods keep what they have until spec.storage is edited",
    )
