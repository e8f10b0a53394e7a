"""Quantity: written as the server stores it."""

import pytest

from nimservice_simulator.apiserver import quantity


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("1", "1"), (2, "2"), (0.5, "500m"), ("0", "0"), ("1000m", "1"), ("0.5", "500m"), ("1500m", "1500m"), (".1", "100m"),
        ("1024Mi", "1Gi"), ("1000Mi", "1000Mi"), ("1.5Gi", "1536Mi"), ("512Ki", "512Ki"), ("0.5Ki", "512"), ("1.1Gi", "1181116006400m"),
        ("1000k", "1M"), ("1000000", "1M"), ("1500k", "1500k"), ("1e3", "1e3"), ("1E3", "1e3"), ("12e2", "1200"), ("1e-3", "1e-3"),
        ("1n", "1n"), ("0.0000000001", "1n"), ("-1", "-1"), ("+1", "1"), ("64Gi", "64Gi"), ("2Ti", "2Ti"), ("1048576Ki", "1Gi"),
    ],
)  # fmt: skip
def test_an_amount_has_one_form(given: str | float, stored: str) -> None:
    assert quantity.canonical(given) == stored
    assert quantity.canonical(stored) == stored


@pytest.mark.parametrize("given", ["", "x", "1x", "1KiB", "1 Gi", "--1", "1e", "Gi"])
def test_what_is_no_amount_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        quantity.canonical(given)
    with pytest.raises(ValueError, match="is not a number"):
        quantity.amount(given)


def test_amounts_compare_as_numbers() -> None:
    assert quantity.amount("1Gi") == quantity.amount("1024Mi") == 2**30
    assert quantity.amount("1e3") == quantity.amount("1k") == quantity.amount(1000)
