"""Render: the children of parents of which nothing exists yet."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from hooks.cluster.api import Object
from hooks.kernel import resource
from hooks.kernel.document import JSON
from hooks.kernel.protocol import HookRequest
from hooks.nimservice import kinds
from hooks.preview.grouped import grouped
from hooks.preview.installation import SERVED, controller
from hooks.resources import Settings

if TYPE_CHECKING:
    from hooks.preview.image import Pages


def together(  # noqa: PLR0913 - all but the objects have a default or a name
    parents: Iterable[Object],
    others: Iterable[Object],
    settings: Settings,
    *,
    now: datetime,
    without: Collection[str] = (),
    pages: "Pages" = (),
) -> Iterator[tuple[Object, JSON]]:
    """Yield each parent with its settled answer, and each child that is a parent after its own.

    NIMServices see the NIMCaches among the parents as they are once they are filled.

    Args:
        parents: objects of the kinds that the hooks serve. others: all other objects.
        settings: those of the installation. now: the time.
        without: the kinds that the installation does not manage.
        pages: what the probe finds in the image of each NIMCache; none if that is not known.
    """
    everyone, around = list(parents), list(others)
    caches = [each for each in everyone if each["kind"] == kinds.NIM_CACHE.kind]
    found = list(_filled(caches, around, settings, now, pages)) if caches else []
    answers = (each for each, _ in found)
    seen = [cache for _, cache in found]
    for parent in everyone:
        if parent["kind"] == kinds.NIM_CACHE.kind:
            yield parent, next(answers)
        else:
            yield from family(parent, [*around, *seen], settings, now=now, without=without)


def _filled(
    caches: Iterable[Object],
    around: list[Object],
    settings: Settings,
    now: datetime,
    pages: "Pages",
) -> Iterator[tuple[JSON, Object]]:
    """Yield the answer for each NIMCache once it is filled, and the NIMCache as others see it."""
    from hooks.preview import cache, image  # noqa: PLC0415 - most files have no NIMCache

    for each in caches:
        found = cache.filled(each, around, settings, now=now, pages=pages or image.known(each))
        status = each.get("status") or cache.seen(each, found)
        answer = {"children": list(found.children), "status": found.status}
        yield answer, {**each, "status": status}


def family(
    parent: Object,
    others: Iterable[Object],
    settings: Settings,
    *,
    now: datetime,
    without: Collection[str] = (),
) -> Iterator[tuple[Object, JSON]]:
    """Yield a new parent with its settled answer, then the same for each child that is one."""
    around = list(others)
    answer = render(parent, around, settings, now=now, without=without)
    yield parent, answer
    for child in answer["children"]:
        if child["kind"] in SERVED:
            yield from family(child, around, settings, now=now, without=without)


def render(
    parent: Object,
    others: Iterable[Object],
    settings: Settings,
    *,
    now: datetime,
    without: Collection[str] = (),
) -> JSON:
    """Return the settled answer for a parent of which nothing exists yet.

    What waits for an object that only this answer makes (a LeaderWorkerSet for its Secret) is in it
    too.
    """
    related = grouped(others)
    served = SERVED[parent["kind"]]
    request = HookRequest(parent, related=related, controller=controller(without, served))
    answer = resource.sync(served, request, settings, now).body
    made = [child for child in answer["children"] if kinds.SECRET.is_of(child)]
    if not made:
        return answer
    observed = HookRequest(parent, grouped(made), related, request.controller)
    settled = resource.sync(served, observed, settings, now).body
    new = {child["metadata"]["name"]: child for child in made}
    # Later answers leave out the key, which only the first one has.
    children = [
        new[child["metadata"]["name"]] if kinds.SECRET.is_of(child) else child
        for child in settled["children"]
    ]
    return {**settled, "children": children}
