"""LeaderWorkerSets: groups of pods that come and are replaced together."""

from typing import Any

from hooks.cluster.api import Object, Resource
from hooks.kernel.observed import condition
from nimservice_simulator.controllers.world import POD
from tests.simulator.inside import Cluster

GROUP = Resource("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "leaderworkersets")


def group(**template: Any) -> Object:
    pod = {
        "metadata": {"labels": {"app": "g"}},
        "spec": {"containers": [{"name": "main", "image": "image:1"}]},
    }
    spec = {"replicas": 2, "leaderWorkerTemplate": {"size": 3, "workerTemplate": pod, **template}}
    return {
        "apiVersion": GROUP.api_version,
        "kind": GROUP.kind,
        "metadata": {"name": "g"},
        "spec": spec,
    }


def test_groups_of_pods_come_together() -> None:
    cluster = Cluster()
    leader = {
        "metadata": {"labels": {"app": "g", "role": "leader"}},
        "spec": {"containers": [{"name": "main", "image": "image:1"}]},
    }
    cluster.make(group(leaderTemplate=leader))
    cluster.kubelet.step()
    assert [pod["metadata"]["name"] for pod in cluster.pods()] == [
        "g-0",
        "g-0-1",
        "g-0-2",
        "g-1",
        "g-1-1",
        "g-1-2",
    ]
    assert [pod["metadata"]["labels"].get("role") for pod in cluster.pods()] == [
        "leader",
        None,
        None,
    ] * 2
    assert cluster.pods()[1]["spec"]["containers"][0]["env"][0]["value"] == "g-0.g.default"
    cluster.settle()
    status = cluster.get(GROUP, "g")["status"]
    assert (status["replicas"], status["readyReplicas"], status["updatedReplicas"]) == (2, 2, 2)
    assert condition(cluster.get(GROUP, "g"), "Available")["status"] == "True"


def test_groups_are_replaced_one_by_one() -> None:
    cluster = Cluster()
    cluster.make(group())
    cluster.settle()
    ready: list[int] = []
    cluster.server.watch(GROUP, lambda event: ready.append(event.object["status"]["readyReplicas"]))
    change = {"containers": [{"name": "main", "image": "image:2"}]}
    cluster.server.edit(
        GROUP,
        "default",
        "g",
        lambda obj: obj["spec"]["leaderWorkerTemplate"]["workerTemplate"].update(spec=change),
    )
    cluster.settle()
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods()} == {"image:2"}
    assert len(cluster.pods()) == 6
    assert min(ready) == 1
    cluster.server.scale(GROUP, "default", "g", 1)
    cluster.settle()
    assert len(cluster.pods()) == 3


def test_a_group_starts_anew_when_one_of_its_containers_ends() -> None:
    cluster = Cluster("group-crash")
    cluster.make(group())
    before = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in cluster.pods()}
    gone: set[str] = set()
    cluster.server.watch(
        POD,
        lambda event: (
            gone.add(event.object["metadata"]["uid"]) if event.type == "DELETED" else None
        ),
    )
    cluster.settle()
    after = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in cluster.pods()}
    assert after.keys() == {"g-0", "g-0-1", "g-0-2", "g-1", "g-1-1", "g-1-2"}
    assert not set(before.values()) & set(after.values())
    assert len(gone) == 6 * 3, "leaders go with their workers, at each of three attempts"
