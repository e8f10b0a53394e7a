"""NIMService: what a pipeline makes of its services."""

import pytest

from tests.situations import nimpipeline as pipelines
from tests.situations.nimpipeline import nimpipeline, service
from tests.situations.nimservice import BASE_SPEC
from tests.situations.stored import NAMESPACE


def made(*services):
    return list(pipelines.context(nimpipeline(*services)).plan.children)


def env(**fields):
    (child,) = made(service(**fields))
    return child["spec"].get("env")


def dependency(**fields):
    return {"name": "embedder", "port": 8000, "envName": "EMBEDDER", **fields}


def test_each_service_that_is_enabled_is_a_nimservice_of_its_name():
    children = made(service("llm"), service("embedder"), service("reranker"))
    assert [child["metadata"]["name"] for child in children] == ["llm", "embedder", "reranker"]
    assert {child["metadata"]["namespace"] for child in children} == {NAMESPACE}
    assert [child["spec"] for child in children] == [BASE_SPEC] * 3


def test_what_is_disabled_or_does_not_say_is_none():
    assert made(service("a", enabled=False), service("b", enabled=None)) == []


def test_its_label_says_what_it_is_part_of():
    (child,) = made(service())
    assert child["metadata"]["labels"] == {"app.kubernetes.io/part-of": "rag"}


def test_where_labels_choose_what_is_managed_its_nimservices_follow_it():
    pipeline = nimpipeline(service())
    pipeline["metadata"]["labels"] = {"nimservice-hooks/managed": "true", "team": "a"}
    (child,) = pipelines.context(pipeline).plan.children
    assert child["metadata"]["labels"] == {
        "app.kubernetes.io/part-of": "rag",
        "nimservice-hooks/managed": "true",
    }


def test_a_name_that_fits_into_no_label_is_left_out_of_it():
    """The API server would refuse the NIMService for it."""
    pipeline = nimpipeline(service())
    pipeline["metadata"]["name"] = "r" * 64
    (child,) = pipelines.context(pipeline).plan.children
    assert "labels" not in child["metadata"]


def test_a_spec_is_handed_on_as_it_is_empty_lists_and_unknown_fields_included():
    """A list that a field requires may be empty, and a NIMService without it would be refused."""
    spec = {**BASE_SPEC, "args": [], "storage": {"emptyDir": {}}, "later": {"x": 1}}
    (child,) = made(service(spec=spec))
    assert child["spec"] == spec


def test_a_field_that_is_null_is_absent():
    (child,) = made(service(spec={**BASE_SPEC, "replicas": None}))
    assert "replicas" not in child["spec"]


def test_without_variables_the_environment_is_left_alone():
    assert env(dependencies=[{"name": "embedder", "port": 8000}]) is None


def test_the_variable_of_a_dependency_comes_first_and_wins_by_its_name():
    spec = {
        **BASE_SPEC,
        "env": [{"name": "A", "value": "$(EMBEDDER)"}, {"name": "EMBEDDER", "value": "mine"}],
    }
    assert env(spec=spec, dependencies=[dependency(envValue="http://e:1")]) == [
        {"name": "EMBEDDER", "value": "http://e:1"},
        {"name": "A", "value": "$(EMBEDDER)"},
    ]


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_value_it_is_the_address_of_the_dependency(value):
    assert env(dependencies=[dependency(envValue=value)]) == [
        {"name": "EMBEDDER", "value": "embedder:8000"}
    ]


@pytest.mark.parametrize(
    ("exposed", "host"), [({"name": "emb-svc", "port": 9000}, "emb-svc"), ({}, "embedder")]
)
def test_the_address_of_a_service_of_the_pipeline_is_that_of_its_service(exposed, host):
    called = service("embedder", spec={**BASE_SPEC, "expose": {"service": exposed}})
    caller, _ = made(service(dependencies=[dependency(port=9000)]), called)
    assert caller["spec"]["env"] == [{"name": "EMBEDDER", "value": f"{host}:9000"}]


def test_a_variable_that_two_dependencies_set_is_set_once_by_the_later():
    both = [dependency(envValue="a"), dependency(envValue="b")]
    assert env(dependencies=both) == [{"name": "EMBEDDER", "value": "b"}]


def test_the_request_is_not_written_to():
    pipeline = nimpipeline(service(dependencies=[dependency()]))
    pipelines.context(pipeline).plan  # noqa: B018 - building is what is tested
    assert "env" not in pipeline["spec"]["services"][0]["spec"]
