"""Hold: a child exactly as it was last applied, on both engines."""

import copy
import json

import pytest

from hooks.kernel import lastapplied
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.stored import DYNAMIC, SERVER_SIDE

MANAGER = "metacontroller"

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {
        "name": "llama",
        "namespace": "nim",
        "labels": {"team": "nlp"},
        "annotations": {"note": "x"},
    },
    "spec": {
        "type": "ClusterIP",
        "selector": {"app": "llama"},
        "ports": [
            {"name": "api", "port": 8000, "targetPort": "api", "protocol": "TCP"},
            {"name": "grpc", "port": 9000, "targetPort": "grpc", "protocol": "TCP"},
        ],
    },
}

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
    assert lastapplied.last_applied(served(child, engine), MANAGER) == child


@pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
def test_holding_does_not_write_to_what_is_observed(engine):
    observed = served(DEPLOYMENT, engine)
    before = copy.deepcopy(observed)
    lastapplied.last_applied(observed, MANAGER)
    assert observed == before


def test_a_child_that_nobody_recorded_is_kept_as_it_is():
    observed = situation.applied(SERVICE)
    del observed["metadata"]["annotations"][lastapplied.LAST_APPLIED]
    held = lastapplied.last_applied(observed, MANAGER)
    assert held["spec"] == observed["spec"]
    assert held["metadata"] == {
        "name": "llama",
        "namespace": "nim",
        "labels": {"team": "nlp"},
        "annotations": {"note": "x"},
    }


def test_what_somebody_wrote_into_the_record_that_is_no_text_is_left_out():
    """One such label fails the whole sync, one such annotation loses all others."""
    observed = situation.applied(SERVICE)
    record = {
        **SERVICE,
        "metadata": {
            **SERVICE["metadata"],
            "labels": {"team": "nlp", "odd": 1},
            "annotations": {"note": "x", "odd": None},
        },
    }
    observed["metadata"]["annotations"][lastapplied.LAST_APPLIED] = json.dumps(record)
    assert lastapplied.last_applied(observed, MANAGER) == SERVICE


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", "null", '"text"', '{"metadata":"x"}', '{"spec":[]}']
)
def test_a_record_that_cannot_be_read_or_is_none_of_this_child_counts_as_none(text):
    observed = situation.applied(SERVICE)
    observed["metadata"]["annotations"][lastapplied.LAST_APPLIED] = text
    assert lastapplied.last_annotation(observed) is None
    assert lastapplied.last_applied(observed, MANAGER)["spec"] == observed["spec"]


def test_the_annotation_comes_first_because_server_side_apply_removes_it_with_its_first_write():
    observed = situation.applied(SERVICE)
    observed["metadata"]["managedFields"] = [
        stored.managed({**SERVICE, "spec": {"type": "ClusterIP"}})
    ]
    assert lastapplied.last_applied(observed, MANAGER) == SERVICE


@pytest.mark.parametrize(
    "entry",
    [
        stored.managed(SERVICE, manager="kubectl"),
        stored.managed(SERVICE, operation="Update"),
        {**stored.managed(SERVICE), "subresource": "status"},
        {**stored.managed(SERVICE), "fieldsV1": None},
    ],
    ids=["another manager", "an update", "a subresource", "no fields"],
)
def test_only_what_metacontroller_applied_to_the_object_itself_counts(entry):
    observed = situation.applied(SERVICE, engine=SERVER_SIDE)
    observed["metadata"]["managedFields"] = [entry]
    assert lastapplied.applied_by_server(observed, MANAGER) is None


def test_the_manager_can_have_another_name():
    observed = situation.applied(SERVICE, engine=SERVER_SIDE)
    observed["metadata"]["managedFields"] = [stored.managed(SERVICE, manager="platform")]
    assert lastapplied.last_applied(observed, "platform") == SERVICE


@pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
def test_holding_scales_nothing(engine):
    """After the hand-over to an autoscaler the record still has the number of before."""
    scaled = situation.applied(DEPLOYMENT, engine=engine, replicas=5)
    assert lastapplied.last_applied(scaled, MANAGER)["spec"] == {
        **DEPLOYMENT["spec"],
        "replicas": 5,
    }


def test_a_number_of_replicas_that_was_never_applied_is_not_held():
    autoscaled = copy.deepcopy(DEPLOYMENT)
    del autoscaled["spec"]["replicas"]
    assert (
        lastapplied.last_applied(situation.applied(autoscaled, replicas=5), MANAGER) == autoscaled
    )


FIELDS = [
    pytest.param({"f:a": {}}, {"a": 1, "b": 2}, {"a": 1}, id="a field"),
    pytest.param({"f:a": {}}, {"a": {"b": 1}}, {"a": {"b": 1}}, id="an atomic map"),
    pytest.param(
        {"f:a": {".": {}, "f:b": {}}},
        {"a": {"b": 1, "c": 2}},
        {"a": {"b": 1}},
        id="a field within a map",
    ),
    pytest.param({"f:a": {".": {}}}, {"a": {"b": 1}}, {"a": {}}, id="a map that others fill"),
    pytest.param({"f:a": {}}, {"a": [1, 2]}, {"a": [1, 2]}, id="an atomic list"),
    pytest.param({"f:a": {'v:"x"': {}}}, {"a": ["x", "y"]}, {"a": ["x"]}, id="an item of a set"),
    pytest.param({"f:a": {"v:7": {}}}, {"a": [7, 8]}, {"a": [7]}, id="a number of a set"),
    pytest.param(
        {"f:a": {'k:{"name":"x"}': {".": {}, "f:name": {}, "f:v": {}}}},
        {"a": [{"name": "w", "v": 0}, {"name": "x", "v": 1, "w": 2}]},
        {"a": [{"name": "x", "v": 1}]},
        id="an item by its key",
    ),
    pytest.param(
        {"f:a": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}, "f:protocol": {}}}},
        {
            "a": [
                {"port": 80, "protocol": "UDP"},
                {"port": 80, "protocol": "TCP", "nodePort": 30000},
            ]
        },
        {"a": [{"port": 80, "protocol": "TCP"}]},
        id="an item by two keys",
    ),
    pytest.param(
        {"f:a": {"f:b.c/d": {}}},
        {"a": {"b.c/d": "1", "e": "2"}},
        {"a": {"b.c/d": "1"}},
        id="a key with dots and slashes",
    ),
    pytest.param({"f:gone": {}, "f:a": {}}, {"a": 1}, {"a": 1}, id="a field that is gone"),
]


@pytest.mark.parametrize(("fields", "observed", "owned"), FIELDS)
def test_managed_fields_name_what_was_applied(fields, observed, owned):
    child = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "nim"},
        "data": observed,
    }
    child["metadata"]["managedFields"] = [
        {"manager": MANAGER, "operation": "Apply", "fieldsV1": {"f:data": fields}}
    ]
    assert lastapplied.last_applied(child, MANAGER)["data"] == owned


def test_holding_twice_gives_the_same():
    once = lastapplied.last_applied(served(DEPLOYMENT, DYNAMIC), MANAGER)
    assert lastapplied.last_applied(situation.applied(once), MANAGER) == once


def test_the_owner_and_the_record_itself_are_not_held():
    """What Metacontroller adds is Metacontroller's: echoed, the label of another owner would fail the sync."""
    observed = situation.applied(
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "llama", "namespace": "nim"},
        }
    )
    record = json.loads(observed["metadata"]["annotations"][lastapplied.LAST_APPLIED])
    assert record["metadata"]["labels"] == {lastapplied.OWNER_LABEL: situation.UID}
    assert lastapplied.last_applied(observed, MANAGER) == {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "llama", "namespace": "nim"},
    }


def test_fields_that_are_told_by_no_object_are_taken_whole():
    observed = situation.applied(SERVICE, engine=stored.SERVER_SIDE)
    observed["metadata"]["managedFields"][0]["fieldsV1"]["f:metadata"] = True
    assert lastapplied.last_applied(observed, MANAGER) == SERVICE
