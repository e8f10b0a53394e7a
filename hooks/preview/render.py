"""Render: the children of a NIMService of which nothing exists yet."""

from collections.abc import Collection, Iterable
from datetime import datetime

from hooks.cluster.api import Object
from hooks.kernel import resource
from hooks.kernel.protocol import JSON, HookRequest
from hooks.nimservice import kinds
from hooks.preview.installation import controller
from hooks.resources import NIM_SERVICE, Settings


def render(
    nim: Object,
    others: Iterable[Object],
    settings: Settings,
    *,
    now: datetime,
    without: Collection[str] = (),
) -> JSON:
    """Return the settled answer for a NIMService of which nothing exists yet.

    What waits for an object that only this answer makes (a LeaderWorkerSet for its Secret) is in it
    too.
    """
    related: dict[str, dict[str, Object]] = {}
    for other in others:
        related.setdefault(f"{other['kind']}.{other['apiVersion']}", {})[_key(other)] = other
    request = HookRequest(nim, related=related, controller=controller(without))
    answer = resource.sync(NIM_SERVICE, request, settings, now).body
    secrets = {
        _key(child): child for child in answer["children"] if child["kind"] == kinds.SECRET.kind
    }
    if not secrets:
        return answer
    observed = HookRequest(nim, {kinds.SECRET.group_key: secrets}, related, request.controller)
    return resource.sync(NIM_SERVICE, observed, settings, now).body


def _key(manifest: Object) -> str:
    return f"{manifest['metadata'].get('namespace') or 'default'}/{manifest['metadata']['name']}"
