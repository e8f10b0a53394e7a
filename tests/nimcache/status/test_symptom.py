"""What is wrong with a pod is told with the fields that a NIMCache has, and no others."""

import re

import pytest

from hooks.kernel.crd import shipped
from hooks.nimcache.status import symptom
from tests.nimcache import observing
from tests.situations import pods

LABEL = "feature.node.kubernetes.io/pci-10de.present"


def unscheduled(words):
    said = f"0/3 nodes are available: 3 {words}."
    return pods.pod(scheduled=pods.condition("PodScheduled", "False", "Unschedulable", said))


def container(**state):
    return {"name": pods.CONTAINER, "ready": False, "restartCount": 0, "state": state}


def waiting(reason, message=""):
    return pods.pod(container(waiting={"reason": reason, "message": message}), spec=BARE)


def ended(code, reason="Error"):
    return pods.pod(container(terminated={"exitCode": code, "reason": reason}))


BARE = {"imagePullSecrets": []}
MISSING = 'persistentvolumeclaim "models" not found'
EVICTED = {"phase": "Failed", "reason": "Evicted"}

REMEDIES = {
    "a label": (
        unscheduled("node(s) didn't match Pod's node affinity/selector"),
        "compare spec.nodeSelector with the nodes' labels",
    ),
    "a rule": (unscheduled("node(s) didn't match pod anti-affinity rules"), "add nodes"),
    "a claim": (unscheduled(MISSING), "create it in namespace nim, or correct spec.storage.pvc"),
    "a pull secret": (
        waiting("ErrImagePull", "401 Unauthorized"),
        "name a pull secret for nvcr.io in the pullSecret of the source",
    ),
    "an image": (
        waiting("ErrImagePull", "manifest unknown: not found"),
        "correct it, by another NIMCache if it is the modelPuller",
    ),
    "the name of an image": (
        waiting("InvalidImageName"),
        "correct it, by another NIMCache if it is the modelPuller",
    ),
    "a program": (
        waiting("CreateContainerError", 'exec: "a": executable file not found in $PATH'),
        "check that the image is that of a NIM",
    ),
    "a command": (ended(127), "check that the image is that of a NIM"),
    "a signal": (ended(143), "read its log"),
    "memory": (ended(137, "OOMKilled"), "raise spec.resources.memory"),
    "a user": (
        waiting("CreateContainerConfigError", "container has runAsNonRoot and image runs as root"),
        "set spec.userID to a user of the image other than root",
    ),
    "storage of a node": (
        pods.pod(**EVICTED, message="low on resource: ephemeral-storage"),
        "give the node more of it",
    ),
    "memory of a node": (
        pods.pod(**EVICTED, message="low on resource: memory"),
        "request what the pod uses in spec.resources.memory, or give the node more of it",
    ),
    "files of a node": (
        pods.pod(**EVICTED, message="low on resource: inodes"),
        "give the node more of it",
    ),
    "a pod of more weight": (pods.pod(phase="Failed", reason="Preempting"), "add nodes"),
}


def told(pod, **spec):
    found = symptom.of(observing.context(**spec), pod)
    assert found is not None
    return symptom.told(found, pod)


@pytest.mark.parametrize("case", REMEDIES)
def test_the_remedy_names_fields_of_a_nimcache(case):
    pod, remedy = REMEDIES[case]
    assert told(pod, nodeSelector={"a": "b"}).remedy == remedy


@pytest.mark.parametrize("case", REMEDIES)
def test_every_field_of_a_remedy_is_one_of_a_nimcache(case):
    pod, _ = REMEDIES[case]
    for path in re.findall(r"spec\.([\w.]*\w)", told(pod).remedy):
        schema = shipped.schemas()["NIMCache"]["properties"]["spec"]
        for part in path.split("."):
            schema = schema["properties"][part]


def test_a_node_selector_that_the_user_did_not_write_is_explained():
    pod, _ = REMEDIES["a label"]
    assert told(pod).remedy == (
        f"set spec.nodeSelector ({{}} takes any node), or label the nodes with {LABEL}"
    )
