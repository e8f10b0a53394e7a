"""Resource: what a slice gives, and the three hooks, written once over it.

A resource is a kind of the API with its own CompositeController. Its hooks are pure functions from
a request, the settings and the time to an answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from hooks.kernel import (
    condition,
    deletion,
    lastapplied,
    observed,
    parsed,
    resync,
    validation,
)
from hooks.kernel.clock import Clock
from hooks.kernel.context import Context
from hooks.kernel.crd.customresource import CustomResource
from hooks.kernel.deletion import Stage
from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest
from hooks.kernel.plan import Plan
from hooks.kernel.protocol import HookRequest
from hooks.kernel.reason import Reason
from hooks.kernel.settings import Settings
from hooks.kernel.verdict import Verdict

C = TypeVar("C", bound=Context[Any, Any])

HOOKS = ("sync", "finalize", "customize")
"""The hooks of a CompositeController, by their names in URLs."""

NOT_SELECTED = Finding(
    "NotSelected",
    "the CompositeController's labelSelector does not select it; "
    "its children run on, and nothing updates or repairs them",
    "restore the labels that the selector asks for",
)
"""What the status says of a parent that was selected before."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """The answer of a hook, and facts for the server."""

    body: JSON
    """The answer to Metacontroller."""
    held: str | None = None
    """The reason why existing children are held, or None if they are built from the spec."""
    question: str | None = None
    """The address (``host:port`` or a URL) of a model server to ask for its model, or None."""
    became: str | None = None
    """The reason of the condition ``Ready`` if the answer changes it, else None.

    It is one of the resource's reasons, or ``other``.
    """


def _no_labels(_: str) -> dict[str, str]:
    return {}


def _no_question(*_: Any) -> None:
    return None


def _not_retained(_: HookRequest) -> None:
    return None


def _no_rules(_: HookRequest) -> Iterable[JSON]:
    return ()


@dataclass(frozen=True)
class Resource(Generic[C]):
    """A kind of the API: its children, its status and its deletion."""

    definition: CustomResource
    """Its CustomResourceDefinition."""
    context: type[C]
    """The argument of its functions; its ``CHILDREN`` are the controller's ``childResources``."""
    check: Callable[[Any], Finding | None]
    """Returns why a spec that passes the schema cannot be built, given the model."""
    plan: Callable[[C], Plan]
    """Makes the children."""
    related: Callable[[C], Iterable[JSON]]
    """Yields the rules for related objects; they depend only on the spec."""
    verdict: Callable[[C], Verdict]
    status: Callable[[C, Verdict], Manifest]
    example: JSON
    """A small spec; every server tries it before it serves."""
    reasons: tuple[Reason, ...]
    """Every reason of its conditions."""
    stages: tuple[Stage, ...] = ()
    """The order of a deletion; kinds in no stage are deleted last."""
    pod_labels: Callable[[str], dict[str, str]] = _no_labels
    """Returns the labels that identify the pods of a parent, given its name."""
    hooks: tuple[str, ...] = HOOKS
    """The hooks of its CompositeController; without ``finalize``, garbage collection deletes."""
    question: Callable[[C, Verdict], str | None] = _no_question
    """Returns the address of a model server to ask for its model's name."""
    largest: int = validation.LARGEST
    """Most bytes of its spec, as JSON."""
    retained: Callable[[HookRequest], Finding | None] = _not_retained
    """Returns why a deleted parent stays for now, whatever its spec, or None where it may go."""
    retainers: Callable[[HookRequest], Iterable[JSON]] = _no_rules
    """Yields the rules for what ``retained`` reads, for a parent that is being deleted."""

    @property
    def kind(self) -> Kind:
        """The kind of its parents."""
        return self.definition.kind

    @property
    def path(self) -> str:
        """The first part of the path of its hooks, for example ``nimservice``."""
        return self.kind.kind.lower()


def call(
    hook: str, resource: Resource[Any], request: HookRequest, settings: Settings, now: datetime
) -> Answer:
    """Return the answer of one of ``HOOKS``."""
    match hook:
        case "customize":
            return customize(resource, request, settings)
        case "finalize":
            answer = finalize(resource, request, settings, now)
        case _:
            answer = sync(resource, request, settings, now)
    return replace(answer, became=_became(resource, request, answer))


def _became(resource: Resource[Any], request: HookRequest, answer: Answer) -> str | None:
    """Return the new reason of the condition ``Ready``, or None if it stays."""
    old, new = (
        observed.text(observed.condition(each, "Ready").get("reason"))
        for each in (request.parent, answer.body)
    )
    if new in ("", old):
        return None
    return new if any(new == each.name for each in resource.reasons) else "other"


def sync(
    resource: Resource[Any], request: HookRequest, settings: Settings, now: datetime
) -> Answer:
    """Return the children of a parent, and its status."""
    ctx = _context(resource, request, settings, now, resource.plan)
    if isinstance(ctx, Finding):
        held = _held(request, settings)
        return Answer(
            {"status": refused(resource, request, ctx, now), "children": held},
            ctx.reason if held else None,
        )
    children = list(ctx.plan.children)
    verdict = _verdict(resource, ctx)
    status = resource.status(ctx, verdict)
    body: JSON = {"status": status, "children": children}
    waits = [resync.in_time(ctx.clock)]
    if verdict.progress == "Reconciling":
        waits.append(resync.after(request, status, settings.resync_seconds, ctx.clock))
    if again := min(filter(None, waits), default=None):
        body["resyncAfterSeconds"] = again
    return Answer(body, ctx.plan.held, resource.question(ctx, verdict))


def finalize(
    resource: Resource[Any], request: HookRequest, settings: Settings, now: datetime
) -> Answer:
    """Return the children to keep of a deleted parent, and whether the deletion is complete.

    Metacontroller also calls it for a parent that its CompositeController no longer selects.
    """
    if not observed.deleted(request.parent):
        return _released(request, settings, now)
    ctx = _context(resource, request, settings, now)
    status = (
        refused(resource, request, ctx, now)
        if isinstance(ctx, Finding)
        else resource.status(ctx, _verdict(resource, ctx))
    )
    if not resource.stages or resource.retained(request) is not None:
        return _left(resource, request, status, settings, now)
    kept = deletion.remaining(request, resource.stages, resource.pod_labels, settings, now)
    body: JSON = {"status": status, "children": kept or [], "finalized": kept is None}
    return Answer(body if kept is None else {**body, "resyncAfterSeconds": settings.resync_seconds})


def _released(request: HookRequest, settings: Settings, now: datetime) -> Answer:
    """Return the answer for a parent that is no longer selected: every child stays as it is."""
    old = observed.status(request.parent)
    generation = observed.number(observed.metadata(request.parent).get("generation"))
    others = [
        each
        for each in observed.mappings(old.get("conditions"))
        if each.get("type") not in ("Degraded", "Reconciling")
    ]
    degraded = condition.condition("Degraded", True, NOT_SELECTED.reason, NOT_SELECTED.text)
    status = {**old, "conditions": [*others, *condition.timed([degraded], old, generation, now)]}
    return Answer(
        {"status": status, "children": _held(request, settings), "finalized": True},
        NOT_SELECTED.reason,
    )


def _held(request: HookRequest, settings: Settings) -> list[JSON]:
    """Return every child as it was last applied."""
    return [lastapplied.held(child, settings.field_manager) for child in request.all_observed()]


def _left(
    resource: Resource[Any],
    request: HookRequest,
    status: Manifest,
    settings: Settings,
    now: datetime,
) -> Answer:
    """Return the answer for a parent that stays for now, or leaves its children to their owner.

    Both answer every child: Metacontroller deletes one that is left out, even where
    ``--cascade=orphan`` asks to keep it.
    """
    held = _held(request, settings)
    if resource.retained(request) is None:
        return Answer({"status": status, "children": held, "finalized": True})
    again = resync.after(request, status, settings.resync_seconds, Clock(now))
    return Answer(
        {"status": status, "children": held, "finalized": False, "resyncAfterSeconds": again}
    )


def customize(resource: Resource[Any], request: HookRequest, settings: Settings) -> Answer:
    """Return the rules for a parent's related objects, by its spec and its deletion."""
    ctx = _context(resource, request, settings, _NEVER)
    rules = [] if isinstance(ctx, Finding) else list(resource.related(ctx))
    if observed.deleted(request.parent):
        rules += resource.retainers(request)
    return Answer({"relatedResources": rules})


def _context(
    resource: Resource[C],
    request: HookRequest,
    settings: Settings,
    now: datetime,
    plan: Callable[[C], Plan] | None = None,
) -> C | Finding:
    """Return what the resource's functions take, or why the spec cannot be built."""
    if refused := validation.of_size(request.parent.get("spec"), resource.largest):
        return refused
    model = resource.definition.model
    parent = parsed.of(request.parent, resource.kind.kind, model, resource.check)
    if isinstance(parent, Finding):
        return parent
    return (
        resource.context(parent, request, settings, now, plan)
        if plan
        else resource.context(parent, request, settings, now)
    )


def _verdict(resource: Resource[C], ctx: C) -> Verdict:
    if observed.deleted(ctx.request.parent):
        return _terminating(resource, ctx.request)
    return resource.verdict(ctx)


def _terminating(resource: Resource[Any], request: HookRequest) -> Verdict:
    if found := resource.retained(request):
        return Verdict("NotReady", found.reason, found.cause, "Reconciling", found.remedy)
    return deletion.terminating(request, resource.stages, resource.pod_labels)


def refused(
    resource: Resource[Any], request: HookRequest, finding: Finding, now: datetime
) -> Manifest:
    """Return the status of a parent with a refused spec; it keeps the earlier observations."""
    old = observed.status(request.parent)
    generation = observed.number(request.parent["metadata"].get("generation"))
    if observed.deleted(request.parent):
        verdict = _terminating(resource, request)
    else:
        verdict = Verdict("Failed", finding.reason, finding.cause, "Stalled", finding.remedy)
    kept = {
        key: value
        for key, value in old.items()
        if key not in ("state", "conditions", "observedGeneration")
    }
    return {
        **kept,
        "state": verdict.state,
        "conditions": condition.conditions(verdict, (), old, generation, now),
    }
