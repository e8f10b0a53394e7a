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
    """Return how a sample's image behaves: those that serve any model have no manifest."""
    if "datastore" in path.name:
        return cluster.image(client=True)
    return cluster.image(None if "multi-llm" in path.name or "__hf__" in path.name else MANIFEST)


@needs_samples
def test_there_are_as_many_as_there_were():
    assert (len(FILES), len(CACHING)) == (35, 14)


@needs_samples
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_reaches_ready(path):
    documents = [each for each in yaml.safe_load_all(path.read_text()) if each]
    found = Cluster(ends=image(path))
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


def made(found, kind, name):
    """Return an object as it was made."""
    return next(
        moment.object
        for moment in found.timeline
        if moment.type == "ADDED"
        and moment.object["kind"] == kind
        and moment.object["metadata"]["name"] == name
    )


def download_of(cache, profiles):
    """Return command and variables by the operator's own rules for each source."""
    source = cache["spec"]["source"]
    if ngc := source.get("ngc"):
        named = (ngc.get("model") or {}).get("profiles") or profiles
        args = ["--all"] if named == ["all"] else ["--profiles", *named]
        return ["download-to-cache", *args], {"NIM_CACHE_PATH": "/model-store"}
    hub = source.get("hf") or source["dataStore"]
    model = f"{hub.get('namespace', 'default')}/{hub['modelName']}"
    free = ["download-to-cache", "--model-uri", f"hf://{model}"]
    command = [*free, "--manifest-file", "/model-store/model_manifest.json"]
    if "dataStore" in source:
        command = ["huggingface-cli", "download", model, "--local-dir", "/model-store"]
        command += ["--repo-type", "model"]
    return command, {
        "HF_ENDPOINT": hub["endpoint"],
        "HF_HUB_OFFLINE": "0",
        "NIM_CACHE_PATH": "/model-store",
        "HF_HOME": "/model-store/huggingface/hub",
    }


@needs_samples
@pytest.mark.parametrize("path", CACHING, ids=lambda path: path.stem)
def test_claim_and_download_of_a_sample_are_those_of_the_operator(path):
    (cache,) = (each for each in yaml.safe_load_all(path.read_text()) if each)
    found = Cluster(ends=image(path))
    found.put(cache)
    found.settle()
    name, spec = cache["metadata"]["name"], cache["spec"]
    (stored,) = found.server.list(kinds.NIM_CACHE)
    given = next(iter(spec["source"].values()))
    command, standard = download_of(
        cache, [each["name"] for each in stored["status"].get("profiles", [])]
    )

    claim = made(found, "PersistentVolumeClaim", f"{name}-pvc")["spec"]
    assert claim["accessModes"] == [spec["storage"]["pvc"]["volumeAccessMode"]]
    assert claim["resources"]["requests"]["storage"] == spec["storage"]["pvc"]["size"]
    assert claim.get("storageClassName") in (
        spec["storage"]["pvc"].get("storageClass") or None,
        "standard",
    )

    job = made(found, "Job", f"{name}-job")
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert job["spec"]["backoffLimit"] == 5
    assert (container["name"], container["image"]) == ("nim-cache-ctr", given["modelPuller"])
    assert cluster.command(job) == command
    own = {each["name"]: each["value"] for each in spec.get("env", [])}
    assert cluster.variables(job) == standard | own
    assert container["envFrom"] == [{"secretRef": {"name": given["authSecret"]}}]
    assert [(each["name"], each["mountPath"]) for each in container["volumeMounts"]] == [
        ("nim-cache-volume", "/model-store"),
        ("scratch", "/scratch"),
    ]
    assert pod["volumes"] == [
        {"name": "nim-cache-volume", "persistentVolumeClaim": {"claimName": f"{name}-pvc"}},
        {"name": "scratch", "emptyDir": {}},
    ]
    assert pod["imagePullSecrets"] == [{"name": given["pullSecret"]}]
    assert pod["nodeSelector"] == spec.get(
        "nodeSelector", {"feature.node.kubernetes.io/pci-10de.present": "true"}
    )
    amounts = spec.get("resources") or {}
    assert container.get("resources", {}) == (
        {"requests": amounts, "limits": amounts} if amounts else {}
    )
    user = {key: pod["securityContext"][key] for key in ("runAsUser", "fsGroup", "runAsNonRoot")}
    assert user == {"runAsUser": 1000, "fsGroup": 2000, "runAsNonRoot": True}


@needs_samples
def test_the_data_store_is_read_by_the_client_that_its_image_has():
    """The image of that sample has no program of a NIM, so no download of one can work in it."""
    (path,) = [each for each in CACHING if "datastore" in each.name]
    found = Cluster(ends=image(path))
    found.put(next(iter(yaml.safe_load_all(path.read_text()))))
    found.settle()
    assert found.made("Job", "meta-llama3-1b-instruct-job") == 1
    assert {cache["status"]["state"] for cache in found.server.list(kinds.NIM_CACHE)} == {"Ready"}
