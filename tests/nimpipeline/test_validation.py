"""Validation: what the API server admits of a pipeline and would refuse of its NIMService."""

import pytest

from hooks.kernel.crd import admission
from hooks.nimpipeline import validation
from hooks.nimpipeline.api.nimpipeline import NIMPipeline
from tests.situations import nimservice as situation
from tests.situations.nimpipeline import nimpipeline, service
from tests.situations.nimservice import BASE_SPEC

PICKER = {
    "containerSpec": {"name": "epp", "image": {"repository": "example.com/epp", "tag": "1"}},
    "configMapRef": {"name": "epp", "key": "config.yaml"},
}


def devices(**fields):
    device = {"name": "gpu", "driverName": "gpu.nvidia.com", **fields}
    return {**BASE_SPEC, "draResources": [{"claimCreationSpec": {"devices": [device]}}]}


def attribute(key="a", **value):
    return {"key": key, "op": "Equal", "value": value or {"stringValue": "x"}}


def picker(**fields):
    router = {"hostDomainName": "example.com", "eppConfig": {**PICKER, **fields}}
    return {**BASE_SPEC, "expose": {"service": {"port": 8000}, "router": router}}


REFUSED = {
    "a version that is none": (
        devices(attributeSelectors=[attribute(versionValue="9.0")]),
        ".draResources[0].claimCreationSpec.devices[0].attributeSelectors[0].value.versionValue",
    ),
    "two conditions on one key": (
        devices(attributeSelectors=[attribute("a"), attribute("gpu.nvidia.com/a")]),
        ".draResources[0].claimCreationSpec.devices[0]",
    ),
    "two conditions on one capacity": (
        devices(
            capacitySelectors=[
                {"key": "memory", "op": "Equal", "value": amount} for amount in ("1Gi", "2Gi")
            ]
        ),
        ".draResources[0].claimCreationSpec.devices[0]",
    ),
    "a port of the picker beyond all ports": (
        picker(ports=[{"containerPort": 70000}]),
        ".expose.router.eppConfig.ports",
    ),
}
ADMITTED = {
    "a version": devices(attributeSelectors=[attribute(versionValue="9.0.0-rc.1")]),
    "two keys": devices(attributeSelectors=[attribute("a"), attribute("b")]),
    "ports": picker(ports=[{"containerPort": 9002}, {"containerPort": 65535}]),
}


def found(*services):
    return validation.of(NIMPipeline.parse(nimpipeline(*services)))


@pytest.mark.parametrize("case", REFUSED)
def test_the_rules_that_the_pipelines_definition_leaves_out_are_looked_at_here(case):
    spec, path = REFUSED[case]
    pipeline = nimpipeline(service("a"), service(spec=spec))
    assert admission.problems(pipeline) == []
    (refused,) = admission.problems(situation.nimservice(**spec))
    finding = found(service("a"), service(spec=spec))
    assert (finding.reason, finding.path) == ("InvalidSpec", f"spec.services[1].spec{path}")
    assert finding.message == refused.message


@pytest.mark.parametrize("case", ADMITTED)
def test_what_keeps_to_them_is_fine(case):
    assert admission.problems(situation.nimservice(**ADMITTED[case])) == []
    assert found(service(spec=ADMITTED[case])) is None


def test_what_is_off_may_wait_to_be_corrected():
    spec, _ = REFUSED["a version that is none"]
    assert found(service(enabled=False, spec=spec)) is None


def test_a_name_twice_is_refused_where_an_older_definition_lets_it_through():
    """P2: the reference makes and deletes it in turns."""
    finding = found(service("a"), service("b"), service("b", enabled=False))
    assert (finding.path, finding.message) == (
        "spec.services[1].name",
        "b is the name of 2 services",
    )


def test_a_spec_of_wrong_types_is_refused_with_its_field():
    assert (
        found(service(spec={**BASE_SPEC, "replicas": "1"})).path == "spec.services[0].spec.replicas"
    )


@pytest.mark.parametrize("name", ["", "no such\nthing", "a:1", "-a"])
def test_an_address_that_is_made_up_has_the_name_of_a_host(name):
    told = {"name": name, "port": 1, "envName": "A"}
    assert found(service(dependencies=[told])).path == "spec.services[0].dependencies[0].name"
    assert found(service(dependencies=[{**told, "envValue": "x"}])) is None


def test_a_service_that_is_enabled_has_a_spec():
    assert found({"name": "a", "enabled": True}).path == "spec.services[0].spec"
    assert found({"name": "a", "enabled": False}) is None
