"""What the API server refuses of a NIMService, rule by rule: an example each, the field it blames and what it says.

The rules are those of the reference's webhook and CRD; the schema and CEL of the CRD say them here, without a webhook.
"""

import pytest

from hooks.kernel.crd import admission, shipped

GATEWAY = {"name": "gateway", "namespace": "infra"}
INGRESS = {"ingressClass": "nginx"}
KNATIVE = {
    "inferencePlatform": "kserve",
    "annotations": {"serving.kserve.io/deploymentMode": "Serverless"},
}
PICKER = {"name": "epp", "image": {"repository": "registry.k8s.io/epp", "tag": "v1.3.0"}}


def device(**fields):
    return {"draResources": [{"claimCreationSpec": {"devices": [{"name": "gpu"} | fields]}}]}


def attribute(**fields):
    return device(attributeSelectors=[{"key": "memory"} | fields])


def capacity(**fields):
    return device(capacitySelectors=[{"key": "memory", "value": "40Gi"} | fields])


def epp(**fields):
    return {
        "expose": {"router": {"gateway": GATEWAY, "eppConfig": {"containerSpec": PICKER} | fields}}
    }


REFUSED = {
    "an image without repository": (
        {"image": {"repository": "", "tag": "1"}},
        "spec.image.repository",
        "must not be empty",
    ),
    "an image without tag": ({"image": {"repository": "nim"}}, "spec.image.tag", "is required"),
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
    "an Ingress beside a Gateway": (
        {"expose": {"router": {"ingress": INGRESS, "gateway": GATEWAY}}},
        "spec.expose.router",
        "remove one",
    ),
    "both kinds of Ingress": (
        {"expose": {"ingress": {"enabled": True}, "router": {"ingress": INGRESS}}},
        "spec.expose.ingress",
        "spec.expose.ingress must not be enabled beside",
    ),
    "gRPC routes without a gRPC port": (
        {"expose": {"router": {"gateway": GATEWAY | {"grpcRoutesEnabled": True}}}},
        "spec.expose.service.grpcPort",
        "is required where",
    ),
    "a route to a Service without port": (
        {"expose": {"router": {"gateway": GATEWAY | {"backendRef": {"name": "other"}}}}},
        "spec.expose.router.gateway.backendRef",
        "port is required",
    ),
    "a port out of range": (
        {"expose": {"service": {"port": 70000}}},
        "spec.expose.service.port",
        "must be 65535 or less",
    ),
    "an unknown type of Service": (
        {"expose": {"service": {"type": "Nodeport"}}},
        "spec.expose.service.type",
        "did you mean NodePort?",
    ),
    "autoscaling without limits": (
        {"scale": {"enabled": True}},
        "spec.scale.hpa",
        "is required where",
    ),
    "autoscaling beside replicas": (
        {"scale": {"enabled": True, "hpa": {"maxReplicas": 2}}, "replicas": 1},
        "spec.replicas",
        "spec.replicas must be absent where spec.scale.enabled is true",
    ),
    "fewer replicas at most than at least": (
        {"scale": {"enabled": True, "hpa": {"maxReplicas": 2, "minReplicas": 3}}},
        "spec.scale.hpa.maxReplicas",
        "must not be less",
    ),
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
        "must match",
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
        "must match",
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
    "several nodes on KServe": (
        {"multiNode": {"parallelism": {"pipeline": 2}}, "inferencePlatform": "kserve"},
        "spec.multiNode",
        "cannot be used where spec.inferencePlatform is kserve",
    ),
    "autoscaling on Knative": (
        KNATIVE | {"scale": {"enabled": True, "hpa": {"maxReplicas": 2}}},
        "spec.scale.enabled",
        "Knative mode, which scales by itself",
    ),
    "the deprecated Ingress on Knative": (
        KNATIVE | {"expose": {"ingress": {"enabled": True}}},
        "spec.expose.ingress.enabled",
        "Knative mode",
    ),
    "an Ingress on Knative": (
        KNATIVE | {"expose": {"router": {"ingress": INGRESS}}},
        "spec.expose.router.ingress",
        "Knative mode",
    ),
    "a Gateway on Knative": (
        KNATIVE | {"expose": {"router": {"gateway": GATEWAY}}},
        "spec.expose.router.gateway",
        "Knative mode",
    ),
    "metrics on Knative": (
        KNATIVE | {"metrics": {"enabled": True}},
        "spec.metrics.enabled",
        "Knative mode",
    ),
    "an endpoint picker without configuration": (
        epp(),
        "spec.expose.router.eppConfig",
        "has no configuration",
    ),
    "an endpoint picker with two configurations": (
        epp(config={"plugins": [], "schedulingProfiles": []}, configMapRef={"key": "config"}),
        "spec.expose.router.eppConfig",
        "remove one",
    ),
    "an endpoint picker's port out of range": (
        epp(ports=[{"containerPort": 0}], configMapRef={"key": "config"}),
        "spec.expose.router.eppConfig.ports",
        "between 1 and 65535",
    ),
    "a field that is somewhere else": (
        {"router": {}},
        "spec.router",
        "did you mean spec.expose.router?",
    ),
    "a field that is misspelt": (
        {"storage": {"pvc": {"nme": "models"}}},
        "spec.storage.pvc.nme",
        "did you mean name?",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(nimservice, case):
    spec, path, message = REFUSED[case]
    assert [
        problem
        for problem in admission.problems(nimservice(**spec))
        if problem.path == path and message in problem.text
    ]


ADMITTED = {
    "the least that works": {},
    "a router without a domain": {"expose": {"router": {"ingress": INGRESS}}},
    "metrics without a ServiceMonitor's settings": {"metrics": {"enabled": True}},
    "a claim to create without access mode": {"storage": {"pvc": {"create": True, "size": "50Gi"}}},
    "an empty directory": {"storage": {"emptyDir": {}}},
    "storage on the node": {"storage": {"hostPath": "/models"}},
    "no Secret, for an air-gapped cluster": {"authSecret": None},
    "autoscaling with the default minimum": {"scale": {"enabled": True, "hpa": {"maxReplicas": 1}}},
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
    "KServe in its standard mode with routes": {
        "inferencePlatform": "kserve",
        "annotations": {"serving.kserve.io/deploymentMode": "Standard"},
        "expose": {"router": {"gateway": GATEWAY}},
        "metrics": {"enabled": True},
    },
    "plugins' parameters as an object": epp(
        config={
            "plugins": [{"type": "scorer", "parameters": {"weight": 2}}],
            "schedulingProfiles": [],
            "more": {"is": "kept"},
        }
    ),
    "a field that is null": {"tolerations": [], "affinity": None, "scale": {"enabled": None}},
    "the empty objects that the reference operator's own writes leave behind (S 1.5)": {
        "storage": {"nimCache": {"name": "llama-cache"}, "pvc": {}},
        "expose": {"service": {"port": 8000}, "ingress": {"spec": {}}, "router": {}},
        "scale": {"hpa": {"maxReplicas": 0, "minReplicas": 1}},
        "metrics": {"serviceMonitor": {}},
        "livenessProbe": {},
    },
}


@pytest.mark.parametrize("case", ADMITTED)
def test_admitted(nimservice, case):
    assert admission.problems(nimservice(**ADMITTED[case])) == []


CREATED = {"pvc": {"create": True, "size": "50Gi"}}
NODES = {"parallelism": {"pipeline": 2}}
CLAIM = [{"resourceClaimTemplateName": "gpus"}]
FIXED = {
    "multiNode changed": (
        {"multiNode": NODES},
        {"multiNode": {"parallelism": {"pipeline": 3}}},
        "spec.multiNode",
    ),
    "multiNode added": ({}, {"multiNode": NODES}, "spec.multiNode"),
    "multiNode removed": ({"multiNode": NODES}, {}, "spec.multiNode"),
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
    "draResources added": ({}, {"draResources": CLAIM}, "spec.draResources"),
    "draResources removed": ({"draResources": CLAIM}, {}, "spec.draResources"),
}


@pytest.mark.parametrize("case", FIXED)
def test_refused_as_a_change(nimservice, case):
    before, after, path = FIXED[case]
    (problem,) = admission.problems(nimservice(**after), nimservice(**before))
    assert problem.path == path
    assert "is immutable" in problem.text


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
    "a field beside several nodes": ({"multiNode": NODES}, {"multiNode": NODES, "replicas": 2}),
}


@pytest.mark.parametrize("case", CHANGED)
def test_admitted_as_a_change(nimservice, case):
    before, after = CHANGED[case]
    assert admission.problems(nimservice(**after), nimservice(**before)) == []


NAMES = {
    "dots, which no container can have": ("llama-3.1", {}, "must be at most 59"),
    "too long for a container": ("a" * 60, {}, "must be at most 59"),
    "a digit first, which no Service can have": ("3-llama", {}, "must begin with a letter"),
    "too long for the pods of a group": (
        "a" * 46,
        {"multiNode": {"parallelism": {"pipeline": 2}}},
        "must be at most 45",
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_that_no_child_could_have_is_refused_and_only_when_it_is_new(nimservice, case):
    name, spec, message = NAMES[case]
    manifest = nimservice(**spec) | {"metadata": {"name": name}}
    (problem,) = admission.problems(manifest)
    assert message in problem.text
    assert admission.problems(manifest, manifest) == []


def test_a_name_may_begin_with_a_digit_where_the_service_has_another(nimservice):
    assert (
        admission.problems(
            nimservice(expose={"service": {"name": "llama"}}) | {"metadata": {"name": "3-llama"}}
        )
        == []
    )


def rules(schema):
    yield from schema.get("x-kubernetes-validations", ())
    for part in [
        *schema.get("properties", {}).values(),
        *(schema[key] for key in ("items",) if key in schema),
    ]:
        yield from rules(part)


def test_every_rule_has_an_example_that_breaks_it(nimservice):
    examples = [nimservice(**spec) for spec, _, _ in REFUSED.values()]
    changes = [(nimservice(**after), nimservice(**before)) for before, after, _ in FIXED.values()]
    broken = {problem.message for manifest in examples for problem in admission.problems(manifest)}
    broken |= {
        problem.message
        for after, before in changes
        for problem in admission.problems(after, before)
    }
    written = {
        rule["message"] for rule in rules(shipped.schemas()["NIMService"]["properties"]["spec"])
    }
    assert written - broken == set()
