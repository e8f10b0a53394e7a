"""Related: NIMServices by the names of the services, in the pipeline's own namespace."""

from hooks.nimpipeline import related
from tests.situations import nimpipeline as pipelines
from tests.situations.nimpipeline import nimpipeline, service


def rules(*services):
    return list(related.rules(pipelines.context(nimpipeline(*services))))


def test_the_names_of_what_is_enabled_are_asked_for():
    (rule,) = rules(service("llm"), service("off", enabled=False), service("embedder"))
    assert rule == {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "resource": "nimservices",
        "namespace": "nim",
        "names": ["llm", "embedder"],
    }


def test_without_a_service_there_is_nothing_to_ask_for():
    """A rule without names would be one for every NIMService of the namespace."""
    assert rules(service(enabled=False)) == []
