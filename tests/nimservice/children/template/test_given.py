"""Given: the user's volumes and mounts, as the API server stores them."""

import pytest

from hooks.nimservice.children.template import given
from hooks.resources import Settings
from tests.nimservice.children.multinode.grouped import groups
from tests.nimservice.children.template.podspec import spec
from tests.situations import nimservice as situation
from tests.situations.kserve import predictor

CLAIM = {"name": "adapters", "persistentVolumeClaim": {"claimName": "adapters"}}
MOUNT = {"name": "adapters", "mountPath": "/adapters"}
ASKED = {"volumes": [CLAIM], "volumeMounts": [MOUNT]}


def claim(resources=None):
    """Return a claim of a pod: without a storage class, and with a label that has no value."""
    asked = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "",
        "volumeAttributesClassName": "",
        "selector": {"matchLabels": {"team": ""}},
        **({"resources": resources} if resources else {}),
    }
    metadata = {"labels": {"a": ""}, "annotations": {"b": ""}}
    return {"ephemeral": {"volumeClaimTemplate": {"metadata": metadata, "spec": asked}}}


def pods():
    template = groups(**ASKED)["spec"]["leaderWorkerTemplate"]
    return [
        spec(**ASKED),
        predictor(**ASKED),
        *(template[f"{role}Template"]["spec"] for role in ("leader", "worker")),
    ]


@pytest.mark.parametrize("pod", pods(), ids=["Deployment", "KServe", "leader", "worker"])
def test_every_pod_has_them_behind_those_of_the_hooks(pod):
    assert pod["volumes"][-1] == CLAIM
    assert pod["containers"][0]["volumeMounts"][-1] == MOUNT


@pytest.mark.parametrize(
    ("volume", "stored"),
    [
        ({}, {"emptyDir": {}}),
        ({"csi": {"driver": "d", "volumeAttributes": {"k": "", "readOnly": ""}}},) * 2,
        (
            {"flexVolume": {"driver": "d", "fsType": "", "options": {"fsType": ""}}},
            {"flexVolume": {"driver": "d", "options": {"fsType": ""}}},
        ),
        (
            {
                "projected": {
                    "sources": [
                        {
                            "clusterTrustBundle": {
                                "signerName": "s",
                                "labelSelector": {"matchLabels": {"team": ""}},
                                "path": "ca",
                            }
                        }
                    ]
                }
            },
        )
        * 2,
        (claim(), claim()),
        (
            claim({"requests": {"storage": "1024Mi"}, "limits": {"storage": "2048Mi"}}),
            claim({"requests": {"storage": "1Gi"}, "limits": {"storage": "2Gi"}}),
        ),
        (
            {"persistentVolumeClaim": {"claimName": "a", "readOnly": False}},
            {"persistentVolumeClaim": {"claimName": "a"}},
        ),
        ({"emptyDir": {"sizeLimit": "1024Mi", "medium": ""}}, {"emptyDir": {"sizeLimit": "1Gi"}}),
        ({"secret": {"secretName": "a", "optional": False}},) * 2,
        ({"hostPath": {"path": "/a", "type": ""}},) * 2,
        (
            {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            {
                "projected": {
                    "sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}]
                }
            },
        ),
        (
            {
                "downwardAPI": {
                    "items": [
                        {"path": "a", "fieldRef": {"fieldPath": "metadata.name"}},
                        {"path": "b", "resourceFieldRef": {"resource": "limits.cpu"}},
                    ]
                }
            },
            {
                "downwardAPI": {
                    "items": [
                        {
                            "path": "a",
                            "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"},
                        },
                        {
                            "path": "b",
                            "resourceFieldRef": {"resource": "limits.cpu", "divisor": "0"},
                        },
                    ]
                }
            },
        ),
    ],
)
def test_a_volume_has_the_form_in_which_it_is_stored(volume, stored):
    assert given.volume({"name": "v", **volume}) == {"name": "v", **stored}


def test_a_mount_has_it_too():
    asked = {**MOUNT, "readOnly": False, "subPath": ""}
    assert given.mount(asked) == MOUNT


def test_the_spec_is_not_written_to():
    asked = {"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}
    given.volume(asked)
    assert asked["projected"]["sources"] == [{"serviceAccountToken": {"path": "t"}}]


def test_a_directory_of_the_node_needs_the_constraints_for_it_on_openshift():
    host = [{"name": "raid", "hostPath": {"path": "/raid"}}]
    allowed = Settings(openshift=True, openshift_constraints="hostmount-anyuid")
    ctx = situation.context(settings=allowed, volumes=host)
    assert any(each["kind"] == "Deployment" for each in ctx.plan.children)
    refused = situation.context(settings=Settings(openshift=True), volumes=host)
    assert refused.store.finding.reason == "ConstraintsNotAllowed"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"hostPath": {"path": "/raid"}}, "HostPath"),
        ({"nfs": {"server": "a", "path": "/"}}, "VolumeType"),
        ({"emptyDir": {}}, None),
    ],
)
def test_a_volume_that_the_standard_restricted_refuses_is_told(source, reason):
    ctx = situation.context(volumes=[{"name": "raid", **source}])
    found = [each for each in ctx.plan.findings if each.condition == "PodSecurityRestricted"]
    assert [each.reason for each in found] == ([reason] if reason else [])
