"""Handlers: the three hooks, each a function from a request to an answer."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import ValidationError

from hooks.kernel import deletion, lastapplied
from hooks.kernel.finding import Finding
from hooks.kernel.kind import Kind
from hooks.kernel.protocol import JSON, BadRequest, HookRequest
from hooks.kernel.settings import Settings
from hooks.nimservice import children, kinds, naming, ownership, requestshape, status, validation
from hooks.nimservice.api import kserve
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.context import Context
from hooks.nimservice.device import claim
from hooks.nimservice.status import endpoint, verdict
from hooks.nimservice.status.verdict import Verdict

Ask = Callable[[str], str | None]
"""Asks the model server at an address (``host:port`` or a URL) for its model's name; None where it does not say."""


def sync(request: HookRequest, settings: Settings, now: datetime, ask: Ask) -> JSON:
    """Return the children that a NIMService is to have, and its status."""
    return _decided(request, settings, now, partial(_synced, ask=ask), partial(_refused, request, settings, now))


def finalize(request: HookRequest, settings: Settings, now: datetime) -> JSON:
    """Return what is left of a NIMService that is being deleted, and whether nothing is left to wait for."""
    drained = partial(_drained, request, settings, now)
    return _decided(
        request,
        settings,
        now,
        lambda ctx: drained(status.observe(ctx, verdict.of(ctx))),
        lambda finding: drained(status.refused(request, finding, now)),
    )


def customize(request: HookRequest, settings: Settings) -> JSON:
    """Return which objects a NIMService reads besides its children; it depends on the spec alone."""
    never = datetime.min.replace(tzinfo=UTC)
    return _decided(request, settings, never, lambda ctx: {"relatedResources": list(_related(ctx))}, lambda _: {"relatedResources": []})


def _decided(
    request: HookRequest, settings: Settings, now: datetime, answer: Callable[[Context], JSON], refuse: Callable[[Finding], JSON]
) -> JSON:
    """Return the answer, or that to a spec which cannot be built.

    Raises:
        BadRequest: where a hook fails over something that no API server could have sent.
    """
    try:
        ctx = _context(request, settings, now)
        return refuse(ctx) if isinstance(ctx, Finding) else answer(ctx)
    except Exception as error:
        if odd := requestshape.oddity(request):
            raise BadRequest(422, odd) from error
        finding = validation.of_schema(request.parent)
        if finding is None:
            raise  # a mistake of ours: a 500 changes nothing, and Metacontroller asks again
        return refuse(finding)


def _synced(ctx: Context, ask: Ask) -> JSON:
    plan = children.plan(ctx)
    ctx = ctx.having(plan.findings, plan.children)
    said = verdict.of(ctx)
    answer: JSON = {"status": status.observe(_named(ctx, said, ask), said), "children": list(plan.children)}
    if said.progress == "Reconciling":
        # An event can be lost when a hook fails (M 6.2), so what is under way is looked at again.
        answer["resyncAfterSeconds"] = ctx.settings.resync_seconds
    return answer


def _drained(request: HookRequest, settings: Settings, now: datetime, said: JSON) -> JSON:
    kept = deletion.remaining(request, settings, now)
    answer: JSON = {"status": said, "children": kept or [], "finalized": kept is None}
    return answer if kept is None else {**answer, "resyncAfterSeconds": settings.resync_seconds}


def _context(request: HookRequest, settings: Settings, now: datetime) -> Context | Finding:
    try:
        nim = NIMService.parse(request.parent)
    except ValidationError as error:
        return validation.of_types(error)
    return validation.of(nim) or Context(nim, request, settings, now)


def _refused(request: HookRequest, settings: Settings, now: datetime, finding: Finding) -> JSON:
    held = [lastapplied.last_applied(child, settings.field_manager) for child in request.all_observed()]
    return {"status": status.refused(request, finding, now), "children": held}


def _named(ctx: Context, said: Verdict, ask: Ask) -> Context:
    """Ask a ready model for its name, once for each generation of its NIMService."""
    known = ctx.status.get("observedGeneration") == ctx.nim.metadata.generation and (ctx.status.get("model") or {}).get("name")
    if known or not ctx.settings.model_lookup or said.reason != "Ready":
        return ctx
    address = endpoint.cluster(ctx)
    return replace(ctx, model_name=ask(address)) if address else ctx


def _related(ctx: Context) -> Iterable[JSON]:
    nim, cache, domain = ctx.nim, ctx.nim.spec.storage.nim_cache.name, claim.named_domain(ctx.nim)
    if cache:
        yield _rule(nim, kinds.NIM_CACHE, names=[cache])
    yield from (_rule(nim, kind, names=[name]) for kind, name in ownership.names(nim))
    if ctx.settings.pod_causes:
        apps = {"key": "app", "operator": "In", "values": naming.pod_apps(nim)}
        yield _rule(nim, kinds.POD, labelSelector={"matchExpressions": [apps]})
        # KServe changes the label app. The platform may have been KServe before, so this does not depend on what it is now.
        yield _rule(nim, kinds.POD, labelSelector={"matchLabels": {kserve.OWNER: naming.workload(nim)}})
    # A kind that the cluster does not have fails the whole sync, so optional ones are asked for only where they are managed.
    if ctx.manages(kinds.RESOURCE_CLAIM_TEMPLATE) and (nim.spec.dra_resources or claim.compute_domain(nim)):
        yield _rule(nim, kinds.RESOURCE_CLAIM)
    if ctx.manages(kinds.COMPUTE_DOMAIN) and domain:
        yield _rule(nim, kinds.COMPUTE_DOMAIN, names=[domain])


def _rule(nim: NIMService, kind: Kind, **selection: Any) -> JSON:
    return {"apiVersion": kind.api_version, "resource": kind.plural, "namespace": nim.namespace, **selection}
