"""Examples of images, storage and whole specs."""

CREATED = {"pvc": {"create": True, "size": "50Gi"}}


REFUSED = {
    "an image without repository": (
        {"image": {"repository": "", "tag": "1"}},
        "spec.image.repository",
        "must not be empty",
    ),
    "an image without tag": ({"image": {"repository": "nim"}}, "spec.image.tag", "is required"),
    "an extra container with an empty tag (R6)": (
        {"sidecarContainers": [{"name": "log", "image": {"repository": "fluent-bit", "tag": ""}}]},
        "spec.sidecarContainers[0].image.tag",
        "must not be empty",
    ),
    "a tag that YAML reads as a number": (
        {"image": {"repository": "nim", "tag": 1.8}},
        "spec.image.tag",
        'put it in quotes, "1.8"',
    ),
    "an unknown pull policy": (
        {"image": {"repository": "nim", "tag": "1", "pullPolicy": "always"}},
        "spec.image.pullPolicy",
        "did you mean Always?",
    ),
    "shared memory of nothing": (
        {"storage": {"pvc": {"name": "models"}, "sharedMemorySizeLimit": 0}},
        "spec.storage.sharedMemorySizeLimit",
        "must be greater than 0",
    ),
    "shared memory that is no quantity": (
        {"storage": {"pvc": {"name": "models"}, "sharedMemorySizeLimit": "much"}},
        "spec.storage.sharedMemorySizeLimit",
        "must be a quantity",
    ),
    "no storage": ({"storage": None}, "spec.storage", "give one of"),
    "storage without a source": ({"storage": {"readOnly": True}}, "spec.storage", "has no source"),
    "storage with an empty source": (
        {"storage": {"hostPath": ""}},
        "spec.storage",
        "has no source",
    ),
    "two sources of storage": (
        {"storage": {"pvc": {"name": "models"}, "emptyDir": {}}},
        "spec.storage",
        "several sources",
    ),
    "a profile without its NIMCache": (
        {"storage": {"nimCache": {"profile": "fp8"}}},
        "spec.storage.nimCache.name",
        "is required",
    ),
    "a claim without name that is not created": (
        {"storage": {"pvc": {"size": "50Gi"}}},
        "spec.storage.pvc.name",
        "is required unless",
    ),
    "an unknown access mode": (
        {"storage": {"pvc": {"name": "models", "volumeAccessMode": "ReadOnce"}}},
        "spec.storage.pvc.volumeAccessMode",
        "must be ReadWriteOnce",
    ),
    "a claim to create without size": (
        {"storage": {"pvc": {"create": True}}},
        "spec.storage.pvc.size",
        "is required where",
    ),
    "a claim to create of a size that is no quantity": (
        {"storage": {"pvc": {"create": True, "size": "50 GB"}}},
        "spec.storage.pvc.size",
        "must be a quantity greater than 0",
    ),
    "a field that is misspelt": (
        {"storage": {"pvc": {"nme": "models"}}},
        "spec.storage.pvc.nme",
        "did you mean name?",
    ),
}
"""Specs that are refused, with the field that is blamed and some of what is said."""

ADMITTED = {
    "the least that works": {},
    "a claim to create without access mode": {"storage": {"pvc": {"create": True, "size": "50Gi"}}},
    "an empty directory": {"storage": {"emptyDir": {}}},
    "storage on the node": {"storage": {"hostPath": "/models"}},
    "no Secret, for an air-gapped cluster": {"authSecret": None},
    "a field that is null": {"tolerations": [], "affinity": None, "scale": {"enabled": None}},
    "the empty objects that the reference operator's own writes leave behind": {
        "storage": {"nimCache": {"name": "llama-cache"}, "pvc": {}},
        "expose": {"service": {"port": 8000}, "ingress": {"spec": {}}, "router": {}},
        "scale": {"hpa": {"maxReplicas": 0, "minReplicas": 1}},
        "metrics": {"serviceMonitor": {}},
        "livenessProbe": {},
    },
}
"""Specs that are admitted."""

FIXED = {
    "a created claim resized": (
        {"storage": CREATED},
        {"storage": {"pvc": {"create": True, "size": "90Gi"}}},
        "spec.storage.pvc",
    ),
    "a created claim replaced": (
        {"storage": CREATED},
        {"storage": {"emptyDir": {}}},
        "spec.storage.pvc",
    ),
}
"""Changes that are refused, from a spec to a spec, with the field that is blamed."""

CHANGED = {
    "replicas": ({"replicas": 1}, {"replicas": 3}),
    "a claim that was there before": (
        {"storage": {"pvc": {"name": "models"}}},
        {"storage": {"pvc": {"name": "others"}}},
    ),
    "a field beside a created claim": (
        {"storage": CREATED},
        {"storage": CREATED | {"readOnly": True}},
    ),
}
"""Changes that are admitted, from a spec to a spec."""
