"""Sources: every source of a NIMCache, what is chosen of it, and how its image downloads that."""

from hooks.nimcache.choice import Choice
from tests.nimcache import cluster

HUB = cluster.HUB
HF_VARIABLES = {
    "NIM_CACHE_PATH": "/model-store",
    "HF_ENDPOINT": "https://huggingface.co",
    "HF_HUB_OFFLINE": "0",
    "HF_HOME": "/model-store/huggingface/hub",
}

SOURCES = {
    "profiles": (
        {},
        Choice(names=("a", "b")),
        (["download-to-cache"], ["--profiles", "a", "b"]),
        {"NIM_CACHE_PATH": "/model-store"},
    ),
    "all profiles": (
        cluster.ngc(model={"profiles": ["all"]}),
        Choice(names=("all",)),
        (["download-to-cache"], ["--all"]),
        {"NIM_CACHE_PATH": "/model-store"},
    ),
    "an endpoint": (
        cluster.ngc(modelEndpoint="ngc://org/model:1"),
        Choice(),
        (["create-model-store"], ["--model-repo", "ngc://org/model:1", "--model-store", "/model-store"]),
        {"NIM_CACHE_PATH": "/model-store"},
    ),
    "a hub, the image with a manifest": (
        {"source": {"hf": {**HUB, "revision": "v2"}}},
        Choice(),
        (
            [
                *("huggingface-cli", "download", "meta-llama/Llama-3.2-1B-Instruct", "--local-dir", "/model-store"),
                *("--repo-type", "model", "--revision", "v2"),
            ],
            None,
        ),
        HF_VARIABLES,
    ),
    "a data set": (
        {"source": {"hf": {**{key: value for key, value in HUB.items() if key != "modelName"}, "datasetName": "d"}}},
        Choice(),
        (["huggingface-cli", "download", "meta-llama/d", "--local-dir", "/model-store", "--repo-type", "dataset"], None),
        HF_VARIABLES,
    ),
    "a hub, the image without manifest": (
        {"source": {"hf": HUB}},
        Choice("model-free"),
        (
            [
                *("download-to-cache", "--model-uri", "hf://meta-llama/Llama-3.2-1B-Instruct"),
                *("--manifest-file", "/model-store/model_manifest.json"),
            ],
            None,
        ),
        HF_VARIABLES,
    ),
    "a revision of a hub, the image without manifest": (
        {"source": {"hf": {**HUB, "revision": "v2"}}},
        Choice("model-free"),
        (
            [
                *("download-to-cache", "--model-uri", "hf://meta-llama/Llama-3.2-1B-Instruct:v2"),
                *("--manifest-file", "/model-store/model_manifest.json"),
            ],
            None,
        ),
        HF_VARIABLES,
    ),
    "a data store": (
        {"source": {"dataStore": {**HUB, "endpoint": "http://store/v1/hf", "namespace": "default"}}},
        Choice(),
        (
            [
                *("huggingface-cli", "download", "default/Llama-3.2-1B-Instruct", "--local-dir", "/model-store"),
                *("--repo-type", "model"),
            ],
            None,
        ),
        {**HF_VARIABLES, "HF_ENDPOINT": "http://store/v1/hf"},
    ),
    "a native image": (
        {},
        Choice("native"),
        (None, None),
        {
            "NIM_ENGINE_MODEL_DOWNLOAD_ONLY": "1",
            "NIM_ENGINE_MODEL_PATH": "/model/llama-cache",
        },
    ),
}  # fmt: skip

PROXY = {"httpsProxy": "http://proxy:3128", "noProxy": ".corp", "certConfigMap": "ca"}
