"""Edit: edits of children other than the workload that the API server refuses.

A refused edit leaves the child as it was, and the model may run on. The status remembers a hash of
each child that was asked for. So an edit is known by its hash, and not by a difference from the
live object, which something in the cluster may rewrite for good.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from hooks.kernel import lastapplied
from hooks.kernel.condition import timestamp
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mappings, moment, text
from hooks.nimservice.context import Context
from hooks.nimservice.status.rollout.arrival import NOT_APPLIED

_PATIENCE = timedelta(seconds=5)
"""How long an edit may take to reach a child: applying it is one request."""


class _Child(NamedTuple):
    name: str
    """Kind and name, ``Ingress/llama``."""
    hash: str
    """A hash of the spec that was asked for."""
    since: datetime | None = None
    """Since when an edit has not reached it; None if none is on its way."""


def remember(ctx: Context) -> list[Manifest]:
    """Return what the status remembers of each child, sorted by name."""
    if not ctx.plan.children:  # a deletion, or a refused spec
        return mappings(ctx.status.get("children"))
    return [
        {
            "name": each.name,
            "hash": each.hash,
            **({"since": timestamp(each.since)} if each.since else {}),
        }
        for each in _children(ctx)
    ]


def findings(ctx: Context) -> Iterator[Finding]:
    """Yield a finding for each child that the latest edit does not reach."""
    describe = f"kubectl describe nims {ctx.nim.name} -n {ctx.nim.namespace}"
    for each in _children(ctx):
        if each.since and ctx.passed(each.since, _PATIENCE):
            kind, _, name = each.name.partition("/")
            yield Finding(
                NOT_APPLIED,
                f"The API server refuses the latest edit of {kind} {name}, which stays as it was",
                f"correct the field in the events of {describe}",
                subject=each.name,
            )


def _children(ctx: Context) -> list[_Child]:
    return ctx.once(_observed)


def _observed(ctx: Context) -> list[_Child]:
    known = {text(each.get("name")): each for each in mappings(ctx.status.get("children"))}
    return sorted(
        _child(ctx, child, known)
        for child in ctx.plan.children
        if "spec" in child and ctx.kind_of(child).strategy != "OnDelete" and not _runs(ctx, child)
    )


def _child(ctx: Context, wanted: Manifest, known: Mapping[str, Manifest]) -> _Child:
    made = _Child(f"{wanted['kind']}/{wanted['metadata']['name']}", _hash(wanted))
    before = known.get(made.name, {})
    last, since = text(before.get("hash")), moment(before.get("since"))
    edited = bool(last) and last != made.hash
    if not (edited or since):
        return made
    observed = ctx.child(ctx.kind_of(wanted), wanted["metadata"]["name"])
    if observed is None:
        return made
    manager = ctx.settings.field_manager
    if not lastapplied.differs(observed, wanted, manager):
        return made
    if edited:
        return made._replace(since=ctx.now)
    # Under server-side apply something may rewrite what has arrived.
    applied = lastapplied.applied_at(observed, manager)
    return made if since and applied and applied >= since else made._replace(since=since)


def _hash(child: Manifest) -> str:
    document = orjson.dumps(child["spec"], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(document).hexdigest()[:8]


def _runs(ctx: Context, child: Manifest) -> bool:
    return bool(
        child["kind"] == ctx.workload_kind.kind and child["metadata"]["name"] == ctx.workload_name
    )
