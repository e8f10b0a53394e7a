"""The models of the API and the schemas made of them: the same names, a sentence for every
field."""

import inspect

import pytest

from hooks.kernel.api.model import Model, wire_name
from hooks.kernel.crd import descriptions, shipped
from hooks.resources import DEFINITIONS


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


PARTS = [
    pytest.param(each.kind.kind, part, model, id=f"{each.kind.kind}.{part}")
    for each in DEFINITIONS
    for part, model in (("spec", each.spec), ("status", each.status))
]


@pytest.mark.parametrize(("kind", "part", "model"), PARTS)
def test_the_schema_has_the_fields_of_the_model(kind, part, model):
    properties = shipped.schemas()[kind]["properties"][part]["properties"]
    assert set(properties) == {field.alias for field in model.model_fields.values()}
