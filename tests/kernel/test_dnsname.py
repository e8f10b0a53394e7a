"""DNS name: what Kubernetes takes for the names of objects."""

import pytest

from hooks.kernel import dnsname


@pytest.mark.parametrize("text", ["a", "8b", "llama-3", "a" * 63])
def test_a_label_is_also_a_subdomain(text):
    assert dnsname.is_label(text)
    assert dnsname.is_subdomain(text)


@pytest.mark.parametrize("text", ["a.b", "a" * 64, "8.b-c.d"])
def test_a_subdomain_may_have_dots_and_be_longer(text):
    assert not dnsname.is_label(text)
    assert dnsname.is_subdomain(text)


@pytest.mark.parametrize("text", ["", "-a", "a-", "A", "a_b", ".a", "a..b", "a\n", "é", "a" * 254])
def test_anything_else_is_neither(text):
    assert not dnsname.is_label(text)
    assert not dnsname.is_subdomain(text)
