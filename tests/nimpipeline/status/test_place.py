"""Place: the paths in a remedy are those that users of a pipeline edit."""

import pytest

from hooks.nimpipeline.api.nimpipeline import NIMPipeline
from hooks.nimpipeline.status import place
from tests.nimpipeline.status.test_verdict import said
from tests.situations.nimpipeline import nimpipeline, nimservice, service


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("correct spec.image.tag", "correct spec.services[1].spec.image.tag"),
        (
            "spec.env: no; cut spec.env",
            "spec.services[1].spec.env: no; cut spec.services[1].spec.env",
        ),
        ("Deployment: .spec.replicas, x.spec.image", "Deployment: .spec.replicas, x.spec.image"),
        ("spec.template.spec is immutable", "spec.template.spec is immutable"),
        ("the spec.", "the spec."),
    ],
)
def test_a_path_of_the_nimservice_becomes_that_of_the_pipeline(text, expected):
    pipeline = NIMPipeline.parse(nimpipeline(service("llm"), service("embedder")))
    assert place.of(pipeline, "embedder", text) == expected


def test_the_message_of_a_service_names_the_field_of_the_pipeline():
    waiting = nimservice(
        "embedder", state="NotReady", reason="Quota", message="lower spec.replicas"
    )
    assert "lower spec.services[1].spec.replicas" in said(nimservice("llm"), waiting).message
