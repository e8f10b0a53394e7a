"""Deployment mode: who decides whether KServe makes a Deployment or a Service of Knative."""

import pytest

from hooks.nimservice.children.kserve import inferenceservice
from hooks.resources import Settings
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.kserve import KNATIVE, MODE, findings, running


@pytest.mark.parametrize(
    ("children", "annotations", "setting", "mode"),
    [
        ((), {}, "Standard", "Standard"),
        ((), {}, "Knative", "Knative"),
        ((), {MODE: "Standard"}, "Knative", "Standard"),
        ((), {MODE: "RawDeployment"}, "Standard", "RawDeployment"),
        (["Knative"], {MODE: "Standard"}, "Standard", "Knative"),
        (["Unheard"], {}, "Standard", "Standard"),
    ],
    ids=[
        "default",
        "installation",
        "user",
        "older name",
        "what exists",
        "what exists in words that nobody knows",
    ],
)
def test_the_mode_is_what_exists_then_what_the_user_then_what_the_installation_says(
    children, annotations, setting, mode
):
    """A changed annotation must not reach the InferenceService: KServe refuses every update that
    carries one (I-9)."""
    ctx = situation.context(
        map(running, children),
        settings=Settings(kserve_deployment_mode=setting),
        inferencePlatform="kserve",
        annotations=annotations,
    )
    (made,) = stored.built(inferenceservice, ctx)
    assert made["metadata"]["annotations"][MODE] == mode


def test_a_mode_that_cannot_change_any_more_is_said():
    assert "DeploymentModeFixed" in findings([running("Standard")], **KNATIVE)
    assert "DeploymentModeFixed" not in findings(
        [running("Standard")], annotations={MODE: "RawDeployment"}
    )
