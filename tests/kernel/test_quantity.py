"""Quantities: the API server's canonical form, so that what is applied reads as it is stored."""

import pytest

from hooks.kernel import quantity
from hooks.kernel.quantity import InvalidQuantity

CANONICAL = {
    # already canonical
    "0": "0",
    "1": "1",
    "500m": "500m",
    "50Gi": "50Gi",
    "1k": "1k",
    # the largest suffix that leaves a whole number
    "1000m": "1",
    "0.5": "500m",
    "1.5": "1500m",
    "1000": "1k",
    "1500": "1500",
    "1000000": "1M",
    "1024Mi": "1Gi",
    "1536Mi": "1536Mi",
    "1.5Gi": "1536Mi",
    "2048Ki": "2Mi",
    "1024Ki": "1Mi",
    "1000Mi": "1000Mi",
    "1024": "1024",
    "8k": "8k",
    "100.035k": "100035",
    "0.0005k": "500m",
    "1000n": "1u",
    "1000u": "1m",
    "1000M": "1G",
    "0.5T": "500G",
    "1000T": "1P",
    "0.001E": "1P",
    "1024Gi": "1Ti",
    "0.5Pi": "512Ti",
    "1024Pi": "1Ei",
    # zero has no suffix
    "0Gi": "0",
    "0m": "0",
    "-0": "0",
    # a binary amount below 1024 is written as a decimal one
    "1Ki": "1Ki",
    "0.5Ki": "512",
    "0.9Ki": "921600m",
    # a binary amount that is no whole number keeps its precision, in decimal
    "0.05Gi": "53687091200m",
    "100.035Ki": "102435840m",
    # exponents stay exponents, in steps of a thousand
    "1e3": "1e3",
    "1E3": "1e3",
    "1e2": "100",
    "1e4": "10e3",
    "12e6": "12e6",
    "1E-3": "1e-3",
    "1.2e3": "1200",
    # signs and odd spellings that the server takes
    "+1": "1",
    "-1.5Gi": "-1536Mi",
    "-500m": "-500m",
    ".5": "500m",
    "1.": "1",
    "1.G": "1G",
    "007": "7",
}

ROUNDED = {
    # nothing is finer than a billionth, and something never becomes nothing
    "0.1n": "1n",
    "3.001n": "4n",
    "0.0000000001": "1n",
    # no amount in powers of two is larger than 2⁶³-1
    "8Ei": "9223372036854775807",
}


@pytest.mark.parametrize(("given", "stored"), {**CANONICAL, **ROUNDED}.items())
def test_an_amount_is_written_as_the_server_stores_it(given, stored):
    assert quantity.canonical(given) == stored


@pytest.mark.parametrize("stored", sorted(set(CANONICAL.values())))
def test_the_canonical_form_is_its_own(stored):
    assert quantity.canonical(stored) == stored


@pytest.mark.parametrize(("given", "stored"), CANONICAL.items())
def test_no_amount_changes_by_being_written_differently(given, stored):
    assert quantity.value(given) == quantity.value(stored)


@pytest.mark.parametrize(
    ("given", "stored"), [(1, "1"), (0, "0"), (1000, "1k"), (0.5, "500m"), (100000, "100k")]
)
def test_numbers_are_taken_too(given, stored):
    assert quantity.canonical(given) == stored


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Gi",
        "1GB",
        "1 Gi",
        "1gi",
        "1e",
        "1e1.5",
        "one",
        "--1",
        "1Gi\n",
        " 1Gi",
        "1,5",
        "0x10",
        "٣Gi",
    ],
)
def test_what_is_no_amount_is_refused_with_an_example(given):
    with pytest.raises(InvalidQuantity, match="is not a quantity such as"):
        quantity.canonical(given)


def test_the_longest_amount_is_exact():
    assert quantity.canonical("1" * 64) == "1" * 64
    assert quantity.canonical("0." + "1" * 62) == "111111112n"


@pytest.mark.parametrize("given", ["1e999999999", "1e-999999999", "9" * 65])
def test_an_absurd_amount_is_refused_at_once(given):
    with pytest.raises(InvalidQuantity):
        quantity.canonical(given)


def test_amounts_compare_as_numbers():
    assert quantity.value("1Gi") > quantity.value("1G") > quantity.value("999M")
