"""The expressions by which images name GPUs: what is matched, and that none takes long."""

import time

import pytest

from hooks.nimcache.profile import pattern

MATCHING = [
    ("^NVIDIA-A10(?!0).*", "NVIDIA-A10G", True),
    ("^NVIDIA-A10(?!0).*", "NVIDIA-A100-SXM4-40GB", False),
    (".*H100.*NVL$", "NVIDIA-H100-NVL", True),
    (".*H100.*NVL$", "NVIDIA-H100-80GB-HBM3", False),
    ("L40S", "NVIDIA-L40S", True),
    ("^L40S", "NVIDIA-L40S", False),
    ("(?:A100|H100)-(SXM4|PCIE)", "NVIDIA-A100-PCIE-40GB", True),
    ("A100-[4-8]0GB|H200", "NVIDIA-H200", True),
    ("A100-SXM4-[48]0GB$", "NVIDIA-A100-SXM4-80GB", True),
    ("[^-]+-B200", "NVIDIA-B200", True),
    (r"RTX.?A?6000\d*", "NVIDIA-RTX-A6000", True),
    (r"v1\.5", "v1x5", False),
    ("(GeForce-)?RTX", "NVIDIA-GeForce-RTX-4090", True),
    ("", "anything", True),
    ("L4.", "NVIDIA-L4", False),
    ("L4.?$", "NVIDIA-L4", True),
]


@pytest.mark.parametrize(("expression", "text", "expected"), MATCHING)
def test_what_is_matched(expression, text, expected):
    assert pattern.matches(expression, text) is expected


BEYOND = [
    "(a+)+$",
    "(a|b)*",
    "a**",
    "a{3}",
    "(?<=a)b",
    "(a(b))",
    "[a",
    "(a",
    r"\bx",
    "*a",
    "x" * 257,
]


@pytest.mark.parametrize("expression", BEYOND)
def test_what_goes_beyond_the_grammar_is_refused(expression):
    with pytest.raises(pattern.Unsupported):
        pattern.matches(expression, "aaaa")


@pytest.mark.parametrize(
    "expression", [".*" * 128, "a*" * 100 + "b", "(a|aa|aaa)" * 25, "[a-z]*" * 40]
)
def test_no_expression_takes_long(expression):
    before = time.process_time()
    pattern.matches(expression, "a" * 63)
    assert time.process_time() - before < 0.5  # seconds; it takes some milliseconds
