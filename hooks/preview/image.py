"""Image: a stand-in for the image of a NIMCache, which only a node could look into."""

import base64
import gzip
from collections.abc import Iterable
from typing import Any

import yaml
from pydantic import ValidationError

from hooks.cluster.api import Object
from hooks.nimcache import inputs
from hooks.nimcache.api import NIMCache
from hooks.nimcache.api.source import GPU, ModelFilter
from hooks.nimcache.context import GPU_PRODUCT
from hooks.nimcache.report import modelmanifest
from hooks.nimcache.report.modelmanifest import Unreadable
from hooks.nimcache.report.script import HUB_CLIENT, LONGEST, PAGES

GPUS = ("H100", "A100", "L40S")
"""The products that the profiles of an assumed image are made for."""

_OTHERS = {
    "precision": ("fp8", "bf16"),
    "llm_engine": ("vllm", "tensorrt_llm"),
    "tp": ("8", "4"),
    "profile": ("latency", "throughput"),
}
"""Two values of each tag that a filter can ask for: one at least is not what it asks for."""

Tags = dict[str, str]


Pages = tuple[str, ...]
"""What the probe finds in an image: the messages of its containers, one after the other."""

WITHOUT_MANIFEST: Pages = ("v1 none",) * PAGES
HUB: Pages = (f"v1 none {HUB_CLIENT}",) * PAGES
"""An image that has Hugging Face's client alone, and no program of a NIM."""


def read(text: str) -> Pages:
    """Return the image that has a model manifest.

    Raises:
        Unreadable: if the text is no model manifest, or the probe has no room for it.
    """
    found = modelmanifest.parse(text)
    entries = [
        {"id": each.name, "tags": dict(each.tags), "model": each.model, "release": each.release}
        for each in found.profiles
    ]
    named = {each.pop("id"): each for each in entries} if not found.listed else {}
    pages = _packed(named or {"profiles": entries})
    if any(len(page) > LONGEST for page in pages):
        raise Unreadable("it has more profiles than a report has room for")
    return pages


def known(cache: Object) -> Pages:
    """Return the image as far as a NIMCache itself names what it has; none where it does not."""
    parsed = _parsed(cache)
    names = [each for each in parsed.spec.source.filter.profiles if each] if parsed else []
    return _packed({each: {"tags": {}} for each in names}) if names else ()


def assumed(cache: Object) -> Pages:
    """Return an image that has what a NIMCache asks for, for a simulated cluster."""
    source = NIMCache.parse(cache).spec.source
    if source.ngc is None:
        client = source.data_store or (source.repository and source.repository.dataset_name)
        return HUB if client else WITHOUT_MANIFEST
    return known(cache) or _made(_tags(source.filter), source.filter.gpus)


def lacking(cache: Object) -> Pages:
    """Return an image without what a NIMCache asks for; none if it takes whatever there is."""
    parsed = _parsed(cache)
    if parsed is None or inputs.takes_all(parsed):
        return ()
    wanted = parsed.spec.source.filter
    asked = {
        "precision": wanted.precision,
        "llm_engine": wanted.engine,
        "tp": wanted.tensor_parallelism,
        "profile": wanted.qos_profile,
    }
    other = {
        tag: next(each for each in _OTHERS[tag] if value not in each)
        for tag, value in asked.items()
        if value
    }
    return _made({**_tags(wanted), **other}, ()) if other or wanted.profiles else ()


def asks_for_gpus(cache: Object) -> bool:
    """Whether a NIMCache chooses its profiles by the GPUs of the cluster, and names none."""
    parsed = _parsed(cache)
    if parsed is None or not inputs.needs_gpus(parsed):
        return False
    named = GPU_PRODUCT in (parsed.spec.node_selector or {})
    return not named and "vllm" not in _tags(parsed.spec.source.filter)["llm_engine"]


def _parsed(cache: Object) -> NIMCache | None:
    try:
        return NIMCache.parse(cache)
    except ValidationError:
        return None


def _tags(wanted: ModelFilter) -> Tags:
    """Return the tags of a profile that passes a filter."""
    return {
        "llm_engine": wanted.engine or "tensorrt_llm",
        "precision": wanted.precision or "bf16",
        "profile": wanted.qos_profile or "throughput",
        "tp": wanted.tensor_parallelism or "1",
        "feat_lora": str(bool(wanted.lora)).lower(),
        "trtllm_buildable": str(bool(wanted.buildable)).lower(),
    }


def _made(tags: Tags, gpus: Iterable[GPU]) -> Pages:
    """Return an image with a profile for each GPU; those of vLLM are for any."""
    if "vllm" in tags["llm_engine"]:
        return _packed({_name(tags): {"tags": tags}})
    kinds = [
        {
            **({"gpu": each.product} if each.product else {}),
            **({"gpu_device": f"{each.ids[0]}:10de"} if each.ids else {}),
        }
        for each in gpus
    ] or [{"gpu": each} for each in GPUS]
    profiles = [tags | kind for kind in kinds]
    return _packed({_name(each): {"tags": each} for each in profiles})


def _name(tags: Tags) -> str:
    parts = ("llm_engine", "gpu", "gpu_device", "precision", "tp", "profile")
    words = [f"tp{tags[part]}" if part == "tp" else tags[part] for part in parts if part in tags]
    return "-".join(words).lower()


def _packed(manifest: Any) -> Pages:
    text = yaml.dump(manifest, Dumper=yaml.CSafeDumper, sort_keys=False)
    packed = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    size = -(-len(packed) // PAGES)
    parts = [packed[page * size : (page + 1) * size] for page in range(PAGES)]
    return tuple(f"v1 {page + 1} {len(packed)} gzip {part}" for page, part in enumerate(parts))
