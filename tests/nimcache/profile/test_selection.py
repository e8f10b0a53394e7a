"""Which profiles are chosen: by filters, by the GPUs asked for, and by those of the cluster."""

import time

import pytest

from hooks.kernel.finding import Finding
from hooks.nimcache.api.source import ModelFilter
from hooks.nimcache.profile import selection
from hooks.nimcache.profile.catalogue import Catalogue, Profile
from hooks.nimcache.report import modelmanifest


def profile(name, **tags):
    return Profile(name, {"llm_engine": "tensorrt_llm", "tp": "1", "precision": "fp8", **tags})


PROFILES = (
    profile("sxm", gpu="H100", gpu_device="2330:10de"),
    profile("nvl", gpu="H100_NVL", gpu_device="2321:10de"),
    profile("l40s", gpu="L40S", gpu_device="26b5:10de"),
    profile("l4", gpu="L4", gpu_device="27b8:10de"),
    profile("gh", gpu="GH200_480GB"),
    profile("a10", product_name_regex="^NVIDIA-A10(?!0).*"),
    profile("two", gpu="H100", tp="2", profile="latency"),
    profile("build", trtllm_buildable="true"),
    profile("vllm", llm_engine="vllm", feat_lora="false"),
    profile("lora", llm_engine="vllm", feat_lora="true"),
)
MAP, LIST = Catalogue(PROFILES, listed=False), Catalogue(PROFILES, listed=True)


def chosen(wanted, *products, catalogue=LIST):
    found = selection.select(catalogue, ModelFilter.model_validate(wanted), products or None)
    return found.reason if isinstance(found, Finding) else {each.name for each in found}


TRT = {"engine": "tensorrt", "tensorParallelism": "1"}
CASES = [
    (TRT, ["NVIDIA-H100-NVL"], {"nvl"}),
    (TRT, ["NVIDIA-H100-80GB-HBM3"], {"sxm"}),
    (TRT, ["NVIDIA-L40S"], {"l40s"}),
    (TRT, ["NVIDIA-GH200-480GB"], {"gh"}),
    (TRT, ["NVIDIA-A10G"], {"a10"}),
    (TRT, ["NVIDIA-L4", "NVIDIA-L40S"], {"l4", "l40s"}),
    (TRT, ["Tesla-T4"], {"build"}),
    (TRT, [], "GPUUnknown"),
    ({}, ["NVIDIA-L40S"], {"l40s", "vllm", "lora"}),
    ({"gpus": [{"product": "l40s", "ids": ["26b5"]}, {"product": "h100", "ids": ["2330"]}], "tensorParallelism": "1"}, [], {"l40s", "sxm"}),
    ({"gpus": [{"product": "l4"}]}, ["NVIDIA-H100-NVL"], {"l4"}),
    ({"gpus": [{"product": "h100"}]}, [], {"sxm", "two"}),
    ({"gpus": [{"ids": ["0x2321"]}]}, [], {"nvl"}),
    ({"gpus": [{"product": "a10g"}], **TRT}, [], {"build"}),
    ({"gpus": [{"product": "NVIDIA-A10G"}], **TRT}, [], {"a10"}),
    ({"engine": "vllm", "lora": False}, [], {"vllm"}),
    ({"engine": "vllm", "lora": True}, [], {"lora"}),
    ({"engine": "vllm", "gpus": [{"product": "l40s"}]}, [], {"vllm", "lora"}),
    ({"precision": "FP8", "engine": "TensorRT_LLM", "tensorParallelism": "2"}, ["NVIDIA-H100-PCIe"], {"two"}),
    ({"qosProfile": "latency"}, [], {"two"}),
    ({"buildable": True}, ["NVIDIA-L4"], {"build"}),
    ({"buildable": False, "engine": "tensorrt"}, ["NVIDIA-L4"], {"l4"}),
    ({"precision": "int4"}, ["NVIDIA-L4"], "NoProfileMatches"),
    ({"engine": "tensorrt", "tensorParallelism": "8"}, [], "NoProfileMatches"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "products", "expected"), CASES)
def test_what_is_chosen(wanted, products, expected):
    assert chosen(wanted, *products) == expected


def test_a_map_keeps_adapters_for_those_who_ask():
    assert chosen({"engine": "vllm"}, catalogue=MAP) == {"vllm"}
    assert chosen({"engine": "vllm"}, catalogue=LIST) == {"vllm", "lora"}


def test_triton_is_another_name_of_tensorrt():
    only = Catalogue((Profile("embed", {"model_type": "triton", "gpu": "L40S"}),), listed=True)
    assert chosen({"engine": "tensorrt"}, "NVIDIA-L40S", catalogue=only) == {"embed"}


def test_one_kind_of_gpu_needs_no_question():
    only = Catalogue((PROFILES[2], PROFILES[8]), listed=True)
    assert chosen({}, catalogue=only) == {"l40s", "vllm"}


def test_the_order_is_that_of_the_names():
    found = selection.select(LIST, ModelFilter(), ("NVIDIA-L40S",))
    assert [each.name for each in found] == ["l40s", "lora", "vllm"]


def test_what_is_asked_and_what_there_is_are_told():
    wanted = ModelFilter.model_validate({"precision": "int4", "lora": False})
    finding = selection.select(LIST, wanted, ("NVIDIA-L4",))
    assert "precision int4, lora false for GPUs NVIDIA-L4" in finding.message
    assert "10 profiles with engine tensorrt_llm, vllm; precision fp8" in finding.message
    assert "tensorParallelism 1, 2" in finding.message
    assert "H100_NVL" in finding.message


def test_who_does_not_know_the_gpus_is_told_the_candidates():
    finding = selection.select(LIST, ModelFilter.model_validate(TRT), None)
    assert "GH200_480GB, H100, H100_NVL, L4, L40S" in finding.message
    assert "spec.source.ngc.model.gpus" in finding.remedy


def wide(number):
    return "".join(f" {chr(97 + (number + each) % 26)}" for each in range(31))


HOSTILE = {
    "expressions": (
        "".join(
            f"p{each}:\n  tags: {{product_name_regex: '{'.*[a-z]*' * 20}{each % 9}'}}\n"
            for each in range(900)
        ),
        [{"product": "a" * 60 + str(each)} for each in range(64)],
    ),
    "products": (
        "".join(f"p{each}:\n  tags: {{gpu: '{wide(each) * 4}'}}\n" for each in range(900)),
        [{"product": wide(each) * 1000} for each in range(64)],
    ),
    "devices": (
        "".join(f"p{each}:\n  tags: {{gpu: H100, gpu_device: '{each}'}}\n" for each in range(900)),
        [{"ids": [f"{number}{each}" for each in range(200)]} for number in range(64)],
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_an_image_and_a_spec_that_mean_harm_take_no_seconds(what):
    """An image names as many profiles as it likes; so many times the GPUs asked for took hours."""
    manifest, gpus = HOSTILE[what]
    wanted = ModelFilter.model_validate({"gpus": gpus})
    began = time.process_time()
    catalogue = modelmanifest.parse(manifest)
    selection.select(catalogue, wanted, None)
    selection.select(catalogue, ModelFilter(), tuple(each.get("product", "") for each in gpus))
    assert time.process_time() - began < 1
