"""Resolved: NIMServices, NIMCaches and pods, and the model store that comes of them."""

from hooks.nimservice import modelstore
from hooks.nimservice.api.nimservice import NIMService
from tests.situations import nimservice as situation


def nim(storage, **spec):
    return NIMService.parse(situation.nimservice(storage=storage, **spec))


def cached(**cache):
    return nim({"nimCache": {"name": "cache", **cache}})


def pod(claim="cache-pvc", sub_path=None, path="/model-store", gpus=None, **env):
    mount = {
        "name": "model-store",
        "mountPath": path,
        **({"subPath": sub_path} if sub_path else {}),
    }
    volume = {
        "name": "model-store",
        **({"persistentVolumeClaim": {"claimName": claim}} if claim else {"emptyDir": {}}),
    }
    variables = [{"name": name, "value": value} for name, value in env.items()]
    resources = {"limits": {"nvidia.com/gpu": gpus}} if gpus else {}
    return {
        "containers": [
            {"name": "llama-ctr", "volumeMounts": [mount], "env": variables, "resources": resources}
        ],
        "volumes": [volume],
    }


def profile(name, **config):
    return {"name": name, "config": config}


HF = {
    "hf": {
        "namespace": "meta-llama",
        "modelName": "Llama-3.1-8B",
        "endpoint": "https://huggingface.co",
    }
}

TAKEN = {
    "storageHash": cached().spec.storage.digest,
    "nimCache": "cache",
    "claimName": "cache-pvc",
    "layout": "legacy",
}
"""What a running workload took."""


def running(llama, cache, memory, *mounted):
    return modelstore.resolve(llama, cache, {"modelStore": memory} if memory else {}, pod(*mounted))


def fresh(llama, cache=None):
    return modelstore.resolve(llama, cache, {}, None).store
