"""Choice: what a download takes and how, made once and remembered.

The download carries it while it runs, the status afterwards. If both are lost, another probe
follows, and no model is lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, text, texts
from hooks.nimcache import inputs, naming
from hooks.nimcache.context import Context
from hooks.nimcache.profile import selection
from hooks.nimcache.profile.catalogue import Catalogue, Profile
from hooks.nimcache.report import modelmanifest
from hooks.nimcache.report.report import Report

NATIVE, MODEL_FREE = "native", "model-free"

_LARGEST = 48 * 1024
"""Bytes of what is remembered.

A Job has 256 KiB for its annotations, and dynamic apply keeps a copy of them in one more.
"""

_REMARKS = ("ManifestTooLarge", "ManifestUnreadable", "ProbeFailed")
"""The reasons of remarks on a choice: oddities that do not prevent it."""

_ESSENTIAL = ("tp", "tensorParallelism")
"""What a NIMService reads of a profile."""


@dataclass(frozen=True)
class Choice:
    """What is downloaded."""

    type: str = ""
    """``status.type``: ``native``, ``model-free`` or empty."""
    profiles: tuple[Manifest, ...] = ()
    """``status.profiles``."""
    names: tuple[str, ...] = ()
    """The profiles that the download is told to take; ``all`` for every one."""
    remark: Finding | None = None
    """An oddity that did not prevent it."""


def at_once(ctx: Context) -> Choice | None:
    """Return the choice that needs no probe, or None if one is needed."""
    ngc, layout = ctx.cache.spec.source.ngc, ctx.layout
    if ngc is None:
        if layout == MODEL_FREE:
            return Choice(MODEL_FREE)
        return Choice() if layout == "legacy" else None
    if ngc.model_endpoint:
        return Choice()
    if layout == NATIVE:
        return Choice(NATIVE)
    return Choice(names=_asked(ctx)) if layout == "legacy" and inputs.takes_all(ctx.cache) else None


def remembered(ctx: Context) -> Choice | None:
    """Return the choice that the status remembers for this spec, or None."""
    status = ctx.status
    if status.get("inputs") != inputs.of(ctx):
        return None
    kind, profiles = text(status.get("type")), tuple(mappings(status.get("profiles")))
    if not all(modelmanifest.is_name(each.get("name")) for each in profiles):
        return None
    names = _asked(ctx) or tuple(filter(None, (text(each.get("name")) for each in profiles)))
    if inputs.chooses(ctx.cache) and not names and kind != NATIVE:
        return None
    return Choice(kind, profiles, names)


def of_job(ctx: Context, job: Manifest) -> Choice:
    """Return the choice that a download carries.

    A download of the reference operator carries none. Then the status has it.
    """
    noted = _noted(job)
    if not noted:
        kind, profiles = text(ctx.status.get("type")), mappings(ctx.status.get("profiles"))
        return Choice(kind, tuple(profiles))
    return Choice(
        text(noted.get("type")).replace("legacy", ""),
        tuple(_readable(each) for each in mappings(noted.get("profiles"))),
        tuple(texts(noted.get("names"))),
        _remark(mapping(noted.get("remark"))),
    )


def _readable(profile: Manifest) -> Manifest:
    """Return a profile as the status can carry it: anybody may have written the note."""
    given = {key: text(profile.get(key)) for key in ("name", "model", "release")}
    config = mapping(profile.get("config"))
    return {
        **{key: value for key, value in given.items() if value},
        "config": {key: value for key, value in config.items() if isinstance(value, str)},
    }


def _remark(given: Manifest) -> Finding | None:
    reason = text(given.get("reason"))
    return Finding(reason, text(given.get("message"))) if reason in _REMARKS else None


def note(choice: Choice) -> str:
    """Return the choice as a download carries it."""
    noted: dict[str, Any] = {
        "type": choice.type or "legacy",
        "names": choice.names,
        "profiles": choice.profiles,
    }
    if choice.remark:
        noted["remark"] = {"reason": choice.remark.reason, "message": choice.remark.text}
    return orjson.dumps(
        {key: value for key, value in noted.items() if value}, option=orjson.OPT_SORT_KEYS
    ).decode()


def _noted(job: Manifest) -> Manifest:
    annotations = mapping(mapping(job.get("metadata")).get("annotations"))
    try:
        return mapping(orjson.loads(text(annotations.get(naming.CHOSEN)) or "{}"))
    except orjson.JSONDecodeError:
        return {}


def reported(ctx: Context, report: Report) -> Choice | Finding:
    """Return the choice by the report of the probe, or a finding if none is possible."""
    if ctx.cache.spec.source.ngc is None:
        return _of_repository(report)
    if report.catalogue is not None:
        return _of_catalogue(ctx, report.catalogue)
    if report.found in ("unreadable", "too large"):
        return _unread(ctx, report)
    if report.found in ("nothing", "hub client") and ctx.layout == "legacy":
        return _without_manifest(ctx)
    return Choice(NATIVE)


def _of_repository(report: Report) -> Choice | Finding:
    if report.found == "no shell":
        return Finding(
            "NoDownloader",
            "The image has neither a shell nor a program that downloads from Hugging Face",
            "create another NIMCache with the image of a NIM that serves models of Hugging "
            f"Face, or annotate this one with {naming.LAYOUT}",
        )
    return Choice(MODEL_FREE) if report.found == "nothing" else Choice()


def _of_catalogue(ctx: Context, catalogue: Catalogue) -> Choice | Finding:
    asked = _asked(ctx)
    if inputs.takes_all(ctx.cache):
        return Choice(names=asked)
    if asked:
        missing = [name for name in asked if catalogue.named(name) is None]
        if missing:
            return _unknown(missing, catalogue)
        return of_profiles(profile for name in asked if (profile := catalogue.named(name)))
    found = selection.select(catalogue, ctx.cache.spec.source.filter, ctx.products)
    return found if isinstance(found, Finding) else of_profiles(found)


def _unknown(missing: list[str], catalogue: Catalogue) -> Finding:
    some = prose.listed(each.name for each in catalogue.profiles)
    return Finding(
        "UnknownProfile",
        f"The image has no profile {prose.of(prose.listed(missing), 200)}. It has "
        f"{prose.of(some, 300)}",
        "create another NIMCache with profiles that the image has",
    )


def _unread(ctx: Context, report: Report) -> Choice | Finding:
    large = report.found == "too large"
    why = "it has too many profiles for a report" if large else report.why
    finding = Finding(
        "ManifestTooLarge" if large else "ManifestUnreadable",
        f"The image's model manifest cannot be read: {why}",
        f"create another NIMCache with {selection.FILTER}.profiles",
    )
    asked = _asked(ctx)
    return Choice(names=asked, remark=finding._replace(remedy="")) if asked else finding


def without_report(ctx: Context) -> Choice | None:
    """Return the choice after a probe without a report, or None if it needs one."""
    asked = _asked(ctx)
    remark = Finding(
        "ProbeFailed", "The probe could not read the image, so the profiles were not checked"
    )
    return Choice(names=asked, remark=remark) if asked else None


def _without_manifest(ctx: Context) -> Choice | Finding:
    if asked := _asked(ctx):
        return Choice(names=asked)
    return Finding(
        "ManifestUnreadable",
        f"The image has no model manifest, and the annotation {naming.LAYOUT} says that it is "
        "legacy",
        f"remove the annotation, or create another NIMCache with {selection.FILTER}.profiles",
    )


def _asked(ctx: Context) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, ctx.cache.spec.source.filter.profiles)))


def of_profiles(profiles: Iterable[Profile]) -> Choice:
    """Return the choice of some profiles of an image, with the tags that people choose by."""
    chosen = list(profiles)
    made = tuple(_recorded(each) for each in chosen)
    if len(orjson.dumps(made)) > _LARGEST:
        made = tuple({**each, "config": _essential(each["config"])} for each in made)
    return Choice(profiles=made, names=tuple(each.name for each in chosen))


def _recorded(profile: Profile) -> Manifest:
    # Longer values are expressions and prose; nobody chooses by them.
    config = {key: value for key, value in profile.tags.items() if len(key) + len(value) <= 256}
    given = {"name": profile.name, "model": profile.model, "release": profile.release}
    return {**{key: value for key, value in given.items() if value}, "config": config}


def _essential(config: Manifest) -> Manifest:
    return {key: value for key, value in config.items() if key in _ESSENTIAL}
