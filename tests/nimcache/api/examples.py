"""Examples of NIMCaches that the API server admits or refuses, and of changes."""

PULLER = "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.4"

HUB = {
    "endpoint": "https://huggingface.co",
    "namespace": "meta-llama",
    "modelName": "Llama-3.2-1B",
    "modelPuller": PULLER,
    "authSecret": "hf-secret",
    "pullSecret": "ngc-secret",
}


def ngc(**fields):
    return {"source": {"ngc": {"modelPuller": PULLER, "authSecret": "ngc-api-secret"} | fields}}


def claim(**fields):
    return {"storage": {"pvc": fields}}


REFUSED = {
    "no source": ({"source": {}}, "spec.source", "Exactly one of"),
    "two sources": (
        ngc() | {"source": {**ngc()["source"], "hf": HUB}},
        "spec.source",
        "Exactly one of",
    ),
    "no Secret": (ngc(authSecret=""), "spec.source.ngc.authSecret", "must not be empty"),
    "no image to pull with": (
        ngc(modelPuller=""),
        "spec.source.ngc.modelPuller",
        "must not be empty",
    ),
    "a filter beside an endpoint": (
        ngc(model={}, modelEndpoint="https://x"),
        "spec.source.ngc",
        "Only one of",
    ),
    "all profiles and another": (
        ngc(model={"profiles": ["all", "fp8"]}),
        "spec.source.ngc.model.profiles",
        "no other entry",
    ),
    "profiles and a filter": (
        ngc(model={"profiles": ["fp8"], "lora": False}),
        "spec.source.ngc.model.profiles",
        "remove either",
    ),
    "an unknown quality of service": (
        ngc(model={"qosProfile": "Latency"}),
        "spec.source.ngc.model.qosProfile",
        "did you mean latency?",
    ),
    "a hub without protocol": (
        {"source": {"hf": HUB | {"endpoint": "huggingface.co"}}},
        "spec.source.hf.endpoint",
        "must match",
    ),
    "neither model nor data set": (
        {"source": {"hf": {key: value for key, value in HUB.items() if key != "modelName"}}},
        "spec.source.hf",
        "Exactly one of modelName",
    ),
    "no claim": ({"storage": {}}, "spec.storage.pvc", "is required"),
    "an empty claim": (claim(), "spec.storage.pvc.name", "is required unless"),
    "a claim to create without a size": (
        claim(create=True),
        "spec.storage.pvc.size",
        "is required where",
    ),
    "a size that is none": (
        claim(create=True, size="large"),
        "spec.storage.pvc.size",
        "greater than 0",
    ),
    "a name that no claim can have": (
        claim(name="My_Models"),
        "spec.storage.pvc.name",
        "must be lower-case",
    ),
    "an unknown access mode": (
        claim(name="models", volumeAccessMode="RWX"),
        "spec.storage.pvc.volumeAccessMode",
        "must be",
    ),
    "a proxy without protocol": (
        {"proxy": {"httpProxy": "proxy:3128"}},
        "spec.proxy.httpProxy",
        "http:// or https://",
    ),
    "a wildcard among the hosts without proxy": (
        {"proxy": {"noProxy": "localhost,*.example.com"}},
        "spec.proxy.noProxy",
        "no wildcards",
    ),
    "bare IPv6 among the hosts without proxy": (
        {"proxy": {"noProxy": "::1"}},
        "spec.proxy.noProxy",
        "IPv6 in brackets",
    ),
}
"""Specs that are refused, with the field that is blamed and some of what is said."""

ADMITTED = {
    "a claim to create": {},
    "a claim that exists": claim(name="models"),
    "all profiles": ngc(model={"profiles": ["all"]}),
    "a filter": ngc(
        model={
            "precision": "fp8",
            "qosProfile": "latency",
            "gpus": [{"product": "l40s"}],
            "lora": True,
        }
    ),
    "a model of Hugging Face": {"source": {"hf": HUB}},
    "hosts without proxy in every form": {
        "proxy": {"noProxy": " .svc, 10.0.0.0/8,10.1.2.3:8080,[fd00::1]:443,[fd00::]/8,,localhost"}
    },
    "the empty fields that the reference operator's own writes leave behind": {
        "resources": {"cpu": "0", "memory": "0"}
    },
}
"""Specs that are admitted."""

FIXED = {
    "another image": (ngc(), ngc(modelPuller="other"), "spec.source.ngc.modelPuller"),
    "another kind of source": (ngc(), {"source": {"hf": HUB}}, "spec.source"),
    "a filter removed": (
        ngc(model={"tensorParallelism": "1"}),
        ngc(),
        "spec.source.ngc.model.tensorParallelism",
    ),
    "a filter added": (ngc(), ngc(model={"engine": "vllm"}), "spec.source.ngc.model.engine"),
    "one filter for another": (
        ngc(model={"tensorParallelism": "1"}),
        ngc(model={"precision": "fp8"}),
        "spec.source.ngc.model.precision",
    ),
    "profiles added": (ngc(), ngc(model={"profiles": ["a"]}), "spec.source.ngc.model.profiles"),
    "lora said to be false": (
        ngc(model={}),
        ngc(model={"lora": False}),
        "spec.source.ngc.model.lora",
    ),
    "an endpoint in place of a model": (
        ngc(model={}),
        ngc(modelEndpoint="https://x"),
        "spec.source.ngc.modelEndpoint",
    ),
    "another model of a hub": (
        {"source": {"hf": HUB}},
        {"source": {"hf": HUB | {"modelName": "other"}}},
        "spec.source.hf.modelName",
    ),
    "a revision": (
        {"source": {"hf": HUB}},
        {"source": {"hf": HUB | {"revision": "v2"}}},
        "spec.source.hf.revision",
    ),
    "another image for a hub": (
        {"source": {"hf": HUB}},
        {"source": {"hf": HUB | {"modelPuller": "other"}}},
        "spec.source.hf.modelPuller",
    ),
    "a claim that is named later": (
        claim(create=True, size="1Gi"),
        claim(create=True, size="1Gi", name="models"),
        "spec.storage.pvc.name",
    ),
    "a folder": (
        claim(name="models"),
        claim(name="models", subPath="llama"),
        "spec.storage.pvc.subPath",
    ),
    "a claim that is no longer created": (
        claim(create=True, size="1Gi", name="models"),
        claim(size="1Gi", name="models"),
        "spec.storage.pvc.create",
    ),
    "a smaller claim": (
        claim(create=True, size="1Ti"),
        claim(create=True, size="900Gi"),
        "spec.storage.pvc.size",
    ),
}
"""Changes that are refused, from a spec to a spec, with the field that is blamed."""

CHANGED = {
    "credentials, which may be wrong at first": (ngc(), ngc(authSecret="other", pullSecret="x")),
    "empty fields": (
        ngc(),
        ngc(pullSecret="", model={"profiles": [], "precision": "", "gpus": []}, modelEndpoint=None),
    ),
    "GPUs, which the status asks for where it knows none": (
        ngc(model={"engine": "tensorrt"}),
        ngc(model={"engine": "tensorrt", "gpus": [{"product": "l40s"}]}),
    ),
    "a larger claim": (claim(create=True, size="900Gi"), claim(create=True, size="1Ti")),
    "how the pods run": (
        {},
        {"resources": {"cpu": "2"}, "nodeSelector": {}, "env": [{"name": "A", "value": "1"}]},
    ),
    "create that says what it is by default": (
        claim(name="models"),
        claim(name="models", create=False, storageClass=""),
    ),
}
"""Changes that are admitted, from a spec to a spec."""
