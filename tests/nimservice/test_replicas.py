"""Replicas: who owns their number, so that it never jumps when the owner changes."""

import copy

import pytest

from hooks.kernel import lastapplied
from hooks.nimservice import replicas
from hooks.nimservice.children import deployment
from tests.situations import nimservice as situation
from tests.situations.stored import DYNAMIC, SERVER_SIDE

AUTOSCALED = {"scale": {"enabled": True, "hpa": {"minReplicas": 2, "maxReplicas": 8}}}
HPA_MANAGER = {
    "manager": "kube-controller-manager",
    "operation": "Update",
    "subresource": "scale",
    "fieldsV1": {"f:spec": {"f:replicas": {}}},
}


def wanted(workload=None, **spec):
    return replicas.wanted(situation.context([workload] if workload else [], **spec))


def deployed(engine, live, **spec):
    """Return the Deployment of a spec, applied by an engine and scaled to a number since; None
    leaves it alone."""
    made = situation.only(deployment, **spec)
    scaled = {} if live is None else {"replicas": live}
    observed = situation.applied(made, engine=engine, **scaled)
    if engine == SERVER_SIDE and live is not None and live != made["spec"].get("replicas"):
        entry = observed["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]
        entry.pop("f:replicas", None)
        observed["metadata"]["managedFields"].append(copy.deepcopy(HPA_MANAGER))
    return observed


both_engines = pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])


@pytest.mark.parametrize(
    ("spec", "number"), [({}, 1), ({"replicas": 3}, 3), ({"replicas": 0}, 0), (AUTOSCALED, None)]
)
def test_a_new_workload_has_what_is_asked_for_and_leaves_the_number_to_an_autoscaler(spec, number):
    assert wanted(**spec) == number


@both_engines
@pytest.mark.parametrize("live", [0, 1, 5])
def test_the_users_number_is_put_back(engine, live):
    assert wanted(deployed(engine, live, replicas=3), replicas=3) == 3


@both_engines
@pytest.mark.parametrize("live", [1, 2, 7])
def test_a_workload_made_under_autoscaling_never_gets_a_number(engine, live):
    assert wanted(deployed(engine, live, **AUTOSCALED), **AUTOSCALED) is None


def test_handing_over_to_an_autoscaler_echoes_the_number_under_dynamic_apply():
    """Leaving it out would reset it to 1; the write carries the resourceVersion it was read at."""
    assert wanted(deployed(DYNAMIC, 3, replicas=3), **AUTOSCALED) == 3
    assert wanted(deployed(DYNAMIC, 5, replicas=3), **AUTOSCALED) == 5


def test_handing_over_under_server_side_apply_echoes_it_until_somebody_else_owns_it():
    observed = deployed(SERVER_SIDE, 3, replicas=3)
    assert wanted(observed, **AUTOSCALED) == 3
    observed["metadata"]["managedFields"].append(HPA_MANAGER)
    assert wanted(observed, **AUTOSCALED) is None


@both_engines
def test_an_autoscaler_at_zero_is_started_with_its_least_number(engine):
    """Q39: an autoscaler does nothing at zero, and the reference leaves it there."""
    assert wanted(deployed(engine, 0, replicas=0), **AUTOSCALED) == 2


@both_engines
@pytest.mark.parametrize("live", [2, 6])
def test_switching_the_autoscaler_off_leaves_the_number_where_it_is(engine, live):
    """In the reference it falls to the user's number, or to 1, at once."""
    number = wanted(deployed(engine, live, **AUTOSCALED))
    assert number in (None, live)


@both_engines
def test_switching_the_autoscaler_off_with_a_number_sets_it(engine):
    assert wanted(deployed(engine, 6, **AUTOSCALED), replicas=3) == 3


@both_engines
def test_zero_belongs_to_whoever_set_it(engine):
    """KEDA stops a model by scaling its Deployment to 0; each 1 in place of it loaded the model
    again."""
    number = wanted(deployed(engine, 0))
    assert number == (0 if engine == DYNAMIC else None)
    assert wanted(deployed(engine, 0, **AUTOSCALED)) in (None, 0)
    assert wanted(deployed(engine, 0, replicas=0)) == 0


@both_engines
@pytest.mark.parametrize("live", [1, 4])
def test_without_a_number_scaling_by_hand_holds(engine, live):
    """Q48: in the reference it holds until the next edit of the spec."""
    assert wanted(deployed(engine, live)) in (None, live)


def test_a_manager_of_another_name_is_somebody_else():
    observed = deployed(SERVER_SIDE, None, replicas=3)
    observed["metadata"]["managedFields"][0]["manager"] = "kubectl"
    assert wanted(observed, **AUTOSCALED) is None


def test_a_record_of_the_other_engine_resets_no_number():
    """Whoever may annotate a workload could scale it to 1 without the right to scale it."""
    observed = deployed(SERVER_SIDE, 5, replicas=5)
    observed["metadata"]["annotations"] = {lastapplied.LAST_APPLIED: '{"metadata":{}}'}
    assert wanted(observed) == 5
