"""Selection: the profiles that a NIMCache is to download, by its filters and by the GPUs."""

from collections.abc import Iterable, Iterator

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.nimcache.api.source import GPU, ModelFilter
from hooks.nimcache.profile import gpu, pattern
from hooks.nimcache.profile.catalogue import Catalogue, Profile

FILTER = "spec.source.ngc.model"


def select(
    catalogue: Catalogue, wanted: ModelFilter, products: tuple[str, ...] | None
) -> tuple[Profile, ...] | Finding:
    """Return the profiles that fit, in the order of their names, or why none is chosen.

    Args:
        catalogue: what the image offers. wanted: what the NIMCache asks for; it names no profiles.
        products: the GPUs of the cluster, as node labels name them, or None where they are not
        known.
    """
    filtered = [each for each in catalogue.profiles if _passes(each, wanted, catalogue.listed)]
    if not filtered:
        return _nothing(catalogue, wanted, products)
    specific = [each for each in filtered if each.specific and not _aside(each, wanted)]
    generic = [each for each in filtered if not each.specific and not _aside(each, wanted)]
    spare = [each for each in filtered if _aside(each, wanted)]
    if wanted.gpus:
        chosen = [each for each in specific if _asked(each, wanted.gpus, catalogue.gpus)]
        chosen = chosen or generic or spare
    elif products is None:
        if len(kinds := _kinds(specific)) > 1:
            return _unknown(kinds)
        chosen = specific + generic or spare
    else:
        fitting = [each for each in specific if _fits(each, products, catalogue.gpus)]
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
    # A manifest that is a map mixes adapters with the rest: whoever does not ask for them does not
    # want them.
    if has_lora != lora and (lora is not None or (has_lora and not listed)):
        return False
    return wanted.buildable is None or wanted.buildable == profile.buildable


def _aside(profile: Profile, wanted: ModelFilter) -> bool:
    """Whether a profile is for want of a better one: building an engine takes long, and a GPU."""
    return profile.buildable and not wanted.buildable


def _asked(profile: Profile, gpus: Iterable[GPU], known: tuple[str, ...]) -> bool:
    return any(_is_of(profile, each, known) for each in gpus)


def _is_of(profile: Profile, wanted: GPU, known: tuple[str, ...]) -> bool:
    if wanted.ids:
        device = profile.tag("gpu_device").removesuffix(":10de")
        if device not in {each.lower().removeprefix("0x") for each in wanted.ids}:
            return False
    if not wanted.product:
        return bool(wanted.ids)
    if gpu.asked(known, wanted.product) & set(profile.gpus):
        return True
    return not profile.gpus and _matches(profile, wanted.product)


def _fits(profile: Profile, products: tuple[str, ...], known: tuple[str, ...]) -> bool:
    return any(
        gpu.closest(known, each) & set(profile.gpus) or _matches(profile, each) for each in products
    )


def _matches(profile: Profile, product: str) -> bool:
    try:
        return bool(profile.gpu_pattern) and pattern.matches(profile.gpu_pattern, product)
    except pattern.Unsupported:
        return False


def _kinds(profiles: Iterable[Profile]) -> list[str]:
    """Return the kinds of GPU that profiles are made for, each spelled once."""
    kinds = {gpu.words(name): name for each in profiles for name in each.gpus[:1]}
    patterns = {each.gpu_pattern for each in profiles if not each.gpus}
    return sorted((*kinds.values(), *patterns))


def _unknown(kinds: list[str]) -> Finding:
    return Finding(
        "GPUUnknown",
        f"Profiles for different GPUs fit ({_words(kinds)}), and the GPUs of the cluster are "
        "not known",
        f"set {FILTER}.gpus, or nvidia.com/gpu.product in spec.nodeSelector, or "
        "NIM_HOOKS_GPU_PRODUCTS for all caches",
    )


def _nothing(
    catalogue: Catalogue, wanted: ModelFilter, products: tuple[str, ...] | None
) -> Finding:
    asked = ", ".join(f"{key} {value}" for key, value in _filters(wanted)) or "any profile"
    here = f" for GPUs {_words(products)}" if products and not wanted.gpus else ""
    offered = "; ".join(f"{key} {_words(values)}" for key, values in _offers(catalogue) if values)
    return Finding(
        "NoProfileMatches",
        f"No profile of the image has {asked}{here}. It has {len(catalogue.profiles)} profiles "
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
