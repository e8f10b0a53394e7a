"""Hold: a child exactly as it was last applied, on both engines."""

import copy
import json

import pytest

from hooks.kernel import dynamicapply, lastapplied
from tests.kernel.recorded import MANAGER, SERVICE
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.stored import DYNAMIC, SERVER_SIDE

DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "llama",
        "namespace": "nim",
        "labels": {"app.kubernetes.io/name": "llama"},
    },
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "llama"}},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0},
        },
        "template": {
            "metadata": {"labels": {"app": "llama"}},
            "spec": {
                "containers": [
                    {
                        "name": "llama-ctr",
                        "image": "nim:1",
                        "args": ["--fast"],
                        "ports": [{"name": "api", "containerPort": 8000, "protocol": "TCP"}],
                        "env": [
                            {"name": "A", "value": "1"},
                            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                        ],
                        "volumeMounts": [
                            {"name": "model-store", "mountPath": "/model-store"},
                            {"name": "dshm", "mountPath": "/dev/shm"},
                        ],
                        "securityContext": {"capabilities": {"drop": ["ALL"]}},
                    }
                ],
                "volumes": [
                    {"name": "dshm", "emptyDir": {"medium": "Memory"}},
                    {"name": "scratch", "emptyDir": {}},
                ],
            },
        },
    },
}


def served(child, engine):
    """Return a child as observed, with what the API server and other managers have put into it."""
    observed = situation.applied(child, engine=engine, status={"observedGeneration": 1})
    observed["metadata"]["annotations"] = {
        **observed["metadata"].get("annotations", {}),
        "deployment.kubernetes.io/revision": "3",
    }
    observed["metadata"]["labels"]["added-by"] = "somebody"
    if child["kind"] == "Deployment":
        pod = observed["spec"]["template"]["spec"]
        pod |= {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst"}
        pod["containers"][0] |= {"terminationMessagePath": "/dev/termination-log", "resources": {}}
        pod["containers"][0]["env"].append({"name": "INJECTED", "value": "x"})
        pod["containers"].append({"name": "istio-proxy", "image": "istio"})
        pod["volumes"][1]["emptyDir"] = {}
    return observed


@pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
@pytest.mark.parametrize("child", [SERVICE, DEPLOYMENT], ids=lambda child: child["kind"])
def test_a_held_child_is_what_was_applied_and_nothing_else(child, engine):
    assert lastapplied.held(served(child, engine), MANAGER) == child


@pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
def test_holding_does_not_write_to_what_is_observed(engine):
    observed = served(DEPLOYMENT, engine)
    before = copy.deepcopy(observed)
    lastapplied.held(observed, MANAGER)
    assert observed == before


@pytest.mark.parametrize("kind", [SERVICE, DEPLOYMENT], ids=lambda child: child["kind"])
def test_of_a_child_that_nobody_recorded_nothing_is_claimed(kind):
    """What a hold claims, the next answer that lacks it removes: replicas, a nodeSelector."""
    observed = served(kind, DYNAMIC)
    del observed["metadata"]["annotations"][lastapplied.LAST_APPLIED]
    held = lastapplied.held(observed, MANAGER)
    assert held == {
        "apiVersion": kind["apiVersion"],
        "kind": kind["kind"],
        "metadata": {"name": "llama", "namespace": "nim"},
    }
    after = dynamicapply.updated(dynamicapply.updated(observed, held), kind)
    assert after["spec"] == observed["spec"]


def test_the_annotation_comes_first_because_server_side_apply_removes_it_with_its_first_write():
    observed = situation.applied(SERVICE)
    observed["metadata"]["managedFields"] = [
        stored.managed({**SERVICE, "spec": {"type": "ClusterIP"}})
    ]
    assert lastapplied.held(observed, MANAGER) == SERVICE


@pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
def test_holding_scales_nothing(engine):
    """After the hand-over to an autoscaler the record still has the number of before."""
    scaled = situation.applied(DEPLOYMENT, engine=engine, replicas=5)
    assert lastapplied.held(scaled, MANAGER)["spec"] == {
        **DEPLOYMENT["spec"],
        "replicas": 5,
    }


def test_a_number_of_replicas_that_was_never_applied_is_not_held():
    autoscaled = copy.deepcopy(DEPLOYMENT)
    del autoscaled["spec"]["replicas"]
    assert lastapplied.held(situation.applied(autoscaled, replicas=5), MANAGER) == autoscaled


def test_holding_twice_gives_the_same():
    once = lastapplied.held(served(DEPLOYMENT, DYNAMIC), MANAGER)
    assert lastapplied.held(situation.applied(once), MANAGER) == once


def test_the_owner_and_the_record_itself_are_not_held():
    """What Metacontroller adds is Metacontroller's: echoed, the label of another owner would fail
    the sync."""
    observed = situation.applied(
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "llama", "namespace": "nim"},
        }
    )
    record = json.loads(observed["metadata"]["annotations"][lastapplied.LAST_APPLIED])
    assert record["metadata"]["labels"] == {lastapplied.OWNER_LABEL: situation.UID}
    assert lastapplied.held(observed, MANAGER) == {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "llama", "namespace": "nim"},
    }
