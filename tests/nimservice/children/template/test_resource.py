"""Resource: the compute resources of the model server."""

import copy

import pytest

from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.template import resource
from hooks.nimservice.modelstore import ModelStore
from tests.situations import nimservice as situation

GPU = {"nvidia.com/gpu": "1"}
FOUR = ModelStore(gpus="4")


def nim(**spec):
    return NIMService.parse(situation.nimservice(**spec))


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (None, None),
        ({}, None),
        ({"limits": {}, "requests": None}, None),
        ({"limits": GPU}, {"limits": GPU}),
        (
            {"requests": {"cpu": "1000m"}, "limits": {"memory": "1024Mi"}},
            {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}},
        ),
        ({"limits": {"nvidia.com/gpu": 1}}, {"limits": GPU}),
        ({"claims": [{"name": "x"}], "limits": GPU}, {"limits": GPU}),
    ],
)
def test_they_are_the_users_in_the_form_in_which_they_are_stored(given, made):
    assert resource.requirements(nim(resources=given), ModelStore()) == made


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (None, {"requests": {"nvidia.com/gpu": "4"}, "limits": {"nvidia.com/gpu": "4"}}),
        (
            {"limits": {"memory": "8Gi"}},
            {
                "requests": {"nvidia.com/gpu": "4"},
                "limits": {"memory": "8Gi", "nvidia.com/gpu": "4"},
            },
        ),
        (
            {"requests": {"cpu": "2"}},
            {"requests": {"cpu": "2", "nvidia.com/gpu": "4"}, "limits": {"nvidia.com/gpu": "4"}},
        ),
    ],
    ids=["no resources", "only limits", "only requests"],
)
def test_a_profile_adds_the_gpus_it_needs(given, made):
    """Q14, I-7: with only limits or only requests the reference panics in a loop."""
    assert resource.requirements(nim(resources=given), FOUR) == made


@pytest.mark.parametrize("part", ["requests", "limits"])
def test_gpus_that_the_user_names_are_left_alone(part):
    assert resource.requirements(nim(resources={part: GPU}), FOUR) == {part: GPU}


@pytest.mark.parametrize("part", ["requests", "limits"])
@pytest.mark.parametrize(
    "device",
    ["nvidia.com/mig-2g.20gb", "nvidia.com/gpu.shared", "amd.com/gpu", "vendor.example.com/npu"],
)
def test_a_device_that_the_user_chose_takes_the_place_of_the_profiles_gpus(part, device):
    """A whole GPU beside a slice of one is a pod that waits for ever, or a GPU wasted."""
    given = {part: {device: "1", "memory": "16Gi"}}
    assert resource.requirements(nim(resources=given), FOUR) == given


@pytest.mark.parametrize("name", ["cpu", "memory", "ephemeral-storage", "hugepages-2Mi"])
def test_what_is_no_device_leaves_the_profiles_gpus(name):
    made = resource.requirements(nim(resources={"limits": {name: "2"}}), FOUR)
    assert made["limits"] == {name: "2", "nvidia.com/gpu": "4"}


def test_devices_that_are_claimed_take_the_place_of_gpus_that_are_counted():
    assert (
        resource.requirements(nim(draResources=[{"resourceClaimTemplateName": "gpus"}]), FOUR)
        is None
    )


def test_the_spec_is_not_written_to():
    """I-7: the reference writes the GPUs into the spec that it hashes afterwards."""
    service = nim(resources={"limits": {"memory": "8Gi"}})
    before = copy.deepcopy(service.spec.resources)
    resource.requirements(service, FOUR)
    assert service.spec.resources == before
