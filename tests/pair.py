"""Pair: a toy resource beside NIMService, whose children are two NIMServices."""

from collections.abc import Iterator
from typing import Annotated

from hooks.kernel import builder, condition, context
from hooks.kernel.api.condition import Condition
from hooks.kernel.api.model import Int64, Model, SchemaOf
from hooks.kernel.api.parent import Parent
from hooks.kernel.crd.customresource import CustomResource
from hooks.kernel.document import JSON
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest
from hooks.kernel.plan import Plan
from hooks.kernel.resource import Resource
from hooks.kernel.verdict import Verdict
from hooks.nimservice.kinds import NIM_SERVICE

KIND = Kind("example.com/v1", "Pair", "pairs")


class Spec(Model):
    """What both have in common."""

    repository: str
    """Where their image is."""


class Status(Model):
    """How both are."""

    observed_generation: Int64 | None = None
    """The generation that was seen."""
    state: str | None = None
    """``Ready`` once both are."""
    conditions: list[Annotated[JSON, SchemaOf(Condition)]] = []
    """The state in detail."""


class Pair(Parent):
    """Two NIMServices of one image."""

    spec: Spec
    """What both have in common."""
    status: Status = Status()
    """How they are."""


class Context(context.Context):
    CHILDREN = (NIM_SERVICE,)


def nimservices(ctx: Context) -> Iterator[Manifest]:
    for number in (1, 2):
        yield {
            "apiVersion": NIM_SERVICE.api_version,
            "kind": NIM_SERVICE.kind,
            "metadata": {"name": f"{ctx.parent.name}-{number}", "namespace": ctx.namespace},
            "spec": {
                "image": {"repository": ctx.parent.spec.repository, "tag": "1"},
                "authSecret": "key",
                "storage": {"emptyDir": {}},
                "expose": {"service": {"port": 8000}},
            },
        }


def verdict(ctx: Context) -> Verdict:
    found = ctx.request.observed(NIM_SERVICE).values()
    ready = sum((each.get("status") or {}).get("state") == "Ready" for each in found)
    if ready == 2:
        return Verdict("Ready", "Ready", "both are ready")
    return Verdict("NotReady", "Waiting", f"{ready} of 2 are ready", "Reconciling")


def status(ctx: Context, found: Verdict) -> Manifest:
    conditions = condition.conditions(found, (), ctx.status, ctx.generation, ctx.now)
    return {"state": found.state, "conditions": conditions}


RESOURCE = Resource(
    definition=CustomResource(KIND, Pair, Spec, Status, "pair", ()),
    context=Context,
    check=lambda _: None,
    plan=lambda ctx: Plan(tuple(builder.build(ctx, (nimservices,))[0])),
    related=lambda _: (),
    verdict=verdict,
    status=status,
    example={"repository": "example.com/nim"},
    reasons=(),
)
