"""Pod check: the rules of containers; compared with kube-apiserver 1.36."""

import pytest

from hooks.cluster.api import Invalid, Object
from tests.simulator.apiserver.objects import container


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"readinessProbe": {"periodSeconds": 1}}, "must specify a handler type"),
        ({"livenessProbe": {"httpGet": {"port": 1}, "successThreshold": 2}}, "must be 1"),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}]},
            "secretKeyRef: Required value",
        ),
        ({"resources": {"requests": {"nvidia.com/gpu": 1}}}, "Limit must be set"),
        ({"resources": {"claims": [{"name": "c"}]}}, "Not found"),
        (
            {"volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/a"}]},
            "Duplicate value",
        ),
        (
            {"ports": [{"containerPort": 1, "name": "a"}, {"containerPort": 2, "name": "a"}]},
            "Duplicate value",
        ),
    ],
)
def test_a_container_has_its_rules(change: Object, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        container(**change)
