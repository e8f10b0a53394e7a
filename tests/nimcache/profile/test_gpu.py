"""Names of GPUs: the spelling of an image against that of a node, word by word."""

import pytest

from hooks.nimcache.profile import gpu

TAGS = (
    "A10", "A10G", "A100", "A100_SXM4_40GB", "A30", "A40", "B200", "GB200", "GH200_480GB", "H100", "H100_NVL", "H20", "H200", "L4", "L40",
    "L40S", "RTX6000_ADA", "RTXA6000", "T4",
)  # fmt: skip

LABELS = {
    "NVIDIA-A10": "A10",
    "NVIDIA-A10G": "A10G",
    "NVIDIA-A100-SXM4-40GB": "A100_SXM4_40GB",
    "NVIDIA-A100-SXM4-80GB": "A100",
    "NVIDIA-A100-PCIE-40GB": "A100",
    "NVIDIA-A30": "A30",
    "NVIDIA-A40": "A40",
    "NVIDIA-B200": "B200",
    "NVIDIA-GB200": "GB200",
    "NVIDIA-GH200-480GB": "GH200_480GB",
    "NVIDIA-H100-80GB-HBM3": "H100",
    "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb": "H100",
    "NVIDIA-H100-NVL": "H100_NVL",
    "NVIDIA-H100-PCIe": "H100",
    "NVIDIA-H20": "H20",
    "NVIDIA-H200": "H200",
    "NVIDIA-L4": "L4",
    "NVIDIA-L40": "L40",
    "NVIDIA-L40S-SHARED": "L40S",
    "NVIDIA-RTX-6000-Ada-Generation": "RTX6000_ADA",
    "NVIDIA-RTX-A6000": "RTXA6000",
    "Tesla-T4": "T4",
}


@pytest.mark.parametrize("label", LABELS)
def test_the_closest_tag_of_a_label(label):
    assert gpu.closest(TAGS, label) == {LABELS[label]}


def test_the_maker_is_no_name():
    assert not gpu.names("NVIDIA", "NVIDIA-L4")
    assert not gpu.names("", "NVIDIA-L4")


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        ("h100", {"H100"}),
        ("h100-nvl", {"H100_NVL"}),
        ("l4", {"L4"}),
        ("NVIDIA-L40S", {"L40S"}),
        ("a100", {"A100"}),
        ("gh200", {"GH200_480GB"}),
        ("nothing", set()),
    ],
)
def test_what_a_user_means(product, expected):
    assert gpu.asked(TAGS, product) == expected
