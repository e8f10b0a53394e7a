"""Status of a refused spec: why it is refused, and what was observed before."""

import pytest

from hooks.kernel import resource
from hooks.kernel.finding import Finding
from hooks.kernel.protocol import HookRequest
from hooks.nimservice import modelstore
from hooks.resources import NIM_SERVICE
from tests.situations import nimservice as situation
from tests.situations.stored import NOW, reasons

# a spec that is refused

REFUSED = Finding("InvalidSpec", "spec.image.tag: must be text: correct it")
SAID_BEFORE = {
    "observedGeneration": 1,
    "state": "Ready",
    "replicas": 2,
    "availableReplicas": 2,
    "selector": "app=llama",
    "model": {"name": "meta/llama", "clusterEndpoint": "10.96.0.10:8000", "externalEndpoint": ""},
    "modelStore": {"storageHash": "x"},
    "conditions": [
        {"type": "Failed", "status": "False", "lastTransitionTime": "2025-01-01T00:00:00Z"}
    ],
}


def test_a_refused_spec_says_why_and_keeps_what_was_observed():
    said = resource.refused(
        NIM_SERVICE,
        HookRequest(situation.nimservice(generation=2, status=SAID_BEFORE)),
        REFUSED,
        NOW,
    )
    assert said["state"] == "Failed"
    assert reasons(said) == {
        "Ready": ("False", "InvalidSpec"),
        "Failed": ("True", "InvalidSpec"),
        "Stalled": ("True", "InvalidSpec"),
    }
    assert {each["observedGeneration"] for each in said["conditions"]} == {2}
    for kept in ("replicas", "availableReplicas", "selector", "model", "modelStore"):
        assert said[kept] == SAID_BEFORE[kept]


@pytest.mark.parametrize("broken", [None, [], "x", {"conditions": "x"}])
def test_a_status_of_no_use_does_not_keep_it_from_being_said(broken):
    nim = {**situation.nimservice(), "status": broken}
    assert resource.refused(NIM_SERVICE, HookRequest(nim), REFUSED, NOW)["state"] == "Failed"


@pytest.mark.parametrize("generation", [None, "7", 7.5, True])
def test_a_generation_that_is_none_is_not_echoed(generation):
    nim = situation.nimservice()
    nim["metadata"]["generation"] = generation
    assert {
        each["observedGeneration"]
        for each in resource.refused(NIM_SERVICE, HookRequest(nim), REFUSED, NOW)["conditions"]
    } == {0}


def test_a_refused_spec_that_is_being_deleted_is_being_deleted():
    said = resource.refused(
        NIM_SERVICE, HookRequest(situation.nimservice(deleted=NOW)), REFUSED, NOW
    )
    assert said["state"] == "NotReady"
    assert reasons(said) == {
        "Ready": ("False", "Terminating"),
        "Failed": ("False", "Terminating"),
    }


def test_the_memory_survives_a_refused_spec():
    """After the correction the workload still has what it took."""
    assert (
        resource.refused(
            NIM_SERVICE, HookRequest(situation.nimservice(status=SAID_BEFORE)), REFUSED, NOW
        )["modelStore"]
        == SAID_BEFORE["modelStore"]
    )
    assert modelstore.recall(SAID_BEFORE["modelStore"]) == modelstore.ModelStore()
