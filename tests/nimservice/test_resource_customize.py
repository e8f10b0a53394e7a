"""The customize hook of NIMService."""

import pytest

from hooks.kernel import resource
from hooks.nimservice import kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.nimservice.running import BROKEN, CACHED, SETTINGS
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.stored import NOW

# customize


def customize(settings=SETTINGS, manages=kinds.MANAGED, nim=None, **spec):
    return resource.customize(
        NIM_SERVICE,
        stored.request(nim or situation.nimservice(**spec), manages=manages),
        settings,
    ).body["relatedResources"]


def test_a_nimcache_is_asked_for_by_name():
    rules = customize(Settings(pod_causes=False), **CACHED)
    assert rules[0] == {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "resource": "nimcaches",
        "namespace": "nim",
        "names": ["cache"],
    }


@pytest.mark.parametrize(
    "storage", [{"pvc": {"name": "models"}}, {"nimCache": {"name": ""}, "emptyDir": {}}]
)
def test_without_a_nimcache_none_is_asked_for(storage):
    """A rule without names would ask for every NIMCache of the cluster."""
    asked = customize(Settings(pod_causes=False), storage=storage)
    assert "nimcaches" not in [rule["resource"] for rule in asked]


def test_the_service_account_is_asked_for_by_name():
    """One that is not ours has rights that nobody has thought of."""
    (rule,) = customize(Settings(pod_causes=False))
    assert (rule["resource"], rule["names"]) == ("serviceaccounts", ["llama"])


def test_pods_are_asked_for_by_their_labels_in_the_namespace():
    (rule,) = [rule for rule in customize() if rule["resource"] == "pods"]
    assert rule == {
        "apiVersion": "v1",
        "resource": "pods",
        "namespace": "nim",
        "labelSelector": {
            "matchLabels": {
                "app.kubernetes.io/instance": "llama",
                "app.kubernetes.io/part-of": "nim-service",
            }
        },
    }


@pytest.mark.parametrize(
    "spec",
    [
        {},
        CACHED,
        {"inferencePlatform": "kserve"},
        {"draResources": [{"resourceClaimTemplateName": "gpus"}]},
        {"multiNode": {"parallelism": {"pipeline": 2}, "computeDomain": {"name": "domain"}}},
    ],
)
def test_every_rule_names_the_namespace_and_no_secrets_or_config_maps(spec):
    for rule in customize(**spec):
        assert rule["namespace"] == "nim"
        assert rule.get("names") != []
        assert not ("names" in rule and "labelSelector" in rule)
        assert rule["resource"] in {
            "nimcaches",
            "pods",
            "resourceclaims",
            "computedomains",
            "serviceaccounts",
            "deployments",
        }


def test_customize_depends_on_the_spec_alone():
    """Metacontroller keeps the answer for the generation."""
    nim = situation.nimservice(
        **CACHED, deleted=NOW, status={"observedGeneration": 1, "state": "Ready"}
    )
    nim["metadata"] |= {"labels": {"a": "b"}, "annotations": {"c": "d"}, "resourceVersion": "99"}
    assert customize(nim=nim) == customize(**CACHED)


def test_a_refused_spec_asks_for_nothing():
    assert customize(**BROKEN) == []
