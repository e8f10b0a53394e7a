"""Extension: which fields of an object NVIDIA's operator would ignore."""

from hooks.kernel.crd import extension, shipped
from tests.situations import nimservice as situation


def used(**spec):
    schema = shipped.schemas()["NIMService"]["properties"]["spec"]
    return list(extension.used(schema, situation.nimservice(**spec)["spec"], "spec"))


def test_published_fields_are_none():
    assert used(replicas=2, expose={"service": {"port": 8000}}, nodeSelector={"a": "b"}) == []


def test_an_extension_is_named_whole_wherever_it_is():
    gateway = {"name": "g", "namespace": "infra", "timeouts": {"request": "10m"}}
    assert used(
        strategy={"type": "Recreate"},
        lifecycle={"preStop": {"sleep": {"seconds": 5}}},
        expose={"router": {"gateway": gateway}},
    ) == ["spec.expose.router.gateway.timeouts", "spec.lifecycle", "spec.strategy"]


def test_a_field_that_is_null_is_absent():
    assert used(strategy={}) == ["spec.strategy"]
    schema = shipped.schemas()["NIMService"]["properties"]["spec"]
    assert list(extension.used(schema, {"strategy": None}, "spec")) == []
