"""The Job of each published NIMCache: command, variables, mounts and volumes are those that
NVIDIA's operator gives it, and so is its claim."""

import pytest
import yaml

from hooks.nimcache import kinds
from tests.nimcache import manifests
from tests.nimcache.cluster import Cluster
from tests.nimcache.test_life_samples import CACHING, image, needs_samples

H100, H100_WIDE = manifests.name(0), manifests.name(6)
PROFILES = (["download-to-cache"], ["--profiles", H100])
MODEL_FREE = (
    [
        *("download-to-cache", "--model-uri", "hf://meta-llama/Llama-3.2-1B-Instruct"),
        *("--manifest-file", "/model-store/model_manifest.json"),
    ],
    None,
)
STORE = {"NIM_CACHE_PATH": "/model-store"}
HUB = {**STORE, "HF_HUB_OFFLINE": "0", "HF_HOME": "/model-store/huggingface/hub"}
FACE = {**HUB, "HF_ENDPOINT": "https://huggingface.co"}
MIRRORED = {**STORE, "NIM_REPOSITORY_OVERRIDE": "https://<server-name>:<port>/"}
ANY_WIDTH = (["download-to-cache"], ["--profiles", *sorted(["embed", H100, H100_WIDE])])
PCI = {"feature.node.kubernetes.io/pci-10de.present": "true"}
PRESENT = {"nvidia.com/gpu.present": "true"}

JOBS = {
    "caching__datastore__nimcache": (
        (
            [
                *("huggingface-cli", "download", "default/llama-3-1b-instruct"),
                *("--local-dir", "/model-store", "--repo-type", "model"),
            ],
            None,
        ),
        {**HUB, "HF_ENDPOINT": "http://nemodatastore-sample.nemo.svc.cluster.local:8000/v1/hf"},
        PCI,
    ),
    "caching__hf__nimcache": (MODEL_FREE, FACE, PCI),
    "caching__ngc-mirror__https__nimcache-llm": (PROFILES, MIRRORED, PCI),
    "caching__ngc-mirror__jfrog__nimcache-llm": (
        PROFILES,
        {**STORE, "NIM_REPOSITORY_OVERRIDE": "jfrog://<server-name>:<port>/"},
        PCI,
    ),
    "caching__ngc-mirror__s3__nimcache-llm": (
        PROFILES,
        {
            **STORE,
            "NIM_REPOSITORY_OVERRIDE": "s3://nim_bucket/",
            "AWS_PROFILE": "default",
            "AWS_REGION": "us-east-1",
        },
        PCI,
    ),
    "caching__ngc__nimcache": (PROFILES, STORE, PCI),
    "nimcache-multi-llm": (MODEL_FREE, FACE, PRESENT),
    "nimcache": ((["download-to-cache"], ["--profiles", "vllm"]), STORE, PRESENT),
    "pipelines__guardrail__nimcache-content-safety": (PROFILES, STORE, PCI),
    "pipelines__guardrail__nimcache-jailbreak-detect": (
        (["download-to-cache"], ["--all"]),
        STORE,
        PCI,
    ),
    "pipelines__guardrail__nimcache-topic-control": (PROFILES, STORE, PCI),
    "pipelines__rag__nimcache-embedding": (ANY_WIDTH, STORE, PCI),
    "pipelines__rag__nimcache-llm": (PROFILES, STORE, PCI),
    "pipelines__rag__nimcache-reranking": (ANY_WIDTH, STORE, PCI),
}
"""Command and arguments, variables and node selector, by the sample."""


@needs_samples
def test_every_sample_of_a_cache_has_a_row():
    assert {path.stem for path in CACHING} == {*JOBS}


@needs_samples
@pytest.mark.parametrize("path", CACHING, ids=lambda path: path.stem)
def test_the_job_of_a_sample_is_the_references(path):
    (cache,) = (each for each in yaml.safe_load_all(path.read_text()) if each)
    found = Cluster(ends=image(path))
    found.put(cache)
    found.advance(120)
    spec, name = cache["spec"], cache["metadata"]["name"]
    (given,) = spec["source"].values()
    (command, args), variables, nodes = JOBS[path.stem]

    job = found.get(kinds.JOB, f"{name}-job", cache["metadata"].get("namespace", "default"))
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert (container["name"], container["image"]) == ("nim-cache-ctr", given["modelPuller"])
    assert (container.get("command"), container.get("args")) == (command, args)
    assert {each["name"]: each["value"] for each in container["env"]} == variables
    assert container["envFrom"] == [{"secretRef": {"name": given["authSecret"]}}]
    assert {each["mountPath"]: each["name"] for each in container["volumeMounts"]} == {
        "/model-store": "nim-cache-volume",
        "/scratch": "scratch",
    }
    wanted = {key: value for key, value in (spec.get("resources") or {}).items() if value}
    assert container.get("resources", {}) == (
        {"requests": wanted, "limits": wanted} if wanted else {}
    )
    assert pod["volumes"] == [
        {"name": "nim-cache-volume", "persistentVolumeClaim": {"claimName": f"{name}-pvc"}},
        {"name": "scratch", "emptyDir": {}},
    ]
    assert (pod["restartPolicy"], pod["nodeSelector"]) == ("Never", nodes)
    assert pod["imagePullSecrets"] == [{"name": given["pullSecret"]}]
    security = {"runAsUser": 1000, "fsGroup": 2000, "runAsNonRoot": True}
    assert security.items() <= pod["securityContext"].items()
    assert job["spec"]["backoffLimit"] == 5

    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, f"{name}-pvc", job["metadata"]["namespace"])[
        "spec"
    ]
    pvc = spec["storage"]["pvc"]
    assert claim["accessModes"] == [pvc["volumeAccessMode"]]
    assert claim["resources"]["requests"] == {"storage": pvc["size"]}
    assert claim["storageClassName"] == (pvc.get("storageClass") or "standard")
