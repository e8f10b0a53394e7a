"""PodDisruptionBudget: how many replicas a drain may take away."""

import pytest

from hooks.nimservice import validation
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import poddisruptionbudget
from tests.situations import nimservice as situation
from tests.situations import stored

GROUP = {"multiNode": {"parallelism": {"pipeline": 4}}}


def made(platform=(), **budget):
    return situation.only(poddisruptionbudget, podDisruptionBudget=budget, **dict(platform))["spec"]


def test_absent_unless_it_is_asked_for():
    assert not stored.built(poddisruptionbudget, situation.context())


def test_it_counts_the_pods_of_the_model():
    assert made(minAvailable=1) == {
        "minAvailable": 1,
        "selector": {"matchLabels": {"app": "llama"}},
    }
    assert made(maxUnavailable="25%") == {
        "maxUnavailable": "25%",
        "selector": {"matchLabels": {"app": "llama"}},
    }


def test_on_kserve_it_counts_the_pods_of_the_predictor():
    selector = made({"inferencePlatform": "kserve"}, minAvailable=1)["selector"]
    assert selector == {"matchLabels": {"serving.kserve.io/inferenceservice": "llama"}}


@pytest.mark.parametrize(
    ("budget", "pods"),
    [
        ({"minAvailable": 1}, {"minAvailable": 4}),
        ({"maxUnavailable": 2}, {"maxUnavailable": 8}),
        ({"maxUnavailable": 0}, {"maxUnavailable": 0}),
        ({"maxUnavailable": "50%"}, {"maxUnavailable": "50%"}),
    ],
)
def test_a_group_counts_with_all_its_pods_because_it_is_away_with_the_first(budget, pods):
    spec = made(GROUP, **budget)
    assert spec == {**pods, "selector": {"matchLabels": {"app": "llama-lws"}}}


@pytest.mark.parametrize("amount", ["one", "-1", -1, "1.5%", ""])
def test_what_is_no_number_and_no_percentage_is_refused(amount):
    nim = NIMService.parse(situation.nimservice(podDisruptionBudget={"minAvailable": amount}))
    refused = validation.of(nim)
    assert refused is not None
    assert refused.path == "spec.podDisruptionBudget.minAvailable"
