"""Finding: facts are fields, and the text is made of them once."""

import pytest

from hooks.kernel.crd.structure import Problem
from hooks.kernel.finding import Finding, sentences
from hooks.kernel.verdict import Verdict


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("A", "The claim is missing"), "The claim is missing"),
        (Finding("A", "The claim is missing", "create it"), "The claim is missing; create it"),
        (Finding("A", "is required", path="spec.image"), "spec.image: is required"),
        (
            Finding("A", "is required", "set it", path="spec.image"),
            "spec.image: is required; set it",
        ),
        (Finding("A", "It timed out.", "wait"), "It timed out; wait"),
    ],
)
def test_the_field_comes_first_and_the_remedy_last(finding, text):
    assert finding.text == text


def test_the_cause_is_the_text_without_the_remedy():
    assert (
        Finding("A", "is required", "set it", path="spec.image").cause == "spec.image: is required"
    )


def test_a_verdict_and_a_problem_tell_their_remedies_in_the_same_way():
    assert Verdict("Ready", "A", "Scaled to zero", remedy="set it").text == "Scaled to zero; set it"
    assert Problem("spec.image", "is required", "set it").text == "is required; set it"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((), ""),
        (("", "A", ""), "A"),
        (("A.", "B; do c"), "A. B; do c"),
    ],
)
def test_sentences_have_one_full_stop_between_them_and_none_at_the_end(parts, text):
    assert sentences(*parts) == text
