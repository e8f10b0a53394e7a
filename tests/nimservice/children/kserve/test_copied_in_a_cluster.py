"""What KServe copies, in the simulated cluster: which edits restart its pods, and what is said."""

import pytest

from hooks.cluster.api import Resource
from hooks.nimservice import kinds
from nimservice_simulator.metacontroller.children import ENGINES
from tests.simulated import NOT_COPYING, assert_rests, simulation, stored
from tests.situations.nimservice import NAME, nimservice
from tests.situations.stored import NAMESPACE

POD = Resource("v1", "Pod", "pods")
INGRESS = {"router": {"ingress": {"ingressClass": "nginx"}}}
HPA = {"enabled": True, "hpa": {"minReplicas": 2, "maxReplicas": 3}}
EDITS = {
    "replicas": [{"replicas": 3}],
    "route": [{"expose": INGRESS}, {"expose": {}}],
    "autoscaling": [{"replicas": None, "scale": HPA}, {"replicas": 2, "scale": {}}],
}
dynamic_apply, server_side_apply = ENGINES


def running(engine, *objects):
    """Return a cluster with a model of two replicas on KServe, at rest."""
    nim = stored(nimservice(inferencePlatform="kserve", replicas=2))
    cluster = simulation([*objects, nim], engine)
    cluster.settle()
    return cluster


def pods(cluster):
    return {each["metadata"]["uid"] for each in cluster.server.list(POD, NAMESPACE)}


def edit(cluster, **fields):
    def change(nim):
        nim["spec"] |= fields
        nim["spec"] = {key: value for key, value in nim["spec"].items() if value is not None}

    cluster.edit(kinds.NIM_SERVICE, NAME, change, NAMESPACE)
    cluster.settle()


def told(cluster):
    """Return whether the status says that KServe copies the record, and the state."""
    status = cluster.get(kinds.NIM_SERVICE, NAME, NAMESPACE)["status"]
    reasons = {each["type"]: each["reason"] for each in status["conditions"]}
    return reasons.get("Degraded") == "KServeCopiesMetadata", status["state"]


@pytest.mark.parametrize(
    ("engine", "objects"),
    [(dynamic_apply, [NOT_COPYING]), (server_side_apply, [])],
    ids=["dynamic apply with the list", "server-side apply"],
)
@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_an_edit_that_is_not_about_pods_keeps_them(engine, objects, edits):
    cluster = running(engine, *objects)
    before = pods(cluster)
    assert told(cluster) == (False, "Ready")
    for fields in edits:
        edit(cluster, **fields)
        assert pods(cluster) >= before
    assert told(cluster)[1] == "Ready"
    assert_rests(cluster)


def test_as_kserve_is_installed_an_edit_restarts_the_pods_and_the_status_says_so():
    cluster = running(dynamic_apply)
    before = pods(cluster)
    assert told(cluster) == (True, "Ready")
    assert_rests(cluster)
    edit(cluster, replicas=3)
    assert not pods(cluster) & before
    assert told(cluster) == (True, "Ready")


def test_once_the_list_has_the_record_nothing_more_is_said():
    cluster = running(dynamic_apply)
    cluster.put(NOT_COPYING)
    edit(cluster, replicas=3)
    assert told(cluster) == (False, "Ready")
    before = pods(cluster)
    edit(cluster, replicas=4)
    assert pods(cluster) > before
    assert_rests(cluster)
