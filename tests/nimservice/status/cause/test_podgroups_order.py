"""Pod groups: of several troubles the worst is told, the same in every order of the pods."""

import random

import pytest

from hooks.kernel.pod.reason import CAUSES, WEIGHT
from hooks.nimservice.context import Context
from hooks.nimservice.status import cause
from tests.nimservice.status.cause.troubled import SYMPTOMS, worst
from tests.situations import pods


@pytest.mark.parametrize("reason", SYMPTOMS)
def test_of_two_troubles_the_one_that_stands_first_in_the_table_is_told(reason: str) -> None:
    lighter = [other for other in SYMPTOMS if WEIGHT[other] > WEIGHT[reason]]
    for other in lighter:
        # Two of the lighter one, and first by name: weight counts before number and name.
        found = worst(SYMPTOMS[other]("aaa"), SYMPTOMS[other]("bbb"), SYMPTOMS[reason]("ccc"))
        assert found.reason == reason, f"{reason} and {other}"


def test_every_cause_that_a_pod_can_have_is_shown_by_these_tests() -> None:
    of_other_objects = {
        "PersistentVolumeClaimLost",
        "PodSecurityViolation",
        "AdmissionDenied",
        "QuotaExceeded",
        "FailedCreate",
        "ResourceClaimPending",
        "VolumeOnAnotherNode",
        "VolumeProvisioning",
        "PredictorNotReady",
    }
    of_deletions = {"Preempted", "DeletionStuck"}
    assert {*SYMPTOMS, *of_other_objects, *of_deletions} == {each.name for each in CAUSES}


def _contexts(seed: int) -> tuple[Context, Context]:
    chance = random.Random(seed)
    made = [
        SYMPTOMS[chance.choice(list(SYMPTOMS))](f"{number:03d}")
        for number in range(chance.randint(2, 12))
    ]
    shuffled = chance.sample(made, len(made))
    return pods.context(*made), pods.context(*shuffled)


@pytest.mark.parametrize("seed", range(60))
def test_the_order_of_the_pods_does_not_matter(seed: int) -> None:
    one, other = _contexts(seed)
    assert cause.worst(one) == cause.worst(other)
    assert list(cause.warnings(one)) == list(cause.warnings(other))
