"""Deployment: runs the model where one replica fits on one node."""

import pytest

from hooks.nimservice.children import deployment
from hooks.resources import Settings
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache

HPA = {"enabled": True, "hpa": {"maxReplicas": 4}}
ROUTER = {
    "hostDomainName": "example.com",
    "annotations": {"a": "b"},
    "ingress": {"ingressClass": "nginx", "tlsSecretName": "tls"},
}


def made(**spec):
    return situation.only(deployment, **spec)


def test_replicas_are_replaced_in_place_because_a_gpu_is_rarely_spare():
    assert made()["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0},
    }


def test_the_selector_finds_the_pods_and_never_changes():
    spec = made(labels={"app": "other", "team": "nlp"})["spec"]
    assert spec["selector"] == {"matchLabels": {"app": "llama"}}
    assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()


@pytest.mark.parametrize(("probe", "deadline"), [({}, 1830), ({"enabled": False}, 600)])
def test_a_pod_that_is_still_loading_its_model_is_not_stuck(probe, deadline):
    """Q33."""
    assert made(startupProbe=probe)["spec"]["progressDeadlineSeconds"] == deadline


def test_a_pod_that_is_still_ending_its_requests_is_not_stuck():
    assert made(terminationGracePeriodSeconds=600)["spec"]["progressDeadlineSeconds"] == 2430


def test_a_deadline_is_no_larger_than_its_field():
    forever = {
        "probe": {
            "exec": {"command": ["true"]},
            "periodSeconds": 2**31 - 1,
            "failureThreshold": 2**31 - 1,
        }
    }
    assert made(startupProbe=forever)["spec"]["progressDeadlineSeconds"] == 2**31 - 1
    backwards = {"probe": {"httpGet": {"path": "/", "port": "api"}, "failureThreshold": -(2**63)}}
    assert made(startupProbe=backwards)["spec"]["progressDeadlineSeconds"] == 600


def test_its_container_is_named_after_the_nimservice():
    assert made()["spec"]["template"]["spec"]["containers"][0]["name"] == "llama-ctr"


@pytest.mark.parametrize(
    "spec",
    [{"inferencePlatform": "kserve"}, {"multiNode": {"parallelism": {"pipeline": 2}}}],
    ids=["KServe", "several nodes"],
)
def test_another_platform_makes_its_own_workload(spec):
    assert not stored.built(deployment, situation.context(**spec))


@pytest.mark.parametrize("parallelism", [{}, {"pipeline": 1, "tensor": 8}])
def test_one_stage_runs_on_one_node(parallelism):
    """Q1."""
    assert made(multiNode={"parallelism": parallelism})["spec"]["selector"] == {
        "matchLabels": {"app": "llama"}
    }


@pytest.mark.parametrize(
    "related",
    [[], [nimcache(state="InProgress")], [nimcache(state="Failed")]],
    ids=["missing", "not ready", "failed"],
)
def test_there_is_none_until_the_model_store_is_known(related):
    assert not stored.built(
        deployment, situation.context(related=related, storage={"nimCache": {"name": "cache"}})
    )


def test_a_ready_nimcache_is_mounted():
    volumes = made(related=[nimcache()], storage={"nimCache": {"name": "cache"}})["spec"][
        "template"
    ]["spec"]["volumes"]
    assert {"name": "model-store", "persistentVolumeClaim": {"claimName": "cache-pvc"}} in volumes


EDITS = {
    "replicas": {"replicas": 5},
    "autoscaling": {"scale": HPA},
    "autoscaling, differently": {
        "scale": {
            **HPA,
            "hpa": {"maxReplicas": 9, "metrics": [{"type": "Resource"}]},
            "annotations": {"a": "b"},
        }
    },
    "metrics": {
        "metrics": {
            "enabled": True,
            "serviceMonitor": {"interval": "5s", "additionalLabels": {"a": "b"}},
        }
    },
    "the Service's type": {"expose": {"service": {"type": "LoadBalancer"}}},
    "the Service's name": {"expose": {"service": {"name": "chat"}}},
    "the Service's labels": {"expose": {"service": {"labels": {"a": "b"}}}},
    "the Service's annotations": {"expose": {"service": {"annotations": {"a": "b"}}}},
    "an Ingress": {"expose": {"router": ROUTER}},
    "a Gateway": {"expose": {"router": {"gateway": {"namespace": "gw", "name": "gw"}}}},
    "the deprecated Ingress": {"expose": {"ingress": {"enabled": True, "spec": {"rules": []}}}},
    "the port's default, written out": {"expose": {"service": {"port": 8000}}},
    "the probes' default, written out": {"livenessProbe": {"enabled": True}},
    "an empty proxy-free spec": {"labels": {}, "annotations": {}, "env": [], "tolerations": []},
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_that_no_pod_needs_restarts_no_pod(edit):
    """In the reference any edit may rewrite every child."""
    assert made(**edit)["spec"]["template"] == made()["spec"]["template"]


@pytest.mark.parametrize(
    "edit",
    [
        {"image": {"repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct", "tag": "1.13.0"}},
        {"env": [{"name": "A", "value": "1"}]},
        {"expose": {"service": {"port": 9000}}},
        {"labels": {"team": "nlp"}},
        {"annotations": {"team": "nlp"}},
        {"resources": {"limits": {"nvidia.com/gpu": 1}}},
        {"storage": {"pvc": {"name": "models", "subPath": "x"}}},
    ],
    ids=["image", "environment", "port", "labels", "annotations", "resources", "folder"],
)
def test_an_edit_that_pods_need_reaches_them(edit):
    assert made(**edit)["spec"]["template"] != made()["spec"]["template"]


def test_the_deployment_has_the_annotations_of_the_nimservice():
    assert made(annotations={"a": "b"}, settings=Settings(openshift=True))["metadata"][
        "annotations"
    ] == {
        "a": "b",
        "openshift.io/required-scc": "nonroot",
    }
