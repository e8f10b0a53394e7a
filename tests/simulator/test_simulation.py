"""Simulation: server, loop and cluster together."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from hooks.cluster.api import Object
from hooks.nimservice.kinds import NIM_SERVICE
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.controllers.world import POD
from nimservice_simulator.metacontroller.children import Engine
from nimservice_simulator.metacontroller.transport import InProcess
from nimservice_simulator.simulation import Simulation, Unsettled
from tests.simulator.lab import DEPLOYMENT, deployment

NIM = {
    "apiVersion": "apps.nvidia.com/v1alpha1",
    "kind": "NIMService",
    "metadata": {"name": "llama"},
    "spec": {"replicas": 2},
}
CONTROLLER = {
    "apiVersion": "metacontroller.k8s.io/v1alpha1",
    "kind": "CompositeController",
    "metadata": {"name": "nimservice"},
    "spec": {
        "generateSelector": True,
        "parentResource": {
            "apiVersion": "apps.nvidia.com/v1alpha1",
            "resource": "nimservices",
            "ignoreStatusChanges": True,
        },
        "childResources": [
            {
                "apiVersion": "apps/v1",
                "resource": "deployments",
                "updateStrategy": {"method": "InPlace"},
            }
        ],
        "hooks": {"sync": {"version": "v2", "webhook": {"url": "http://hooks/sync"}}},
    },
}


def hook(request: Object) -> Object:
    """Return one Deployment, and Ready once it has all of its replicas."""
    nim = request["parent"]
    children = request["children"]["Deployment.apps/v1"].values()
    available = sum(child.get("status", {}).get("availableReplicas", 0) for child in children)
    done = available == nim["spec"]["replicas"]
    answer = {
        "status": {"state": "Ready" if done else "NotReady", "availableReplicas": available},
        "children": [deployment("llama", replicas=nim["spec"]["replicas"])],
    }
    return answer | ({} if done else {"resyncAfterSeconds": 30})


def in_process(function: Any = hook) -> InProcess:
    def handle(_: str, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        return 200, {}, json.dumps(function(json.loads(body))).encode()

    return InProcess(handle)


def simulation(
    engine: Engine = "dynamic-apply", scenario: str = "ready", function: Any = hook
) -> Simulation:
    return Simulation(
        [NIM],
        controllers=[CONTROLLER],
        transport=in_process(function),
        engine=engine,
        scenario=scenario,
    )


def test_a_parent_becomes_ready_and_rests(engine: Engine) -> None:
    found = simulation(engine)
    found.settle()
    assert found.get(NIM_SERVICE)["status"] == {
        "state": "Ready",
        "availableReplicas": 2,
        "observedGeneration": 1,
    }
    assert [child["kind"] for child in found.children(found.get(NIM_SERVICE))] == ["Deployment"]
    assert found.writes_at_rest() == Counter()
    assert not found.warnings


def test_the_timeline_tells_who_did_what_and_when() -> None:
    found = simulation()
    found.settle()
    firsts = {}
    for moment in found.timeline:
        firsts.setdefault(moment.object["kind"], moment)
    assert [(kind, moment.manager) for kind, moment in firsts.items()] == [
        ("NIMService", "kubectl"),
        ("Deployment", "metacontroller"),
        ("ReplicaSet", "deployment-controller"),
        ("Pod", "replicaset-controller"),
    ]
    assert found.timeline[-1].time - found.clock.start == timedelta(seconds=65)
    assert found.timeline == sorted(found.timeline, key=lambda moment: moment.time)


def test_a_hook_that_asks_to_be_called_again_does_not_keep_the_simulation_awake() -> None:
    found = simulation(scenario="image-pull")
    found.settle(patience=timedelta(minutes=5))
    assert found.get(NIM_SERVICE)["status"]["state"] == "NotReady"
    assert found.clock.now() - found.clock.start < timedelta(minutes=20)
    assert found.loop.calls["sync"] > 20


def test_a_repair_is_seen() -> None:
    found = simulation(scenario="image-pull")
    found.settle()
    found.play("ready")
    found.settle()
    assert found.get(NIM_SERVICE)["status"]["state"] == "Ready"


def test_an_edit_and_a_scale_are_seen(engine: Engine) -> None:
    found = simulation(engine)
    found.settle()
    found.edit(NIM_SERVICE, "llama", lambda obj: obj["spec"].update(replicas=3))
    found.settle()
    assert found.get(NIM_SERVICE)["status"] == {
        "state": "Ready",
        "availableReplicas": 3,
        "observedGeneration": 2,
    }
    found.scale(NIM_SERVICE, "llama", 1)
    found.settle()
    assert found.get(NIM_SERVICE)["status"]["availableReplicas"] == 1
    found.put({**NIM, "spec": {"replicas": 2}})
    found.settle()
    assert found.get(NIM_SERVICE)["status"]["availableReplicas"] == 2


def test_a_deletion_leaves_nothing(engine: Engine) -> None:
    found = simulation(engine)
    found.settle()
    found.delete(NIM_SERVICE, "llama")
    found.settle()
    assert [obj["kind"] for obj in found.server.everything()] == ["Namespace"]
    with pytest.raises(LookupError):
        found.get(NIM_SERVICE)


def test_what_never_settles_is_named() -> None:
    numbers = iter(range(100_000))

    def restless(_: Object) -> Object:
        return {"status": {"number": next(numbers)}, "resyncAfterSeconds": 30}

    found = simulation(function=restless)
    with pytest.raises(Unsettled, match="metacontroller MODIFIED NIMService/llama"):
        found.settle(budget=timedelta(hours=1))


def test_a_loop_without_time_is_named() -> None:
    found = Simulation(
        [NIM], controllers=[CONTROLLER], transport=InProcess(lambda _, __: (429, {}, b""))
    )
    with pytest.raises(Unsettled, match="syncs without time passing"):
        found.settle()


def test_time_passes_only_when_told_to() -> None:
    clock = VirtualClock()
    found = Simulation([NIM], controllers=[CONTROLLER], transport=in_process(), clock=clock)
    found.advance(30)
    assert (clock.now() - clock.start).total_seconds() == 30
    assert found.get(NIM_SERVICE)["status"]["state"] == "NotReady"
    found.advance(60)
    assert found.get(NIM_SERVICE)["status"]["state"] == "Ready"


def test_objects_may_bring_a_status_a_namespace_and_a_kind_of_their_own() -> None:
    cache = {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMCache",
        "metadata": {"name": "c", "namespace": "team"},
        "status": {"state": "Ready"},
    }
    strange = {
        "apiVersion": "example.com/v1",
        "kind": "Strange",
        "metadata": {"name": "s"},
        "anything": 1,
    }
    found = Simulation([cache, strange, NIM], controllers=[CONTROLLER], transport=in_process())
    kind = found.server.find_kind("apps.nvidia.com/v1alpha1", "NIMCache")
    assert kind is not None
    assert found.server.get(kind, "team", "c")["status"] == {"state": "Ready"}
    found.settle()
    assert found.get(NIM_SERVICE, "llama")["status"]["state"] == "Ready"


def test_a_workload_edited_by_hand_is_repaired(engine: Engine) -> None:
    found = simulation(engine)
    found.settle()
    found.edit(DEPLOYMENT, "llama", lambda obj: obj["spec"].update(replicas=9))
    found.settle()
    assert found.server.get(DEPLOYMENT, "default", "llama")["spec"]["replicas"] == 2
    assert found.writes_at_rest() == Counter()


def test_two_runs_are_the_same(engine: Engine) -> None:
    first, second = simulation(engine), simulation(engine)
    first.settle()
    second.settle()
    assert first.timeline == second.timeline


def test_a_drained_node_costs_nothing_but_new_pods(engine: Engine) -> None:
    found = simulation(engine)
    found.settle()
    gone = {pod["metadata"]["name"] for pod in found.drain()}
    found.settle()
    assert len(gone) == 2
    assert gone.isdisjoint(pod["metadata"]["name"] for pod in found.server.list(POD))
    assert found.get(NIM_SERVICE)["status"]["availableReplicas"] == 2


def test_one_pod_is_evicted() -> None:
    found = simulation()
    found.settle()
    first, second = found.server.list(POD)
    found.evict(first)
    found.settle()
    names = {pod["metadata"]["name"] for pod in found.server.list(POD)}
    assert second["metadata"]["name"] in names
    assert first["metadata"]["name"] not in names
