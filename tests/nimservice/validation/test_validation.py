"""Refusal: what the schema lets through and the hooks cannot build, each with its path and
remedy."""

import pytest
from pydantic import ValidationError

from hooks.kernel.validation import of_types
from hooks.nimservice import validation
from hooks.nimservice.api.nimservice import NIMService
from tests.situations import nimservice as situation


def why(**spec):
    """Return the message for a spec, or None where it can be built."""
    try:
        nim = NIMService.parse(parent := situation.nimservice(**spec))
    except ValidationError as error:
        finding = of_types("NIMService", parent, error)
    else:
        finding = validation.of(nim)
    if finding is None:
        return None
    assert (finding.reason, finding.condition) == ("InvalidSpec", "Degraded")
    assert "\n" not in finding.text
    return finding.text


IMAGE = {"repository": "nvcr.io/nim/x", "tag": "1"}


@pytest.mark.parametrize(
    "storage",
    [
        {"nimCache": {"name": "cache"}},
        {"nimCache": {"name": "cache", "profile": "fp8"}},
        {"pvc": {"name": "models"}},
        {"pvc": {"create": True, "size": "50Gi"}},
        {"pvc": {"create": False, "name": "models"}},
        {"emptyDir": {}},
        {"emptyDir": {"sizeLimit": "10Gi"}},
        {"hostPath": "/models"},
        {"nimCache": {}, "pvc": {"name": "models"}},
    ],
)
def test_a_storage_that_can_be_built_is_taken(storage):
    assert why(storage=storage) is None


@pytest.mark.parametrize(
    ("storage", "path"),
    [
        ({}, "spec.storage: "),
        (None, "spec.storage: "),
        ({"hostPath": ""}, "spec.storage: "),
        ({"nimCache": {}}, "spec.storage: "),
        ({"pvc": {}}, "spec.storage: "),
        ({"nimCache": {"profile": "fp8"}}, "spec.storage.nimCache.name: "),
        ({"pvc": {"create": True}}, "spec.storage.pvc.size: "),
        ({"pvc": {"create": True, "size": ""}}, "spec.storage.pvc.size: "),
        ({"pvc": {"create": False}}, "spec.storage.pvc.name: "),
        ({"pvc": {"subPath": "x"}}, "spec.storage.pvc.name: "),
        (
            {"pvc": {"create": True, "size": "much"}},
            "spec.storage.pvc.size: 'much' is not a quantity",
        ),
        (
            {"emptyDir": {"sizeLimit": "much"}},
            "spec.storage.emptyDir.sizeLimit: 'much' is not a quantity",
        ),
        (
            {"emptyDir": {"sizeLimit": ""}},
            "spec.storage.emptyDir.sizeLimit: '' is not a quantity",
        ),
        (
            {"emptyDir": {}, "sharedMemorySizeLimit": "much"},
            "spec.storage.sharedMemorySizeLimit: 'much' is not a quantity",
        ),
    ],
)
def test_a_storage_that_cannot_be_built_is_refused_with_its_path(storage, path):
    assert why(storage=storage).startswith(path)


CPU = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "lots"}},
}
CLAIMED = {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "5GB"}}}}}
DIVISOR = {
    "name": "CPUS",
    "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "half"}},
}


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"resources": {"requests": {"cpu": "lots"}}}, "spec.resources.requests[cpu]: 'lots'"),
        ({"resources": {"limits": {"memory": "8GB"}}}, "spec.resources.limits[memory]: '8GB'"),
        (
            {"scale": {"enabled": True, "hpa": {"maxReplicas": 2, "metrics": [CPU]}}},
            "spec.scale.hpa.metrics[0].resource.target.averageValue: 'lots'",
        ),
        (
            {
                "scale": {
                    "enabled": True,
                    "hpa": {"maxReplicas": 2, "behavior": {"scaleUp": {"tolerance": "x"}}},
                }
            },
            "spec.scale.hpa.behavior.scaleUp.tolerance: 'x'",
        ),
        (
            {"volumes": [{"name": "v", "ephemeral": CLAIMED}]},
            "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: '5GB'",
        ),
        ({"env": [DIVISOR]}, "spec.env[0].valueFrom.resourceFieldRef.divisor: 'half'"),
        (
            {"initContainers": [{"name": "i", "image": IMAGE, "env": [DIVISOR]}]},
            "spec.initContainers[0].env[0].valueFrom",
        ),
        (
            {"sidecarContainers": [{"name": "s", "image": IMAGE, "env": [DIVISOR]}]},
            "spec.sidecarContainers[0].env[0].valueFrom",
        ),
    ],
)
def test_an_amount_that_is_none_is_refused_wherever_it_stands(spec, path):
    """The schema's pattern for amounts takes ``1e1.5``, which is none."""
    assert why(**spec).startswith(path)
    assert why(**spec).endswith("; correct it")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"image": None}, "spec.image: is required (Image of the model server and how to pull it)"),
        (
            {"image": {"repository": "x", "tag": 1.8}},
            'spec.image.tag: must be text, is the number 1.8; put it in quotes, "1.8"',
        ),
        ({"replicas": "2"}, 'spec.replicas: must be a whole number, is "2"; remove the quotes'),
        ({"replicas": -1}, "spec.replicas: must be 0 or more, is -1"),
        (
            {"tolerations": [{}, "x"]},
            'spec.tolerations[1]: must be an object, is "x"; write {key: x}',
        ),
        (
            {"labels": {"a": True}},
            'spec.labels[a]: must be text, is true; put it in quotes, "true"',
        ),
        ({"expose": {"service": {"port": 0}}}, "spec.expose.service.port: must be 1 or more, is 0"),
        (
            {"expose": {"service": {"grpcPort": 70000}}},
            "spec.expose.service.grpcPort: must be 65535 or less, is 70000",
        ),
    ],
)
def test_a_wrong_type_is_refused_with_the_path_that_the_user_wrote(spec, message):
    assert why(**spec) == message


def test_null_counts_as_absent():
    assert why(image={**IMAGE, "pullPolicy": None}, replicas=None, authSecret=None) is None


PORT = {"expose": {"service": {"port": 8000, "grpcPort": 8000}}}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (PORT, "spec.expose.service.grpcPort: 8000 is already the number of"),
        (
            {"expose": {"service": {"metricsPort": 8000}}},
            "spec.expose.service.metricsPort: 8000 is already the number of",
        ),
        (
            {"initContainers": [{"name": "a", "image": IMAGE}] * 2},
            "spec.initContainers[1].name: a is the name of another container",
        ),
        (
            {"sidecarContainers": [{"name": "llama-ctr", "image": IMAGE}]},
            "spec.sidecarContainers[0].name: llama-ctr is the name of another",
        ),
        (
            {
                "initContainers": [{"name": "a", "image": IMAGE}],
                "sidecarContainers": [{"name": "a", "image": IMAGE}],
            },
            "spec.sidecarContainers[0].name: a is the name of another container",
        ),
        (
            {
                "proxy": {"certConfigMap": "ca"},
                "initContainers": [{"name": "update-ca-certificates", "image": IMAGE}],
            },
            "spec.initContainers[0].name: update-ca-certificates is the name of another container",
        ),
        (
            {"labels": {"controller-uid": "x"}},
            "spec.labels[controller-uid]: is reserved",
        ),
        (
            {"expose": {"service": {"labels": {"controller-uid": "x"}}}},
            "spec.expose.service.labels[controller-uid]: is reserved",
        ),
        (
            {
                "metrics": {
                    "enabled": True,
                    "serviceMonitor": {"additionalLabels": {"controller-uid": "x"}},
                }
            },
            "spec.metrics.serviceMonitor.additionalLabels[controller-uid]: is reserved",
        ),
    ],
)
def test_what_would_collide_is_refused(spec, words):
    """A merge key that occurs twice is refused by the API server at every sync, a foreign
    ``controller-uid`` by Metacontroller."""
    assert why(**spec).startswith(words)


def test_an_autoscaler_that_is_told_nothing_is_refused():
    """Without its bounds there would be none, and the one that runs would go."""
    assert why(scale={"enabled": True}).startswith("spec.scale.hpa: is required")
    assert why(scale={"enabled": False}) is None


def test_variables_that_containers_multiply_beyond_what_a_pod_can_hold_are_refused():
    env = [{"name": f"VARIABLE_{number}", "value": "x" * 50} for number in range(1000)]
    sidecars = [{"name": f"side-{number}", "image": IMAGE} for number in range(30)]
    assert why(env=env, sidecarContainers=sidecars[:1]) is None
    assert why(env=env * 40) is None  # nothing repeats these
    assert "spec.env: 1000 variables in each of 31 containers make a pod of " in why(
        env=env, sidecarContainers=sidecars
    )
    assert "spec.initContainers: must have 64 entries or less, has 5000" in why(
        initContainers=[{"name": f"c{number}", "image": IMAGE} for number in range(5000)]
    )


def test_a_name_that_does_not_fit_the_labels_of_kserve_is_refused():
    def named(length, **spec):
        nim = situation.nimservice(inferencePlatform="kserve", **spec)
        return validation.of(
            NIMService.parse({**nim, "metadata": {**nim["metadata"], "name": "a" * length}})
        )

    assert named(48) is None
    assert "metadata.name: has 49 characters" in named(49).text
    assert named(49, annotations={"serving.kserve.io/deploymentMode": "Knative"}) is None


@pytest.mark.parametrize("value", ["yes", "True", ""])
def test_whether_pods_get_a_token_is_true_or_false(value):
    asked = {"apps.nvidia.com/service-account-token": value}
    assert "spec.annotations[apps.nvidia.com/service-account-token]" in why(annotations=asked)
    assert why(annotations={**asked, "apps.nvidia.com/service-account-token": "true"}) is None


@pytest.mark.parametrize(
    ("field", "number"), [("userID", -1), ("groupID", -1), ("userID", 2**31), ("groupID", 2**31)]
)
def test_users_and_groups_that_no_pod_may_have_are_refused(field, number):
    assert why(**{field: number}) == f"spec.{field}: must be from 0 to 2147483647, is {number}"
    assert why(**{field: 0}) is None
    assert why(**{field: 2**31 - 1}) is None
