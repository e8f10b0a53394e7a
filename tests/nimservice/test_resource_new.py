"""A new NIMService: its status says nothing new until a controller has reported on its workload."""

from datetime import timedelta

import pytest

from hooks.kernel import resource
from hooks.nimservice import kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.nimservice.children.endpointpicker.picked import ROUTED
from tests.situations import nimservice as situation
from tests.situations import stored

PLATFORMS = {
    "Deployment": {},
    "a claim of its own": {"storage": {"pvc": {"create": True, "size": "50Gi"}}},
    "groups": {"multiNode": {"parallelism": {"pipeline": 2, "tensor": 8}}},
    "KServe": {"inferencePlatform": "kserve"},
    "an endpoint picker": {"expose": ROUTED},
    "an Ingress": {
        "expose": {"router": {"hostDomainName": "a.com", "ingress": {"ingressClass": "nginx"}}}
    },
    "metrics": {"metrics": {"enabled": True}},
}
WORKLOADS = {each.kind for each in kinds.WORKLOADS}


def answered(spec, children=(), status=None, later=0):
    nim = situation.nimservice(status=status, **spec)
    request = stored.request(nim, children)
    now = stored.NOW + timedelta(seconds=later)
    return resource.sync(NIM_SERVICE, request, Settings(), now).body


def made(answer, *, which=lambda _: True, status=None):
    """Return the children of an answer as the API server made them a moment ago."""
    found = [situation.applied(each) for each in answer["children"] if which(each["kind"])]
    for each in found:
        each["metadata"]["creationTimestamp"] = stored.stamp(stored.NOW)
        if each["kind"] == "Service":
            each["spec"]["clusterIP"] = "10.0.0.1"
        if each["kind"] == "PersistentVolumeClaim":
            each["status"] = {"phase": "Pending"}
        if each["kind"] in WORKLOADS:
            each["status"] = status or {}
    return found


def reason(answer):
    return answer["status"]["conditions"][0]["reason"]


@pytest.mark.parametrize("spec", PLATFORMS.values(), ids=PLATFORMS)
@pytest.mark.parametrize(
    "seen",
    [lambda _: True, lambda kind: kind in WORKLOADS, lambda kind: kind not in WORKLOADS],
    ids=["all", "the workload", "the others"],
)
def test_until_the_workloads_controller_reports_nothing_is_written(spec, seen):
    first, before = answered(spec), []
    if not WORKLOADS & {each["kind"] for each in first["children"]}:
        before = made(first)  # groups wait for the Secret with their key
        first = answered(spec, before, first["status"])
    names = {(each["kind"], each["metadata"]["name"]) for each in before}
    new = [
        each
        for each in made(first, which=seen)
        if (each["kind"], each["metadata"]["name"]) not in names
    ]
    second = answered(spec, [*before, *new], first["status"], later=50)
    assert reason(first) == "Creating"
    assert second["status"] == first["status"]


def test_a_controller_that_stays_silent_is_told_after_a_minute():
    first = answered({})
    there = made(first)
    assert answered({}, there, first["status"], later=45)["resyncAfterSeconds"] == 15
    told = answered({}, there, first["status"], later=60)
    assert reason(told) == "RollingOut"
    message = told["status"]["conditions"][0]["message"]
    assert message == "The controller has not observed the latest change yet"


@pytest.mark.parametrize("spec", [PLATFORMS["Deployment"], PLATFORMS["a claim of its own"]])
def test_the_controllers_first_word_is_told_at_once_with_the_endpoint(spec):
    first = answered(spec)
    there = made(first, status={"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1})
    told = answered(spec, there, first["status"], later=1)
    assert reason(told) in ("RollingOut", "PersistentVolumeClaimPending")
    assert told["status"]["model"]["clusterEndpoint"] == "10.0.0.1:8000"


def test_an_endpoint_that_is_known_stays_while_the_workload_is_made_again():
    first = answered({})
    running = answered({}, made(first, status=situation.rolled_out()), first["status"], later=1)
    assert reason(running) == "Ready"
    others = made(first, which=lambda kind: kind not in WORKLOADS)
    gone = answered({}, others, running["status"], later=2)
    assert gone["status"]["model"] == running["status"]["model"]
