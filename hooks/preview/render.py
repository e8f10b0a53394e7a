"""Render: the children of a parent of which nothing exists yet."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from hooks.cluster.api import Object
from hooks.kernel import resource
from hooks.kernel.protocol import JSON, HookRequest
from hooks.nimservice import kinds
from hooks.preview.installation import SERVED, controller
from hooks.resources import Settings


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
    related: dict[str, dict[str, Object]] = {}
    for other in others:
        related.setdefault(f"{other['kind']}.{other['apiVersion']}", {})[_key(other)] = other
    served = SERVED[parent["kind"]]
    request = HookRequest(parent, related=related, controller=controller(without, served))
    answer = resource.sync(served, request, settings, now).body
    secrets = {
        _key(child): child for child in answer["children"] if child["kind"] == kinds.SECRET.kind
    }
    if not secrets:
        return answer
    observed = HookRequest(parent, {kinds.SECRET.group_key: secrets}, related, request.controller)
    return resource.sync(served, observed, settings, now).body


def _key(manifest: Object) -> str:
    return f"{manifest['metadata'].get('namespace') or 'default'}/{manifest['metadata']['name']}"
