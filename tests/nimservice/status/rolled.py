"""Rolled: a Deployment in a rollout, and how far that is."""

from hooks.nimservice import children
from hooks.nimservice.status.rollout import desired
from tests.situations import nimservice as situation
from tests.situations.nimservice import rolled_out
from tests.situations.stored import DYNAMIC


def planned(*, engine=DYNAMIC, before=None, counts=None, generation=1, status=None, **spec):
    """Return the context of a NIMService whose Deployment was made from the spec ``before``, with
    what is to be made now."""
    old = children.plan(situation.context(**(spec if before is None else before))).children
    (made,) = [child for child in old if child["kind"] == "Deployment"]
    observed = situation.applied(
        made, engine=engine, status=counts or rolled_out(made["spec"].get("replicas", 1))
    )
    last = desired.workload_hash(situation.context(**(spec if before is None else before)))
    return situation.context(
        [observed],
        generation=generation,
        status=status or {"observedGeneration": 1, "workloadHash": last},
        **spec,
    )


ENV = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
