"""Resource: pipelines on a simulated cluster, with both controllers and both engines."""

from collections import Counter

import pytest

from hooks.kernel.lastapplied import LAST_APPLIED
from hooks.nimpipeline import kinds
from nimservice_simulator.metacontroller.children import ENGINES
from tests import simulated
from tests.situations.nimpipeline import HELD, nimpipeline, service
from tests.situations.nimservice import BASE_SPEC
from tests.situations.stored import NAMESPACE

both_engines = pytest.mark.parametrize("engine", ENGINES)


def played(*objects, engine=ENGINES[0]):
    simulation = simulated.simulation(objects, engine)
    simulation.settle()
    return simulation


def applied(*services):
    """Return a pipeline as a user applies it."""
    pipeline = nimpipeline(*services)
    pipeline["metadata"] = {"name": "rag", "namespace": NAMESPACE}
    return pipeline


def pipeline_of(simulation):
    (found,) = simulation.server.list(kinds.NIM_PIPELINE)
    return found


def nims(simulation):
    return {nim["metadata"]["name"]: nim for nim in simulation.server.list(kinds.NIM_SERVICE)}


def edited(simulation, change):
    simulation.edit(
        kinds.NIM_PIPELINE, "rag", lambda each: change(each["spec"]["services"]), NAMESPACE
    )
    simulation.settle()


def said(simulation):
    status = pipeline_of(simulation)["status"]
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    return status["state"], ready["reason"]


@both_engines
def test_an_edit_reaches_its_nimservice_and_nothing_else(engine):
    """P1: the reference's never does."""
    sim = played(applied(service("llm"), service("embedder")), engine=engine)
    assert said(sim) == ("Ready", "Ready")
    before = nims(sim)
    edited(sim, lambda services: services[0]["spec"]["image"].update(tag="1.13.0"))
    after = nims(sim)
    assert after["llm"]["spec"]["image"]["tag"] == "1.13.0"
    assert (
        after["embedder"]["metadata"]["resourceVersion"]
        == before["embedder"]["metadata"]["resourceVersion"]
    )
    assert said(sim) == ("Ready", "Ready")
    assert sim.writes_at_rest() == Counter()


@both_engines
def test_a_field_that_is_taken_out_goes_from_its_nimservice(engine):
    sim = played(applied(service(spec={**BASE_SPEC, "replicas": 2})), engine=engine)
    edited(sim, lambda services: services[0]["spec"].pop("replicas"))
    assert "replicas" not in nims(sim)["llm"]["spec"]


@both_engines
def test_a_dependency_that_is_added_changes_the_environment(engine):
    sim = played(applied(service("llm"), service("embedder")), engine=engine)
    told = {"name": "embedder", "port": 8000, "envName": "EMBEDDER"}
    edited(sim, lambda services: services[0].update(dependencies=[told]))
    assert nims(sim)["llm"]["spec"]["env"] == [{"name": "EMBEDDER", "value": "embedder:8000"}]
    edited(sim, lambda services: services[0].pop("dependencies"))
    assert "env" not in nims(sim)["llm"]["spec"]


@both_engines
def test_a_hand_edit_is_put_back_where_the_pipeline_says_something(engine):
    sim = played(applied(service("llm", spec={**BASE_SPEC, "replicas": 1})), engine=engine)
    sim.scale(kinds.NIM_SERVICE, "llm", 3, NAMESPACE)
    sim.settle()
    assert nims(sim)["llm"]["spec"]["replicas"] == 1
    assert said(sim) == ("Ready", "Ready")


@both_engines
def test_replicas_that_the_pipeline_does_not_set_belong_to_whoever_sets_them(engine):
    sim = played(applied(service("llm")), engine=engine)
    sim.scale(kinds.NIM_SERVICE, "llm", 3, NAMESPACE)
    sim.settle()
    assert nims(sim)["llm"]["spec"]["replicas"] == 3
    assert said(sim) == ("Ready", "Ready")
    assert sim.writes_at_rest() == Counter()


@both_engines
def test_what_is_disabled_drains_and_goes_and_comes_back(engine):
    sim = played(applied(service("llm"), service("embedder")), engine=engine)
    edited(sim, lambda services: services[1].update(enabled=False))
    assert set(nims(sim)) == {"llm"}
    assert pipeline_of(sim)["status"]["readyServices"] == "1/1"
    edited(sim, lambda services: services[1].update(enabled=True))
    assert set(nims(sim)) == {"llm", "embedder"}
    assert said(sim) == ("Ready", "Ready")


@both_engines
def test_a_service_that_is_renamed_is_another_one(engine):
    sim = played(applied(service("llm"), service("embedder")), engine=engine)
    edited(sim, lambda services: services[1].update(name="reranker"))
    assert set(nims(sim)) == {"llm", "reranker"}
    assert sim.writes_at_rest() == Counter()


@both_engines
def test_an_order_that_changes_changes_nothing(engine):
    sim = played(applied(service("llm"), service("embedder")), engine=engine)
    before = nims(sim)
    edited(sim, lambda services: services.reverse())
    assert nims(sim) == before


@both_engines
def test_a_nimservice_that_nobody_owns_is_left_alone_and_named_and_survives_the_pipeline(engine):
    mine = {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": {"name": "llm", "namespace": NAMESPACE},
        "spec": {**BASE_SPEC, "replicas": 2},
    }
    sim = played(mine, applied(service("llm"), service("embedder")), engine=engine)
    assert nims(sim)["llm"]["spec"]["replicas"] == 2
    assert said(sim) == ("NotReady", "ChildNotObserved")
    assert pipeline_of(sim)["status"]["states"] == {"llm": "NotReady", "embedder": "Ready"}
    assert sim.writes_at_rest() == Counter()
    sim.delete(kinds.NIM_PIPELINE, "rag", NAMESPACE)
    sim.settle()
    assert set(nims(sim)) == {"llm"}


@both_engines
def test_one_that_is_handed_over_as_the_message_says_becomes_its_own(engine):
    mine = {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": {"name": "llm", "namespace": NAMESPACE},
        "spec": {**BASE_SPEC, "replicas": 2},
    }
    sim = played(mine, applied(service("llm", spec={**BASE_SPEC, "replicas": 1})), engine=engine)
    uid = pipeline_of(sim)["metadata"]["uid"]
    sim.edit(
        kinds.NIM_SERVICE,
        "llm",
        lambda nim: nim["metadata"].setdefault("labels", {}).update({"controller-uid": uid}),
        NAMESPACE,
    )
    sim.settle()
    assert nims(sim)["llm"]["spec"]["replicas"] == 1
    assert said(sim) == ("Ready", "Ready")


def _taken_over(sim):
    uid = pipeline_of(sim)["metadata"]["uid"]
    return lambda nim: nim["metadata"].setdefault("labels", {}).update({"controller-uid": uid})


def _without_record(_):
    return lambda nim: (nim["metadata"].get("annotations") or {}).pop(LAST_APPLIED, None)


@both_engines
@pytest.mark.parametrize("change", [_taken_over, _without_record])
def test_a_hold_claims_nothing_of_what_it_has_no_record_of(change, engine):
    """The correction of the pipeline would remove it, and restart the pods."""
    theirs = {"replicas": 3, "nodeSelector": {"x": "y"}, "env": [{"name": "OLD", "value": "1"}]}
    mine = {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": {"name": "llm", "namespace": NAMESPACE},
        "spec": {**BASE_SPEC, **theirs},
    }
    before = [mine] if change is _taken_over else []
    sim = played(*before, applied(service("llm"), service("b")), engine=engine)
    edited(sim, lambda services: services.append(service("bad", spec=HELD)))
    assert said(sim) == ("Failed", "InvalidSpec")
    sim.edit(kinds.NIM_SERVICE, "llm", lambda nim: nim["spec"].update(theirs), NAMESPACE)
    sim.edit(kinds.NIM_SERVICE, "llm", change(sim), NAMESPACE)
    sim.settle()
    edited(sim, lambda services: services.pop())
    assert said(sim)[1] != "InvalidSpec"
    assert nims(sim)["llm"]["spec"].items() >= theirs.items()


@both_engines
@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
def test_its_nimservices_go_with_it_drained_as_always(propagation, engine):
    sim = played(applied(service("llm"), service("embedder")), engine=engine)
    sim.delete(kinds.NIM_PIPELINE, "rag", NAMESPACE, propagation=propagation)
    sim.settle()
    left = [
        each["kind"]
        for each in sim.server.everything()
        if each["metadata"].get("namespace") == NAMESPACE
    ]
    assert left == []


@both_engines
def test_orphaned_they_live_on_and_a_new_pipeline_leaves_them_alone(engine):
    sim = played(applied(service("llm")), engine=engine)
    uid = nims(sim)["llm"]["metadata"]["uid"]
    sim.delete(kinds.NIM_PIPELINE, "rag", NAMESPACE, propagation="Orphan")
    sim.settle()
    sim.put(applied(service("llm")))
    sim.settle()
    assert nims(sim)["llm"]["metadata"]["uid"] == uid
    assert said(sim) == ("NotReady", "ChildNotObserved")


@both_engines
def test_a_failing_service_tells_its_cause_in_the_pipeline(engine):
    spec = {**BASE_SPEC, "storage": {"nimCache": {"name": "absent"}}}
    sim = played(applied(service("llm"), service("embedder", spec=spec)), engine=engine)
    assert said(sim) == ("NotReady", "NIMCacheNotFound")
    assert pipeline_of(sim)["status"]["states"] == {"llm": "Ready", "embedder": "Pending"}
