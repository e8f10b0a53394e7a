"""Rules: what the definition of a pipeline refuses, with the path and the remedy."""

import pytest

from hooks.kernel.crd import admission, shipped
from hooks.nimpipeline.api.service import LEFT_OUT, SERVICES
from tests.situations.nimpipeline import nimpipeline, service
from tests.situations.nimservice import BASE_SPEC

GROUPS = {"multiNode": {"parallelism": {"pipeline": 2}}}


def problems(*services, old=None):
    before = nimpipeline(*old) if old else None
    return [(each.path, each.text) for each in admission.problems(nimpipeline(*services), before)]


@pytest.mark.parametrize("name", ["A", "A b", "a.b-c", ""])
def test_a_variable_may_have_any_name_that_kubernetes_takes(name):
    assert problems(service(dependencies=[dependency(envName=name)])) == []


def texts(schema):
    """Yield the messages of all rules below a schema."""
    if isinstance(schema, list):
        for each in schema:
            yield from texts(each)
    elif isinstance(schema, dict):
        yield from (rule["message"] for rule in schema.get("x-kubernetes-validations", ()))
        for each in schema.values():
            yield from texts(each)


def test_a_pipeline_is_admitted():
    assert problems(service("llm"), service("embedder")) == []


def test_all_rules_of_a_nimservices_spec_hold_in_a_pipeline_but_those_that_are_too_dear():
    spec = shipped.schemas()["NIMService"]["properties"]["spec"]
    services = shipped.schemas()["NIMPipeline"]["properties"]["spec"]["properties"]["services"]
    copied = services["items"]["properties"]["spec"]
    assert set(texts(spec)) - set(texts(copied)) == {rule.message for rule in LEFT_OUT}


def dependency(**fields):
    return {"name": "b", "port": 8000, **fields}


REFUSED = {
    **{
        f"the port {port}": (
            service(dependencies=[dependency(port=port)]),
            "spec.services[0].dependencies[0].port",
            "must be",
        )
        for port in (0, -5, 65536)
    },
    **{
        f"the variable {name!r}": (
            service(dependencies=[dependency(envName=name)]),
            "spec.services[0].dependencies[0].envName",
            "must be printable ASCII without =",
        )
        for name in ("A=B", "\xe9", "A\x07")
    },
    "no name": ({"enabled": True, "spec": BASE_SPEC}, "spec.services[0].name", "is required"),
    "an empty name": (service(""), "spec.services[0].name", "must not be empty"),
    "a long name": (service("l" * 60), "spec.services[0].name", "59 characters or less"),
    "a name of a subdomain": (service("a.b"), "spec.services[0].name", "must be lower-case"),
    "a long name of a group": (
        service("l" * 46, spec={**BASE_SPEC, **GROUPS}),
        "spec.services[0].name",
        "at most 45 characters",
    ),
    "enabled without a spec": (
        {"name": "a", "enabled": True},
        "spec.services[0].spec",
        "is required of a service that is enabled",
    ),
    "a rule of NIMService": (
        service(spec={"image": BASE_SPEC["image"]}),
        "spec.services[0].spec.storage",
        "spec.storage is required",
    ),
    "a dependency without a port": (
        service(dependencies=[{"name": "b"}]),
        "spec.services[0].dependencies[0].port",
        "is required",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(case):
    """P3: a service without a name."""
    given, path, words = REFUSED[case]
    (problem,) = problems(given)
    assert problem[0] == path
    assert words in problem[1]


def test_a_name_twice_is_refused():
    """P2."""
    ((path, message),) = problems(service("a"), service("a", enabled=False))
    assert (path, message) == (
        "spec.services[1]",
        "has the same name as spec.services[0]; keep one of them",
    )


def test_fifteen_services_are_admitted_and_sixteen_are_not():
    assert problems(*(service(f"s{number}") for number in range(SERVICES))) == []
    (problem,) = problems(*(service(f"s{number}") for number in range(SERVICES + 1)))
    assert problem == ("spec.services", "must have 15 entries or less, has 16; remove 1")


def test_what_a_nimservice_may_not_change_a_service_may_not_either():
    """Entries are told apart by name, so their order is nobody's business."""
    before = [service("a"), service("b")]
    after = [service("b", spec={**BASE_SPEC, **GROUPS}), service("a")]
    ((path, message),) = problems(*after, old=before)
    assert path == "spec.services[0].spec.multiNode"
    assert "is immutable" in message
    assert problems(*reversed(before), old=before) == []
