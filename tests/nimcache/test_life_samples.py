"""The published samples with a NIMCache reach Ready, and so do the NIMServices beside them."""

from pathlib import Path

import pytest
import yaml

from hooks.nimcache import kinds
from tests.nimcache import cluster, manifests
from tests.nimcache.cluster import Cluster

SAMPLES = Path(__file__).parents[3] / "shared" / "conformance" / "upstream-samples"
FILES = sorted(
    path for path in SAMPLES.glob("*.y*ml") if "kind: NIMCache" in path.read_text()
) if SAMPLES.is_dir() else []  # fmt: skip
CACHING = [path for path in FILES if "kind: NIMService" not in path.read_text()]

needs_samples = pytest.mark.skipif(
    not FILES, reason="the published samples (../shared/conformance) are not here"
)

# As images of language models, embedders and guards have them; profiles of vllm are for any GPU.
MANIFEST = (
    manifests.mapped(12)
    + "vllm:\n  model: m\n  release: '1'\n  tags: {llm_engine: vllm, tp: '1', precision: bf16}\n"
    + "embed:\n  tags: {model_type: tensorrt, product_name_regex: '^NVIDIA-H100.*'}\n"
)


def image(path):
    """Return the manifest of a sample's image: those that serve any model have none."""
    return None if "multi-llm" in path.name or "__hf__" in path.name else MANIFEST


@needs_samples
def test_there_are_as_many_as_there_were():
    assert (len(FILES), len(CACHING)) == (35, 14)


@needs_samples
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_reaches_ready(path):
    documents = [each for each in yaml.safe_load_all(path.read_text()) if each]
    found = Cluster(ends=cluster.image(image(path)))
    for each in documents:
        found.put(each)
    found.settle()
    for cache in found.server.list(kinds.NIM_CACHE):
        assert cache["status"]["state"] == "Ready", cache["status"]["conditions"]
    for nim in found.server.list(kinds.NIM_SERVICE):
        ready = next(each for each in nim["status"]["conditions"] if each["type"] == "Ready")
        assert ready["reason"] not in ("NIMCacheNotReady", "NIMCacheFailed", "NIMCacheNotFound"), (
            ready
        )
