"""Probe: how the kubelet asks whether the model server is up."""

import pytest

from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.template import probe
from tests.situations import nimservice as situation

MINE = {"exec": {"command": ["true"]}}


def nim(**spec):
    return NIMService.parse(situation.nimservice(**spec))


@pytest.mark.parametrize(
    ("name", "path", "delay", "failures"),
    [
        ("livenessProbe", "/v1/health/live", 15, 3),
        ("readinessProbe", "/v1/health/ready", 15, 3),
        ("startupProbe", "/v1/health/ready", 30, 120),
    ],
)
def test_the_default_asks_the_model_servers_health(name, path, delay, failures):
    assert probe.of(nim())[name] == {
        "httpGet": {"path": path, "port": "api", "scheme": "HTTP"},
        "initialDelaySeconds": delay,
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": failures,
    }


@pytest.mark.parametrize("name", ["livenessProbe", "readinessProbe", "startupProbe"])
@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"enabled": False}, None),
        ({"enabled": False, "probe": MINE}, None),
        ({"enabled": True, "probe": MINE}, MINE),
        ({"probe": MINE}, MINE),
    ],
)
def test_the_user_can_replace_it_or_switch_it_off(name, given, made):
    assert probe.of(nim(**{name: given}))[name] == made


@pytest.mark.parametrize("given", [{}, {"enabled": True}])
def test_it_is_on_unless_it_is_switched_off(given):
    assert probe.of(nim(startupProbe=given)) == probe.of(nim())


@pytest.mark.parametrize(
    ("given", "budget"),
    [
        ({}, 1230),
        ({"enabled": False}, 0),
        (
            {
                "probe": {
                    **MINE,
                    "initialDelaySeconds": 60,
                    "periodSeconds": 5,
                    "failureThreshold": 10,
                }
            },
            110,
        ),
        ({"probe": MINE}, 30),
        ({"probe": {**MINE, "failureThreshold": 0, "periodSeconds": 0}}, 30),
    ],
    ids=[
        "the default",
        "switched off",
        "the user's",
        "Kubernetes' defaults",
        "zeros, which are Kubernetes' defaults",
    ],
)
def test_the_startup_probe_says_how_long_a_start_may_take(given, budget):
    """Q33: the reference's Deployment counts as stuck after 600 s, while its startup probe allows
    1230 s."""
    assert probe.startup_budget(nim(startupProbe=given)) == budget
