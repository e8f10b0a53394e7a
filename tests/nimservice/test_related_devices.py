"""Related: the claims on devices and the ComputeDomain that are asked for."""

from hooks.kernel import resource
from hooks.nimservice import kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored

CREATED = {"claimCreationSpec": {"devices": [{"name": "gpu"}]}}
MULTI_NODE = {"parallelism": {"pipeline": 2, "tensor": 8}}


def related(manages=kinds.MANAGED, **spec):
    request = stored.request(situation.nimservice(**spec), manages=manages)
    rules = resource.customize(NIM_SERVICE, request, Settings(pod_causes=False)).body[
        "relatedResources"
    ]
    asked = {rule.pop("resource"): rule for rule in rules}
    assert asked.pop("serviceaccounts")["names"] == ["llama"], "which everybody asks for"
    return asked


def test_claims_are_asked_for_by_namespace_since_their_names_are_generated():
    assert related(draResources=[CREATED]) == {
        "resourceclaims": {"apiVersion": "resource.k8s.io/v1", "namespace": "nim"}
    }


def test_a_compute_domain_is_asked_for_by_its_name():
    asked = related(multiNode={**MULTI_NODE, "computeDomain": {"name": "rack-1"}})
    assert asked["computedomains"] == {
        "apiVersion": "resource.nvidia.com/v1beta1",
        "namespace": "nim",
        "names": ["rack-1"],
    }
    assert "resourceclaims" in asked


def test_a_compute_domain_of_our_own_is_a_child():
    assert set(related(multiNode={**MULTI_NODE, "computeDomain": {"create": True}})) == {
        "resourceclaims"
    }


def test_nothing_is_asked_for_without_devices():
    assert related() == related(multiNode=MULTI_NODE) == {}


def test_kinds_that_are_not_managed_are_not_asked_for():
    """One that the cluster does not have fails the whole sync."""
    managed = [
        kind
        for kind in kinds.MANAGED
        if kind not in (kinds.RESOURCE_CLAIM_TEMPLATE, kinds.COMPUTE_DOMAIN)
    ]
    assert (
        related(
            managed,
            draResources=[CREATED],
            multiNode={**MULTI_NODE, "computeDomain": {"name": "rack-1"}},
        )
        == {}
    )
