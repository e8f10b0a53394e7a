"""Selection: the profiles that a NIMCache downloads, by its filters and the GPUs."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.nimcache.api.source import GPU, ModelFilter
from hooks.nimcache.profile import gpu, pattern
from hooks.nimcache.profile.catalogue import Catalogue, Profile

FILTER = "spec.source.ngc.model"


def select(
    catalogue: Catalogue, wanted: ModelFilter, products: tuple[str, ...] | None
) -> tuple[Profile, ...] | Finding:
    """Return the fitting profiles in the order of their names, or a finding if it chooses none.

    Args:
        catalogue: the profiles of the image.
        wanted: the filters of the NIMCache; they name no profiles.
        products: the GPUs of the cluster, as node labels name them, or None if unknown.
    """
    filtered = [each for each in catalogue.profiles if _passes(each, wanted, catalogue.listed)]
    if not filtered:
        return _nothing(catalogue, wanted, products)
    specific = [each for each in filtered if each.specific and not _aside(each, wanted)]
    generic = [each for each in filtered if not each.specific and not _aside(each, wanted)]
    spare = [each for each in filtered if _aside(each, wanted)]
    if wanted.gpus:
        kinds = [_kind(each, catalogue.gpus) for each in wanted.gpus]
        chosen = [each for each in specific if any(_is_of(each, kind) for kind in kinds)]
        chosen = chosen or generic or spare
    elif products is None:
        if len(several := _kinds(specific)) > 1:
            return _unknown(several)
        chosen = specific + generic or spare
    else:
        tags = {tag for each in products for tag in gpu.closest(catalogue.gpus, each)}
        fitting = [each for each in specific if _fits(each, products, tags)]
        chosen = fitting + generic + ([] if fitting else spare)
    if not chosen:
        return _nothing(catalogue, wanted, products)
    return tuple(sorted(chosen, key=lambda each: each.name))


def _passes(profile: Profile, wanted: ModelFilter, listed: bool) -> bool:
    equal = (
        (wanted.precision, profile.tag("precision")),
        (wanted.tensor_parallelism, profile.tag("tp")),
        (wanted.qos_profile, profile.tag("profile")),
    )
    if any(asked and asked.lower() != has for asked, has in equal):
        return False
    engine = (wanted.engine or "").lower().removesuffix("_llm")
    if engine.replace("triton", "tensorrt") not in profile.engine:
        return False
    lora, has_lora = wanted.lora, profile.truth("feat_lora")
    # A manifest that is a map mixes profiles for adapters with the others. Only a filter that asks
    # for adapters gets them.
    if has_lora != lora and (lora is not None or (has_lora and not listed)):
        return False
    return wanted.buildable is None or wanted.buildable == profile.buildable


def _aside(profile: Profile, wanted: ModelFilter) -> bool:
    """Whether a profile is a last resort: building its engine takes long and needs a GPU."""
    return profile.buildable and not wanted.buildable


class _Kind(NamedTuple):
    """A kind of GPU that a NIMCache asks for, read once for all profiles."""

    ids: frozenset[str]
    product: str
    tags: frozenset[str]
    """What the image calls the product."""


def _kind(wanted: GPU, known: tuple[str, ...]) -> _Kind:
    ids = frozenset(each.lower().removeprefix("0x") for each in wanted.ids)
    product = wanted.product or ""
    return _Kind(ids, product, gpu.asked(known, product) if product else frozenset())


def _is_of(profile: Profile, kind: _Kind) -> bool:
    if kind.ids and profile.tag("gpu_device").removesuffix(":10de") not in kind.ids:
        return False
    if not kind.product:
        return bool(kind.ids)
    if not kind.tags.isdisjoint(profile.gpus):
        return True
    return not profile.gpus and _matches(profile, kind.product)


def _fits(profile: Profile, products: tuple[str, ...], tags: set[str]) -> bool:
    return not tags.isdisjoint(profile.gpus) or any(_matches(profile, each) for each in products)


def _matches(profile: Profile, product: str) -> bool:
    try:
        return bool(profile.gpu_pattern) and pattern.matches(profile.gpu_pattern, product)
    except pattern.Unsupported:
        return False


def _kinds(profiles: Iterable[Profile]) -> list[str]:
    """Return the GPUs that profiles are made for, each in one spelling."""
    kinds = {gpu.words(name): name for each in profiles for name in each.gpus[:1]}
    patterns = {each.gpu_pattern for each in profiles if not each.gpus}
    return sorted((*kinds.values(), *patterns))


def _unknown(kinds: list[str]) -> Finding:
    return Finding(
        "GPUUnknown",
        f"Profiles for different GPUs fit ({_words(kinds)}), and the cluster's GPUs are unknown",
        f"set {FILTER}.gpus, or nvidia.com/gpu.product in spec.nodeSelector, or "
        "NIM_HOOKS_GPU_PRODUCTS for all caches",
    )


def _nothing(
    catalogue: Catalogue, wanted: ModelFilter, products: tuple[str, ...] | None
) -> Finding:
    asked = ", ".join(f"{key} {value}" for key, value in _filters(wanted)) or "any profile"
    here = f" for GPUs {_words(products)}" if products and not wanted.gpus else ""
    offered = "; ".join(f"{key} {_words(values)}" for key, values in _offers(catalogue) if values)
    number = len(catalogue.profiles)
    return Finding(
        "NoProfileMatches",
        f"No profile of the image has {asked}{here}. It has {number} profile{'s'[: number - 1]} "
        f"with {offered or 'no tags'}",
        f"create another NIMCache with other filters, or with {FILTER}.profiles",
    )


def _filters(wanted: ModelFilter) -> Iterator[tuple[str, str]]:
    for name in ("precision", "engine", "tensor_parallelism", "qos_profile", "lora", "buildable"):
        value = getattr(wanted, name)
        if value not in (None, ""):
            shown = str(value).lower() if isinstance(value, bool) else prose.of(str(value), 64)
            yield ModelFilter.model_fields[name].alias or name, shown
    if wanted.gpus:
        yield (
            "gpus",
            _words("/".join(filter(None, (each.product, *each.ids))) for each in wanted.gpus),
        )


def _offers(catalogue: Catalogue) -> Iterator[tuple[str, set[str]]]:
    profiles = catalogue.profiles
    yield "engine", {each.engine for each in profiles if each.engine}
    yield "precision", {each.tag("precision") for each in profiles} - {""}
    yield "tensorParallelism", {each.tag("tp") for each in profiles} - {""}
    yield "GPUs", set(_kinds(each for each in profiles if each.specific))


def _words(values: Iterable[str]) -> str:
    return prose.of(prose.listed(values, 8), 200)
