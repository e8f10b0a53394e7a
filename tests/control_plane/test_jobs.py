"""Jobs: the stand-in's API server and controller make of a Job what Kubernetes makes of it."""

import itertools
import re

import pytest

from hooks.cluster.api import Conflict, Object, Resource
from nimservice_simulator.controllers import eviction
from nimservice_simulator.controllers.jobs import JOB
from nimservice_simulator.controllers.scenarios import READY, Ending, Scenario, get_ready
from tests.control_plane.cluster import POD, USER, Cluster
from tests.jobs import IGNORE_DISRUPTION, job
from tests.simulator import inside

_number = itertools.count(1)
_THEN = "2026-01-01T00:00:00Z"
SPECS = {
    "plain": {},
    "of several pods": {"parallelism": 2},
    "ignoring disruptions": {"podFailurePolicy": IGNORE_DISRUPTION, "ttlSecondsAfterFinished": 600},
    "restarted in its pod": {"restart": "OnFailure", "backoffLimit": 0},
    "suspended": {"suspend": True},
}


@pytest.fixture
def namespace(plane, cluster):
    if not plane.has_controllers:
        pytest.skip("no controller manager")
    name = f"jobs-{next(_number)}"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    cluster.create(namespace, manager=USER)
    return name


def make(cluster: Cluster, namespace: str, **spec: object) -> Object:
    made = job(**spec)
    meta = {**made["metadata"], "namespace": namespace}
    return cluster.create({**made, "metadata": meta}, manager=USER)


def pods(cluster: Cluster, namespace: str, count: int = 1) -> list[Object]:
    def look() -> list[Object]:
        found = [
            pod
            for pod in cluster.list(POD, namespace)
            if pod["status"]["phase"] == "Pending" and not pod["metadata"].get("deletionTimestamp")
        ]
        return found if len(found) == count else []

    found: list[Object] = cluster.until(look, f"{count} pods wait to run", seconds=30)
    return found


def become(cluster: Cluster, pod: Object, **status: object) -> None:
    """Write a pod's status as the kubelet does."""
    while True:
        live = cluster.get(POD, pod["metadata"]["namespace"], pod["metadata"]["name"])
        try:
            cluster.update_status(
                {**live, "status": {**live["status"], **status}}, manager="kubelet"
            )
        except Conflict:
            continue
        return


def ended(code: int) -> Object:
    end = {"exitCode": code, "reason": "Error", "startedAt": _THEN, "finishedAt": _THEN}
    container = {"name": "main", "image": "image:1", "imageID": "", "ready": False}
    return {
        "phase": "Failed" if code else "Succeeded",
        "containerStatuses": [{**container, "restartCount": 0, "state": {"terminated": end}}],
    }


def settled(cluster: Cluster, namespace: str, kind: str) -> Object:
    """Return the Job's status once it has a condition."""

    def look() -> Object | None:
        status: Object = cluster.get(JOB, namespace, "j")["status"]
        return status if kind in {each["type"] for each in status.get("conditions", [])} else None

    found: Object = cluster.until(look, f"the Job is {kind}", seconds=30)
    return found


def played(scenario: Scenario, **spec: object) -> Object:
    found = inside.Cluster()
    found.kubelet.play(scenario)
    found.make(job(**spec))
    found.settle()
    status: Object = found.get(JOB, "j")["status"]
    return status


def timeless(value: object) -> object:
    """Return an object without what differs from run to run: times, uids and namespaces."""
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items()}
    if isinstance(value, list):
        return [timeless(each) for each in value]
    if not isinstance(value, str):
        return value
    value = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uid", value)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "time", value)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_job_is_stored_alike(cluster, namespace, spec):
    theirs, ours = make(cluster, namespace, **spec), inside.Cluster().make(job(**spec))
    assert timeless(ours["spec"]) == timeless(theirs["spec"])
    assert timeless(ours["metadata"]["labels"]) == timeless(theirs["metadata"]["labels"])


def test_a_job_succeeds_alike(cluster, namespace):
    make(cluster, namespace)
    (pod,) = pods(cluster, namespace)
    assert set(pod["metadata"]["labels"]) == set(
        inside.Cluster().make(job())["spec"]["template"]["metadata"]["labels"]
    )
    become(cluster, pod, **ended(0))
    assert timeless(settled(cluster, namespace, "Complete")) == timeless(played(READY))


def test_a_job_fails_alike(cluster, namespace):
    make(cluster, namespace, backoffLimit=1)
    for _ in range(2):
        (pod,) = pods(cluster, namespace)
        become(cluster, pod, **ended(1))
    fails = Scenario("fails", "", get_ready, ends=lambda _: Ending(1))
    assert timeless(settled(cluster, namespace, "Failed")) == timeless(
        played(fails, backoffLimit=1)
    )


def test_a_job_is_late_alike(cluster, namespace):
    make(cluster, namespace, activeDeadlineSeconds=1)
    runs = Scenario("runs", "", get_ready, ends=lambda _: None)
    assert timeless(settled(cluster, namespace, "Failed")) == timeless(
        played(runs, activeDeadlineSeconds=60)
    )


def test_an_eviction_is_ignored_alike(cluster, namespace):
    spec = {"backoffLimit": 0, "podFailurePolicy": IGNORE_DISRUPTION}
    make(cluster, namespace, **spec)
    (pod,) = pods(cluster, namespace)
    name = pod["metadata"]["name"]
    path = f"/api/v1/namespaces/{namespace}/pods/{name}"
    target = {"kind": "Node", "name": "node-1"}
    binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}, "target": target}
    cluster.connection.request("POST", f"{path}/binding", binding)
    become(cluster, pod, phase="Running")
    meta = {"name": name, "namespace": namespace}
    evicted = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta}
    cluster.connection.request("POST", f"{path}/eviction", evicted)
    theirs = cluster.until(lambda: _leaving(cluster, namespace), "the pod is being deleted")

    found = inside.Cluster()
    found.kubelet.play(Scenario("runs", "", get_ready, ends=lambda _: None))
    found.make(job(**spec))
    found.settle(25)
    eviction.drain(found.kubelet.world)
    found.settle(1)
    assert timeless(found.get(JOB, "j")["status"]) == timeless(theirs)
    ours = found.pods()[0]["status"]["conditions"]
    live = cluster.get(Resource("v1", "Pod", "pods"), namespace, name)["status"]["conditions"]
    assert _disruption(ours) == _disruption(live)

    become(cluster, pod, **ended(143))
    (other,) = pods(cluster, namespace)
    become(cluster, other, **ended(0))
    assert settled(cluster, namespace, "Complete")["succeeded"] == 1


def _leaving(cluster: Cluster, namespace: str) -> Object | None:
    status: Object = cluster.get(JOB, namespace, "j")["status"]
    return status if status.get("terminating") else None


def _disruption(conditions: list[Object]) -> tuple[object, ...]:
    (found,) = [each for each in conditions if each["type"] == "DisruptionTarget"]
    return found["status"], found["reason"], found["message"]
