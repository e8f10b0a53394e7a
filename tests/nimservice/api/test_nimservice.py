"""The model of NIMService: what is read of a manifest, and what its schema fills in."""

import json

import pytest
from pydantic import ValidationError

from hooks.kernel.crd import admission, shipped
from hooks.nimservice.api.nimservice import NIMService


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
