"""Shape: what the hooks read of Kubernetes' types is checked as a spec is parsed; everything else
passes unread."""

from typing import get_args, get_origin, get_type_hints

import pytest
from pydantic import ValidationError

from hooks.kernel import resource
from hooks.kernel.api import kubernetes, shape
from hooks.kernel.api.kubernetes import Definition
from hooks.kernel.api.shape import ReadAs
from hooks.kernel.crd import definitions
from hooks.nimservice import children
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.multinode import sshkey
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored

MEMORY = {"name": "memory", "target": {"type": "AverageValue", "averageValue": "10Gi"}}
PROBE = {"httpGet": {"path": "/", "port": "api"}, "periodSeconds": 5, "failureThreshold": 3}
FIELD = {"fieldRef": {"fieldPath": "metadata.name"}}
LIMIT = {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}
CONTAINER = {
    "name": "beside",
    "image": {"repository": "busybox", "tag": "1"},
    "env": [{"name": "C", "valueFrom": LIMIT}],
}
PICKER = {
    "containerSpec": {**CONTAINER, "name": "epp"},
    "ports": [{"containerPort": 9002, "name": "grpc", "protocol": "TCP"}],
    "readinessProbe": {"grpc": {"port": 9003, "service": "x"}},
    "startupProbe": {"tcpSocket": {"port": 9002}},
    "config": {"plugins": [{"type": "t"}], "schedulingProfiles": [{"name": "p", "plugins": []}]},
}
FULL = {
    "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": FIELD}],
    "resources": {"requests": {"cpu": 1}, "limits": {"memory": "1Gi"}},
    "tolerations": [{"key": "gpu", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []},
    "livenessProbe": {"probe": {"grpc": {"port": 9000}, "initialDelaySeconds": 0}},
    "startupProbe": {"probe": PROBE},
    "sidecarContainers": [CONTAINER],
    "expose": {
        "service": {"port": 8000, "grpcPort": 9000},
        "router": {
            "gateway": {"name": "g", "namespace": "g", "grpcRoutesEnabled": True},
            "eppConfig": PICKER,
        },
        "ingress": {"enabled": True, "spec": {"rules": [{"host": "a"}]}},
    },
    "scale": {
        "enabled": True,
        "hpa": {
            "maxReplicas": 3,
            "metrics": [{"type": "Resource", "resource": MEMORY}],
            "behavior": {"scaleUp": {"tolerance": "100m"}, "scaleDown": {"policies": []}},
        },
    },
}
KSERVE = {
    "inferencePlatform": "kserve",
    **{key: value for key, value in FULL.items() if key != "expose"},
}
GROUPS = {
    "multiNode": {"parallelism": {"pipeline": 2}, "computeDomain": {"create": True}},
    "draResources": [{"claimCreationSpec": {"devices": [{"name": "d"}]}}],
    **{key: value for key, value in FULL.items() if key != "scale"},
}
KNATIVE = {**KSERVE, "annotations": {"serving.kserve.io/deploymentMode": "Knative"}}
SPECS = {"standalone": FULL, "groups": GROUPS, "kserve": KSERVE, "knative": KNATIVE}

ODD = (7, 0.5, True, "x", "", [], {}, [7], [[]], [{}], {"a": 1}, {"": []}, [None], {"port": []})
"""Values of every shape."""


def sync(nim, observed=()):
    request = stored.request(nim, observed)
    return resource.sync(NIM_SERVICE, request, Settings(), stored.NOW).body


def places(value, path=()):
    """Yield the path of each part of a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inner:
        yield (*path, key)
        if isinstance(part, dict | list):
            yield from places(part, (*path, key))


def spoilt(spec, path, odd):
    """Return a copy of a spec with another value at a path."""
    key, *rest = path
    changed = dict(spec) if isinstance(spec, dict) else list(spec)
    changed[key] = spoilt(spec[key], rest, odd) if rest else odd
    return changed


@pytest.mark.parametrize("what", SPECS)
def test_a_whole_spec_is_built(what):
    answer = sync(situation.nimservice(**SPECS[what]))
    assert len(answer["children"]) > 1
    assert answer["status"]["conditions"][0]["reason"] == "Creating"


@pytest.mark.parametrize("what", SPECS)
def test_an_odd_part_of_a_spec_is_built_or_refused_and_never_a_failure(monkeypatch, what):
    """An exception is a bug of ours, and no spec makes one."""
    monkeypatch.setattr(sshkey, "_private_key", lambda: "a2V5")  # making a key takes its time
    observed = [situation.applied(each) for each in children.plan(situation.context()).children]
    refused = 0
    for path in places(SPECS[what]):
        for odd in ODD:
            nim = situation.nimservice(**spoilt(SPECS[what], path, odd))
            answer = sync(nim, observed)
            if answer["status"]["conditions"][0]["reason"] == "InvalidSpec":
                assert len(answer["children"]) == len(observed), (path, odd)
                refused += 1
    assert refused > 100


def test_what_is_not_read_stays_as_it_is():
    given = {"name": "A", "value": "1", "other": [{"x": {}}]}
    parsed = NIMService.parse(situation.nimservice(env=[given]))
    assert parsed.spec.env == [given]
    assert list(parsed.spec.env[0]) == list(given)


def test_null_is_absent():
    parsed = NIMService.parse(situation.nimservice(env=[{"name": "A", "valueFrom": None}]))
    assert parsed.spec.env == [{"name": "A"}]


@pytest.mark.parametrize("odd", [{"value": "x"}, {"name": 1}, {"name": "A", "value": 1}, 7])
def test_what_is_read_is_checked(odd):
    with pytest.raises(ValidationError):
        NIMService.parse(situation.nimservice(env=[odd]))


def test_a_shape_asks_for_no_more_than_the_schema():
    """What the API server takes, the hooks take."""
    for alias in vars(kubernetes).values():
        marks = getattr(alias, "__metadata__", ())
        shapes = [mark.shape for mark in marks if isinstance(mark, ReadAs)]
        names = [mark.name for mark in marks if isinstance(mark, Definition)]
        for read, name in zip(shapes, names, strict=False):
            assert_within(read, definitions.expand(name), name)


def assert_within(read, schema, path):
    assert read.__required_keys__ <= set(schema.get("required", ())), path
    for key, hint in get_type_hints(read).items():
        part = schema["properties"][key]
        if hasattr(hint, "__required_keys__"):
            assert_within(hint, part, f"{path}.{key}")
        elif get_origin(hint) is list:
            assert part["type"] == "array", f"{path}.{key}"
            (item,) = get_args(hint)
            if hasattr(item, "__required_keys__"):
                assert_within(item, part["items"], f"{path}.{key}[]")
        elif hint == shape.Amount:
            assert part["x-kubernetes-int-or-string"], f"{path}.{key}"
        else:
            types = {int: "integer", str: "string", bool: "boolean"}
            assert part["type"] == types.get(hint, "object"), f"{path}.{key}"
