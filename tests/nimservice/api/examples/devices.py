"""Examples of claims on devices and of several nodes."""

NODES = {"parallelism": {"pipeline": 2}}

CLAIM = [{"resourceClaimTemplateName": "gpus"}]


def device(**fields):
    return {"draResources": [{"claimCreationSpec": {"devices": [{"name": "gpu"} | fields]}}]}


def attribute(**fields):
    return device(attributeSelectors=[{"key": "memory"} | fields])


def capacity(**fields):
    return device(capacitySelectors=[{"key": "memory", "value": "40Gi"} | fields])


REFUSED = {
    "autoscaling on several nodes": (
        {
            "scale": {"enabled": True, "hpa": {"maxReplicas": 2}},
            "multiNode": {"parallelism": {"pipeline": 2}},
        },
        "spec.scale.enabled",
        "spec.scale.enabled must not be true with spec.multiNode",
    ),
    "claims among the resources (Q46)": (
        {"resources": {"claims": [{"name": "gpu"}]}},
        "spec.resources.claims",
        "spec.draResources",
    ),
    "a claim without source": (
        {"draResources": [{"requests": ["gpu"]}]},
        "spec.draResources[0]",
        "exactly one of",
    ),
    "a claim with two sources": (
        {"draResources": [{"resourceClaimName": "gpu", "resourceClaimTemplateName": "gpus"}]},
        "spec.draResources[0]",
        "exactly one of",
    ),
    "a shared claim for several replicas": (
        {"draResources": [{"resourceClaimName": "gpu"}], "replicas": 2},
        "spec.draResources",
        "use resourceClaimTemplateName",
    ),
    "a shared claim with autoscaling": (
        {
            "draResources": [{"resourceClaimName": "gpu"}],
            "scale": {"enabled": True, "hpa": {"maxReplicas": 2}},
        },
        "spec.draResources",
        "use resourceClaimTemplateName",
    ),
    "the same claim twice": (
        {"draResources": [{"resourceClaimName": "gpu"}] * 2},
        "spec.draResources",
        "must not name a resourceClaimName",
    ),
    "a claim's name with capitals": (
        {"draResources": [{"resourceClaimName": "gpu-A"}]},
        "spec.draResources[0].resourceClaimName",
        "must be lower-case",
    ),
    "a claim without devices": (
        {"draResources": [{"claimCreationSpec": {"devices": []}}]},
        "spec.draResources[0].claimCreationSpec.devices",
        "must not be empty",
    ),
    "a device without name": (
        device(name=""),
        "spec.draResources[0].claimCreationSpec.devices[0].name",
        "must not be empty",
    ),
    "a device's name with a dot": (
        device(name="a.b"),
        "spec.draResources[0].claimCreationSpec.devices[0].name",
        "must be lower-case",
    ),
    "no devices": (
        device(count=0),
        "spec.draResources[0].claimCreationSpec.devices[0].count",
        "must be 1 or more",
    ),
    "a device without class": (
        device(deviceClassName=""),
        "spec.draResources[0].claimCreationSpec.devices[0].deviceClassName",
        "must not be empty",
    ),
    "a device without driver": (
        device(driverName=""),
        "spec.draResources[0].claimCreationSpec.devices[0].driverName",
        "must not be empty",
    ),
    "CEL expressions beside selectors": (
        device(celExpressions=["true"], capacitySelectors=[{"key": "memory", "value": 1}]),
        "spec.draResources[0].claimCreationSpec.devices[0]",
        "celExpressions must not be set",
    ),
    "a key twice, with and without its domain": (
        device(
            attributeSelectors=[{"key": "gpu.nvidia.com/memory", "value": {"intValue": 1}}],
            capacitySelectors=[{"key": "memory", "value": "1Gi"}],
        ),
        "spec.draResources[0].claimCreationSpec.devices[0]",
        "must not name a key twice",
    ),
    "more than 20 attributes": (
        device(
            attributeSelectors=[
                {"key": f"a{number}", "value": {"intValue": 1}} for number in range(21)
            ]
        ),
        "spec.draResources[0].claimCreationSpec.devices[0].attributeSelectors",
        "20 entries or less",
    ),
    "more than 12 capacities": (
        device(capacitySelectors=[{"key": f"a{number}", "value": 1} for number in range(13)]),
        "spec.draResources[0].claimCreationSpec.devices[0].capacitySelectors",
        "12 entries or less",
    ),
    "an attribute with an unknown operator": (
        attribute(op="Less", value={"intValue": 1}),
        "spec.draResources[0].claimCreationSpec.devices[0].attributeSelectors[0].op",
        "did you mean LessThan?",
    ),
    "an attribute without value (I-6, Q36)": (
        attribute(),
        "spec.draResources[0].claimCreationSpec.devices[0].attributeSelectors[0].value",
        "is required",
    ),
    "an attribute with an empty value": (
        attribute(value={}),
        "spec.draResources[0].claimCreationSpec.devices[0].attributeSelectors[0].value",
        "exactly one of",
    ),
    "an attribute with two values": (
        attribute(value={"intValue": 1, "stringValue": "1"}),
        "spec.draResources[0].claimCreationSpec.devices[0].attributeSelectors[0].value",
        "exactly one of",
    ),
    "an attribute with a version that is none": (
        attribute(value={"versionValue": "550.127.08"}),
        "spec.draResources[0].claimCreationSpec.devices[0].attributeSelectors[0].value.versionValue",
        "semantic version",
    ),
    "a text that is to be greater": (
        attribute(op="GreaterThan", value={"stringValue": "a"}),
        "spec.draResources[0].claimCreationSpec.devices[0].attributeSelectors[0].op",
        "Equal or NotEqual",
    ),
    "a capacity with an unknown operator": (
        capacity(op="="),
        "spec.draResources[0].claimCreationSpec.devices[0].capacitySelectors[0].op",
        "must be Equal",
    ),
    "a capacity without value": (
        device(capacitySelectors=[{"key": "memory"}]),
        "spec.draResources[0].claimCreationSpec.devices[0].capacitySelectors[0].value",
        "is required",
    ),
    "MPI beside Ray": (
        {"multiNode": {"parallelism": {}, "mpi": {}, "ray": {}}},
        "spec.multiNode",
        "mutually exclusive",
    ),
    "no nodes": (
        {"multiNode": {"parallelism": {"pipeline": 0}}},
        "spec.multiNode.parallelism.pipeline",
        "must be 1 or more",
    ),
    "a ComputeDomain that is created and named": (
        {"multiNode": {"parallelism": {}, "computeDomain": {"create": True, "name": "domain"}}},
        "spec.multiNode.computeDomain",
        "computeDomain.name must be absent where",
    ),
}
"""Specs that are refused, with the field that is blamed and some of what is said."""

ADMITTED = {
    "several nodes by default": {"multiNode": {"parallelism": {}}},
    "one shared claim for one replica": {
        "draResources": [{"resourceClaimName": "gpu"}],
        "replicas": 1,
    },
    "keys of different domains": device(
        attributeSelectors=[
            {"key": "memory", "value": {"intValue": 1}},
            {"key": "other.com/memory", "value": {"versionValue": "1.0.0-rc.1"}},
        ]
    ),
    "an ordered version": attribute(op="GreaterThanOrEqual", value={"versionValue": "9.0.0"}),
}
"""Specs that are admitted."""

FIXED = {
    "multiNode changed": (
        {"multiNode": NODES},
        {"multiNode": {"parallelism": {"pipeline": 3}}},
        "spec.multiNode",
    ),
    "multiNode added": ({}, {"multiNode": NODES}, "spec.multiNode"),
    "multiNode removed": ({"multiNode": NODES}, {}, "spec.multiNode"),
    "draResources added": ({}, {"draResources": CLAIM}, "spec.draResources"),
    "draResources removed": ({"draResources": CLAIM}, {}, "spec.draResources"),
}
"""Changes that are refused, from a spec to a spec, with the field that is blamed."""

CHANGED = {
    "a field beside several nodes": ({"multiNode": NODES}, {"multiNode": NODES, "replicas": 2}),
}
"""Changes that are admitted, from a spec to a spec."""
