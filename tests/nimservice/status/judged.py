"""Judged: what is said of a NIMService in a situation."""

from hooks.nimservice import children, kinds
from hooks.nimservice.status import verdict
from tests.situations import nimservice as situation
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import applied

CACHED = {"storage": {"nimCache": {"name": "cache"}}}


def workload(spec, counts):
    """Return the Deployment of a spec with the counts in its status, as a NIMCache that was ready
    once let it be made."""
    planned = children.plan(situation.context(related=[nimcache()], **spec)).children
    (made,) = [child for child in planned if child["kind"] == "Deployment"]
    return applied(made, status=counts)


def said(
    *,
    counts=None,
    related=(),
    before=None,
    manages=kinds.MANAGED,
    status=None,
    generation=1,
    **spec,
):
    observed = [] if counts is None else [workload(spec if before is None else before, counts)]
    status = {"observedGeneration": 1} if status is None else status
    ctx = situation.context(
        observed, related, manages=manages, status=status, generation=generation, **spec
    )
    return verdict.of(ctx)


WITHOUT_DEPLOYMENT = tuple(kind for kind in kinds.MANAGED if kind is not kinds.DEPLOYMENT)
