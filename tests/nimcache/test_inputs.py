"""What decides which profiles are downloaded."""

from hooks.nimcache import inputs
from tests.nimcache import cluster, observing


def hashed(**spec):
    return inputs.of(observing.context(**spec))


def test_the_hash_is_the_same_in_every_release():
    """Each Ready cache remembers it: another one would call all of them outdated."""
    assert hashed() == "7b697c172732b501"


def test_empty_fields_do_not_count():
    model = {"engine": "tensorrt_llm", "tensorParallelism": "1"}
    plain = cluster.ngc(model=model, pullSecret="ngc-secret")
    empty = cluster.ngc(model={**model, "precision": "", "profiles": [], "gpus": []}, pullSecret="")
    assert hashed(**plain) == hashed(**empty)


def test_credentials_do_not_count_and_gpus_do():
    first = hashed(**cluster.ngc(model={"engine": "vllm"}))
    assert hashed(**cluster.ngc(model={"engine": "vllm"}, authSecret="other")) == first
    assert hashed(**cluster.ngc(model={"engine": "vllm", "gpus": [{"product": "l40s"}]})) != first
    assert hashed(**cluster.ngc(model={"engine": "vllm", "lora": False})) != first


def test_a_node_selector_counts_where_it_names_a_gpu():
    pinned = {"nvidia.com/gpu.product": "NVIDIA-L40S"}
    assert hashed(nodeSelector=pinned) != hashed()
    assert hashed(nodeSelector={"zone": "a"}) == hashed()
    named = cluster.ngc(model={"profiles": ["a"]})
    assert hashed(nodeSelector=pinned, **named) == hashed(**named)
