"""What the API server refuses of a NIMService, rule by rule: an example each, the field it blames
and what it says.

The rules are those of the reference's webhook and CRD; the schema and CEL of the CRD say them here,
without a webhook.
"""

import pytest

from hooks.kernel.crd import admission, shipped
from tests.nimservice.api.examples import ADMITTED, CHANGED, FIXED, REFUSED


@pytest.mark.parametrize("case", REFUSED)
def test_refused(nimservice, case):
    spec, path, message = REFUSED[case]
    assert [
        problem
        for problem in admission.problems(nimservice(**spec))
        if problem.path == path and message in problem.text
    ]


@pytest.mark.parametrize("case", ADMITTED)
def test_admitted(nimservice, case):
    assert admission.problems(nimservice(**ADMITTED[case])) == []


@pytest.mark.parametrize("case", FIXED)
def test_refused_as_a_change(nimservice, case):
    before, after, path = FIXED[case]
    (problem,) = admission.problems(nimservice(**after), nimservice(**before))
    assert problem.path == path
    assert "is immutable" in problem.text


@pytest.mark.parametrize("case", CHANGED)
def test_admitted_as_a_change(nimservice, case):
    before, after = CHANGED[case]
    assert admission.problems(nimservice(**after), nimservice(**before)) == []


NAMES = {
    "dots, which no container can have": ("llama-3.1", {}, "must be at most 59"),
    "too long for a container": ("a" * 60, {}, "must be at most 59"),
    "too long for the pods of a group": (
        "a" * 46,
        {"multiNode": {"parallelism": {"pipeline": 2}}},
        "must be at most 45",
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_that_no_child_could_have_is_refused_and_only_when_it_is_new(nimservice, case):
    name, spec, message = NAMES[case]
    manifest = nimservice(**spec) | {"metadata": {"name": name}}
    (problem,) = admission.problems(manifest)
    assert message in problem.text
    assert admission.problems(manifest, manifest) == []


def test_a_name_may_begin_with_a_digit(nimservice):
    """Today's API server takes such a name for every child, a Service included."""
    assert admission.problems(nimservice() | {"metadata": {"name": "8b-llama"}}) == []


def rules(schema):
    yield from schema.get("x-kubernetes-validations", ())
    for part in [
        *schema.get("properties", {}).values(),
        *(schema[key] for key in ("items",) if key in schema),
    ]:
        yield from rules(part)


def test_every_rule_has_an_example_that_breaks_it(nimservice):
    examples = [nimservice(**spec) for spec, _, _ in REFUSED.values()]
    changes = [(nimservice(**after), nimservice(**before)) for before, after, _ in FIXED.values()]
    broken = {problem.message for manifest in examples for problem in admission.problems(manifest)}
    broken |= {
        problem.message
        for after, before in changes
        for problem in admission.problems(after, before)
    }
    written = {
        rule["message"] for rule in rules(shipped.schemas()["NIMService"]["properties"]["spec"])
    }
    assert written - broken == set()
