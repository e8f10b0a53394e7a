"""The models of the API and the schemas made of them: the same names, the same limits, a sentence for every field."""

import inspect
import json

import pytest
from pydantic import ValidationError

from hooks.kernel.api.model import Model, wire_name
from hooks.kernel.crd import admission, descriptions, shipped
from hooks.nimcache.api.nimcache import NIMCacheSpec
from hooks.nimcache.api.status import NIMCacheStatus
from hooks.nimservice.api.nimservice import NIMService, NIMServiceSpec
from hooks.nimservice.api.status import NIMServiceStatus


def subclasses(model):
    for child in model.__subclasses__():
        yield child
        yield from subclasses(child)


MODELS = sorted(
    {
        model
        for model in subclasses(Model)
        if model.__module__.startswith("hooks.") and not model.__module__.endswith("metadata")
    },
    key=lambda model: (model.__module__, model.__name__),
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.__module__}.{model.__name__}")
def test_every_field_has_a_sentence(model):
    texts = descriptions.of_fields(model)
    assert {name for name in model.model_fields if name != "metadata"} <= set(texts)
    assert all(text[0].isupper() or text[0] == "`" for text in texts.values())
    assert all(text.endswith(".") for text in texts.values())
    assert inspect.cleandoc(model.__doc__).endswith(".")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tag", "tag"),
        ("grpc_port", "grpcPort"),
        ("user_id", "userID"),
        ("clique_id", "cliqueID"),
        ("http_routes_enabled", "httpRoutesEnabled"),
    ],
)
def test_names_on_the_wire_are_those_of_the_published_api(name, expected):
    assert wire_name(name) == expected


@pytest.mark.parametrize(
    ("kind", "part", "model"),
    [
        ("NIMService", "spec", NIMServiceSpec),
        ("NIMService", "status", NIMServiceStatus),
        ("NIMCache", "spec", NIMCacheSpec),
        ("NIMCache", "status", NIMCacheStatus),
    ],
)
def test_the_schema_has_the_fields_of_the_model(kind, part, model):
    properties = shipped.schemas()[kind]["properties"][part]["properties"]
    assert set(properties) == {field.alias for field in model.model_fields.values()}


def test_a_field_that_is_null_counts_as_absent(nimservice):
    nim = NIMService.parse(
        nimservice(replicas=None)
        | {"spec": nimservice()["spec"] | {"replicas": None, "scale": {"enabled": None}}}
    )
    assert (nim.spec.replicas, nim.spec.scale.enabled) == (None, None)


def test_a_field_of_another_type_is_refused_with_its_path(nimservice):
    with pytest.raises(ValidationError) as refused:
        NIMService.parse(nimservice(expose={"service": {"port": "8000"}}))
    assert refused.value.errors()[0]["loc"] == ("spec", "expose", "service", "port")


def test_what_the_schema_fills_in_is_what_the_code_assumes(nimservice):
    manifest = nimservice(
        expose={"service": {}},
        multiNode={"parallelism": {}, "ray": {}},
        scale={"hpa": {"maxReplicas": 2}},
    )
    complete = admission.with_defaults(manifest, shipped.schemas()["NIMService"])
    assert json.dumps(complete, sort_keys=True) != json.dumps(manifest, sort_keys=True)
    assert NIMService.parse(complete).model_dump() == NIMService.parse(manifest).model_dump()


def test_an_empty_claim_asks_for_nothing(nimservice):
    empty = NIMService.parse(nimservice(storage={"pvc": {"name": "", "annotations": {}}}))
    assert not empty.spec.storage.pvc.defined
    assert NIMService.parse(nimservice(storage={"pvc": {"create": False}})).spec.storage.pvc.defined
