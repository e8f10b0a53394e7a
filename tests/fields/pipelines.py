"""Pipelines: every field of a NIMPipeline's spec but those of its NIMServices, how it is tried out,
and where its effect shows."""

import copy
from collections.abc import Iterator
from functools import cache

from hooks.kernel.document import JSON
from hooks.nimpipeline import validation
from hooks.nimpipeline.context import Context
from hooks.nimpipeline.status import degraded
from tests.fields import tried
from tests.fields.leaf import Leaf, leaves
from tests.fields.row import Row, within
from tests.situations import nimpipeline as situation

_CALLED = situation.service("embedder")
_BESIDE = {"dependencies": [{"name": "embedder", "port": 8000, "envName": "EMBEDDER"}]}

ROWS: dict[str, Row] = within(
    "services[]",
    {
        "name": Row("chat", "llm"),
        "enabled": Row(True, False),
        **within(
            "dependencies[]",
            {
                "name": Row("reranker", "embedder", _BESIDE),
                "port": Row(9000, 8000, _BESIDE),
                "envName": Row("URL", "EMBEDDER", _BESIDE),
                "envValue": Row("embedder.models:8000", beside=_BESIDE),
            },
        ),
    },
)
LEAVES: dict[str, Leaf] = {
    leaf.path: leaf
    for leaf in leaves("NIMPipeline")
    if not leaf.path.startswith("services[].spec.")
}


@cache
def effects(path: str) -> tuple[str, ...]:
    """Return where the effect of a field shows; nowhere is an empty answer."""
    before, after = (_context(each) for each in pair(path))
    return tuple(dict.fromkeys((*_children(before, after), *_conditions(before, after))))


def pair(path: str) -> tuple[JSON, JSON]:
    """Return a NIMPipeline without and with the field, as the API server stores it."""
    row = ROWS[path]
    return tried.apart(
        path,
        row,
        lambda: situation.nimpipeline(
            {**situation.service(), **copy.deepcopy(row.beside)}, copy.deepcopy(_CALLED)
        ),
    )


def refused(pipeline: JSON) -> list[str]:
    """Return what the API server or the hooks say against a NIMPipeline."""
    return tried.objections(pipeline, validation.of(_context(pipeline).pipeline))


def _context(pipeline: JSON) -> Context:
    return situation.context(pipeline)


def _children(before: Context, after: Context) -> Iterator[str]:
    old, new = (
        {each["metadata"]["name"]: each["spec"] for each in ctx.plan.children}
        for ctx in (before, after)
    )
    if {*old} != {*new}:
        yield "NIMService"
    for name in sorted({*old} & {*new}):
        for field in sorted({*old[name], *new[name]}):
            if old[name].get(field) != new[name].get(field):
                yield f"`spec.{field}` of the NIMService"


def _conditions(before: Context, after: Context) -> Iterator[str]:
    old, new = ({each.reason: each for each in degraded.findings(ctx)} for ctx in (before, after))
    yield from (f"condition `{reason}`" for reason in sorted({*old} ^ {*new}))
