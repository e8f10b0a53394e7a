"""Toy: a resource of the tests' own, which stands beside NIMService wherever resources are
registered.

It keeps a greeting in a ConfigMap. ``frozen`` keeps that as it was last applied.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from hooks.kernel import builder, condition, lastapplied
from hooks.kernel.api.condition import Condition
from hooks.kernel.api.model import Int64, Model, SchemaOf
from hooks.kernel.api.parent import Parent
from hooks.kernel.context import Context
from hooks.kernel.crd.customresource import Column, CustomResource
from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest
from hooks.kernel.plan import Plan
from hooks.kernel.reason import Reason
from hooks.kernel.resource import Resource
from hooks.kernel.settings import Settings
from hooks.kernel.verdict import Verdict

TOY = Kind("example.com/v1", "Toy", "toys")
CONFIG_MAP = Kind("v1", "ConfigMap", "configmaps")


class ToySpec(Model):
    """What a Toy is to say."""

    greeting: str = "hello"
    """What it says."""
    frozen: bool = False
    """Keep the ConfigMap as it is."""


class ToyStatus(Model):
    """How a Toy is."""

    state: str | None = None
    """The state in one word."""
    observed_generation: Int64 | None = None
    """The generation that this was found for; Metacontroller writes it."""
    conditions: list[Annotated[JSON, SchemaOf(Condition)]] = Field(default_factory=list)
    """The state in detail."""


class Toy(Parent):
    """A Toy keeps a greeting in a ConfigMap of its name."""

    spec: ToySpec
    """What is wanted."""


class ToyContext(Context[Toy, Settings]):
    """One Toy, and what is observed around it."""

    CHILDREN = (CONFIG_MAP,)


def _config_map(ctx: ToyContext) -> Iterator[Manifest]:
    metadata = {"name": ctx.parent.name, "namespace": ctx.namespace}
    yield {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {"greeting": ctx.parent.spec.greeting},
    }


def _plan(ctx: ToyContext) -> Plan:
    children, findings = builder.build(ctx, (_config_map,))
    existing = ctx.child(CONFIG_MAP, ctx.parent.name)
    if existing and ctx.parent.spec.frozen:
        kept = lastapplied.last_applied(existing, ctx.settings.field_manager)
        return Plan((kept,), tuple(findings), held="Frozen")
    return Plan(tuple(children), tuple(findings))


def _check(toy: Toy) -> Finding | None:
    if toy.spec.greeting:
        return None
    return Finding("InvalidSpec", "must not be empty: say something", path="spec.greeting")


def _verdict(ctx: ToyContext) -> Verdict:
    if ctx.child(CONFIG_MAP, ctx.parent.name) is None:
        return Verdict("NotReady", "Creating", "ConfigMap is being created", "Reconciling")
    return Verdict("Ready", ctx.plan.held or "Ready", "the greeting is in its ConfigMap")


def _status(ctx: ToyContext, verdict: Verdict) -> Manifest:
    given = condition.conditions(verdict, ctx.plan.findings, ctx.status, ctx.generation, ctx.now)
    return {"state": verdict.state, "conditions": given}


def _related(_: ToyContext) -> Iterator[JSON]:
    yield from ()


RESOURCE: Resource[Any] = Resource(
    definition=CustomResource(
        kind=TOY,
        model=Toy,
        spec=ToySpec,
        status=ToyStatus,
        short_name="toy",
        columns=(Column("State", ".status.state"),),
    ),
    context=ToyContext,
    check=_check,
    plan=_plan,
    related=_related,
    verdict=_verdict,
    status=_status,
    example={"greeting": "hello"},
    reasons=(
        Reason("Ready", "The greeting is kept.", "Nothing."),
        Reason("Creating", "The ConfigMap does not exist yet.", "Wait."),
        Reason("Frozen", "The ConfigMap is kept as it is.", "Take spec.frozen away.", holds=True),
        Reason("InvalidSpec", "The spec cannot be built.", "Correct the field."),
    ),
)
