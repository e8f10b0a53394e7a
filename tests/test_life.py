"""Life: what happens to NIMServices that run, under the simulated Metacontroller, on both
engines."""

import copy
import json

import pytest

from hooks.nimservice import kinds
from hooks.preview import installation
from hooks.resources import Settings
from nimservice_simulator.metacontroller.children import ENGINES
from nimservice_simulator.metacontroller.loop import Metacontroller
from nimservice_simulator.metacontroller.transport import InProcess
from tests.simulated import assert_rests, resource, simulation, stored, workload
from tests.situations import nimservice as situation


@pytest.mark.parametrize("engine", ENGINES)
def test_an_edit_and_its_revert_end_where_they_began(engine):
    nim = stored(situation.nimservice(replicas=2))
    cluster = simulation([nim], engine)
    cluster.settle()
    before = workload(cluster)["spec"]
    edited = copy.deepcopy(nim)
    edited["spec"] |= {
        "env": [{"name": "A", "value": "1"}],
        "nodeSelector": {"a": "b"},
        "replicas": 1,
    }
    cluster.put(edited)
    cluster.settle()
    assert workload(cluster)["spec"] != before
    cluster.put(nim)
    assert_rests(cluster)
    assert workload(cluster)["spec"] == before


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rollout_is_never_ready_in_between(engine):
    """Q34: neither before the edit is applied, nor before it is noticed, nor while old pods are
    left."""
    nim = stored(situation.nimservice(replicas=2))
    cluster = simulation([nim], engine)
    cluster.settle()
    since = len(cluster.timeline)
    edited = copy.deepcopy(nim)
    edited["spec"]["image"]["tag"] = "1.13.0"
    cluster.put(edited)
    cluster.settle()
    said = [
        ready(moment.object)
        for moment in cluster.timeline[since:]
        if moment.object["kind"] == "NIMService"
    ]
    flips = [status for index, status in enumerate(said) if not index or said[index - 1] != status]
    assert flips == ["True", "False", "True"], (
        "the first is the user's own edit, which changes no status"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_further_replicas_never_make_it_unready(engine):
    nim = stored(situation.nimservice(replicas=1))
    cluster = simulation([nim], engine)
    cluster.settle()
    since = len(cluster.timeline)
    cluster.put({**nim, "spec": {**nim["spec"], "replicas": 3}})
    cluster.settle()
    assert {
        ready(moment.object)
        for moment in cluster.timeline[since:]
        if moment.object["kind"] == "NIMService"
    } == {"True"}


@pytest.mark.parametrize("engine", ENGINES)
def test_deletion_leaves_nothing_behind(engine):
    nim = stored(
        situation.nimservice(
            metrics={"enabled": True}, storage={"pvc": {"create": True, "size": "1Gi"}}
        )
    )
    cluster = simulation([nim], engine)
    cluster.settle()
    cluster.delete(resource(kinds.NIM_SERVICE), "llama", "nim")
    cluster.settle()
    assert {each["kind"] for each in cluster.server.everything()} & {
        kind.kind for kind in (*kinds.MANAGED, kinds.NIM_SERVICE)
    } == set()
    assert cluster.warnings == []


@pytest.mark.parametrize("engine", ENGINES)
def test_drift_is_repaired(engine):
    """I-2, Q16: in the reference a Service that was changed by hand stays so."""
    cluster = simulation([stored(situation.nimservice())], engine)
    cluster.settle()
    (service,) = [each for each in cluster.server.everything() if each["kind"] == "Service"]
    service = copy.deepcopy(service)
    service["spec"]["selector"]["app"] = "other"
    service["spec"]["ports"][0]["targetPort"] = 1
    cluster.server.update(service, manager="kubectl")
    assert_rests(cluster)
    (service,) = [each for each in cluster.server.everything() if each["kind"] == "Service"]
    assert service["spec"]["selector"] == {"app": "llama"}
    assert [port["targetPort"] for port in service["spec"]["ports"]] == ["api"]


def ready(nim):
    return next(
        (
            each["status"]
            for each in nim.get("status", {}).get("conditions", [])
            if each["type"] == "Ready"
        ),
        None,
    )


AUTOSCALED = {"enabled": True, "hpa": {"minReplicas": 2, "maxReplicas": 6}}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_number_of_replicas_never_jumps_when_its_owner_changes(engine):
    """Q39, Q48: by hand, to an autoscaler, and back."""
    nim = stored(situation.nimservice(replicas=3))
    cluster = simulation([nim], engine)
    cluster.settle()
    numbers = [3]

    def edit(**spec):
        cluster.put(
            {
                **nim,
                "spec": {
                    **{key: value for key, value in nim["spec"].items() if key != "replicas"},
                    **spec,
                },
            }
        )
        assert_rests(cluster)
        numbers.append(workload(cluster)["spec"]["replicas"])

    def scaled(number):
        changed = workload(cluster)
        changed["spec"]["replicas"] = number
        cluster.server.update(changed, manager="kube-controller-manager")
        assert_rests(cluster)
        numbers.append(workload(cluster)["spec"]["replicas"])

    since = len(cluster.timeline)
    edit(scale=AUTOSCALED)
    scaled(5)
    edit(scale=AUTOSCALED, metrics={"enabled": True})
    edit(scale={"enabled": False})
    edit(replicas=2)
    assert numbers == [3, 3, 5, 5, 5, 2]
    seen = [
        moment.object["spec"]["replicas"]
        for moment in cluster.timeline[since:]
        if moment.object["kind"] == "Deployment"
    ]
    assert [
        number for index, number in enumerate(seen) if not index or seen[index - 1] != number
    ] == [5, 2]


def test_another_engine_restarts_nothing_and_comes_to_rest():
    """Metacontroller's flag is changed under a cluster that runs, there and back."""
    nim = stored(
        situation.nimservice(
            storage={"pvc": {"create": True, "size": "1Gi"}}, metrics={"enabled": True}
        )
    )
    cluster = simulation([nim], ENGINES[0])
    cluster.settle()
    before = workload(cluster)
    for engine in (ENGINES[1], ENGINES[0]):
        hooks = InProcess(installation.Hooks(Settings(), cluster.clock.now))
        cluster.loop = Metacontroller(
            cluster.server,
            installation.controllers(["NIMCache"]),
            hooks,
            clock=cluster.clock,
            engine=engine,
        )
        assert_rests(cluster)
        after = workload(cluster)
        assert after["spec"] == before["spec"]
        assert after["metadata"]["generation"] == before["metadata"]["generation"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_whose_nimservice_is_no_longer_selected_runs_on(engine):
    """Metacontroller finalizes it then. Its label back, it is managed as before."""
    chosen = {"nimservice-hooks/managed": "true"}
    nim = stored(situation.nimservice())
    marked = {**nim, "metadata": {**nim["metadata"], "labels": chosen}}
    cluster = simulation([nim], engine, selector={"matchLabels": chosen})
    cluster.settle()
    assert not [each for each in cluster.server.everything() if each["kind"] == "Deployment"]
    cluster.put(marked)
    cluster.settle()
    before = workload(cluster)
    cluster.put(nim)
    cluster.settle()
    assert workload(cluster) == before
    (left,) = [each for each in cluster.server.everything() if each["kind"] == "NIMService"]
    assert "finalizers" not in left["metadata"]
    assert left["status"]["state"] == "Ready"
    (degraded,) = [each for each in left["status"]["conditions"] if each["type"] == "Degraded"]
    assert degraded["reason"] == "NotSelected"
    cluster.put(marked)
    assert_rests(cluster)
    assert workload(cluster) == before
    (back,) = [each for each in cluster.server.everything() if each["kind"] == "NIMService"]
    assert "Degraded" not in [each["type"] for each in back["status"]["conditions"]]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_key_of_a_group_is_made_once_and_stands_in_no_record(engine):
    groups = {"multiNode": {"parallelism": {"pipeline": 2, "tensor": 8}}}
    cluster = simulation([stored(situation.nimservice(**groups))], engine)
    cluster.settle()
    keys = [
        moment.object
        for moment in cluster.timeline
        if moment.object["kind"] == "Secret" and moment.object.get("data")
    ]
    assert len({each["data"]["private.key"] for each in keys}) == 1
    (now,) = [each for each in cluster.server.everything() if each["kind"] == "Secret"]
    assert now["data"] == keys[0]["data"]
    text = json.dumps(now["metadata"])
    assert now["data"]["private.key"] not in text
    assert "PRIVATE KEY" not in text
    assert_rests(cluster)
