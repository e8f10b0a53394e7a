"""Availability: what Kubernetes would refuse of budgets, rollouts, spreads and ends is refused."""

import pytest

from hooks.nimservice import validation
from hooks.nimservice.api.nimservice import NIMService
from tests.situations import nimservice as situation

SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}


def refused(**spec):
    """Return the text of what is wrong with a spec, with its path, or None."""
    return validation.of(NIMService.parse(situation.nimservice(**spec)))


def budget(**fields):
    return {"podDisruptionBudget": fields}


def rolling(**fields):
    return {"strategy": {"rollingUpdate": fields}}


def spread(**fields):
    return {"topologySpreadConstraints": [{**SPREAD, **fields}]}


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        (budget(minAvailable="1"), "podDisruptionBudget.minAvailable"),
        (budget(minAvailable="200%"), "podDisruptionBudget.minAvailable"),
        (budget(minAvailable=-1), "podDisruptionBudget.minAvailable"),
        (budget(maxUnavailable="101%"), "podDisruptionBudget.maxUnavailable"),
        (rolling(maxUnavailable="1"), "strategy.rollingUpdate.maxUnavailable"),
        (rolling(maxUnavailable="200%"), "strategy.rollingUpdate.maxUnavailable"),
        (rolling(maxSurge=-1), "strategy.rollingUpdate.maxSurge"),
        (rolling(maxSurge="one"), "strategy.rollingUpdate.maxSurge"),
        (rolling(maxUnavailable="00%"), "strategy.rollingUpdate.maxSurge"),
        (rolling(maxUnavailable=0, maxSurge="000%"), "strategy.rollingUpdate.maxSurge"),
        (spread(maxSkew=0), "topologySpreadConstraints[0].maxSkew"),
        (spread(topologyKey=""), "topologySpreadConstraints[0].topologyKey"),
        (spread(whenUnsatisfiable="Wait"), "topologySpreadConstraints[0].whenUnsatisfiable"),
        ({"lifecycle": {"preStop": {}}}, "lifecycle.preStop"),
        (
            {"lifecycle": {"postStart": {"sleep": {"seconds": 1}, "exec": {"command": ["a"]}}}},
            "lifecycle.postStart",
        ),
    ],
)
def test_what_kubernetes_would_refuse_is_refused_with_its_path(spec, path):
    found = refused(**spec)
    assert found is not None
    assert (found.reason, found.path) == ("InvalidSpec", f"spec.{path}")


def test_a_number_in_quotes_is_told_as_such():
    found = refused(**budget(minAvailable="1"))
    assert found.text.endswith(".minAvailable: 1 is text; remove the quotes")


@pytest.mark.parametrize(
    "spec",
    [
        budget(minAvailable=0),
        budget(maxUnavailable="100%"),
        rolling(maxSurge="200%"),
        rolling(maxUnavailable="0%", maxSurge="01%"),
        rolling(),
        spread(whenUnsatisfiable="ScheduleAnyway"),
        {"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}},
        {"lifecycle": {}},
    ],
)
def test_what_kubernetes_takes_is_taken(spec):
    assert refused(**spec) is None
