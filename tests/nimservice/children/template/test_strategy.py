"""Strategy: how a rollout replaces the pods, on every platform."""

import pytest

from hooks.nimservice.children import deployment
from tests.nimservice.children.multinode.grouped import groups
from tests.situations import nimservice as situation
from tests.situations.kserve import KNATIVE, findings, service

SURGE = {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def of_groups(**strategy):
    return groups(strategy=strategy)["spec"]["rolloutStrategy"]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"type": "Recreate"}, {"type": "Recreate"}),
        (SURGE, {"type": "RollingUpdate", **SURGE}),
        (
            {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "50%"}},
            {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "50%"},
            },
        ),
        (
            {"type": ""},
            {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0}},
        ),
    ],
)
def test_a_deployments_is_the_users_and_kserves_is_the_same(given, made):
    assert situation.only(deployment, strategy=given)["spec"]["strategy"] == made
    assert service(strategy=given)["spec"]["predictor"]["deploymentStrategy"] == made


def test_groups_roll_by_the_same_numbers():
    assert of_groups(**SURGE) == {
        "type": "RollingUpdate",
        "rollingUpdateConfiguration": {"maxUnavailable": 0, "maxSurge": 1},
    }


def test_groups_are_all_replaced_at_once_to_be_recreated():
    assert of_groups(type="Recreate") == {
        "type": "RollingUpdate",
        "rollingUpdateConfiguration": {"maxUnavailable": "100%", "maxSurge": 0},
    }


def test_knative_has_its_own():
    assert "deploymentStrategy" not in service(**KNATIVE, strategy=SURGE)["spec"]["predictor"]
    assert "spec.strategy" in findings(**KNATIVE, strategy=SURGE)["KServeCannotExpress"]
