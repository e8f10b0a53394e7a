"""Bad values: whoever refuses them, the API server at once, the hooks, or the API server on a
child, the model runs on as it did."""

import pytest

from hooks.cluster.api import ApiError
from hooks.kernel.observed import condition
from hooks.nimservice import kinds
from tests.control_plane.cluster import readable
from tests.control_plane.situations import nimservice
from tests.control_plane.stage import writes_at_rest
from tests.nimservice.api import examples

IMAGE = {"repository": "nvcr.io/nim/nvidia/adapter", "tag": "1.0.0"}

OF_THE_HOOKS = {
    "a port twice": ({"expose": {"service": {"grpcPort": 8000}}}, "InvalidSpec"),
    "a label of Metacontroller's": ({"labels": {"controller-uid": "mine"}}, "InvalidSpec"),
    "a container twice": (
        {"sidecarContainers": [{"name": "adapter", "image": IMAGE}] * 2},
        "InvalidSpec",
    ),
    "a NIMCache that is not there": (
        {"storage": {"nimCache": {"name": "nowhere"}}},
        "NIMCacheNotFound",
    ),
}
"""Values that the hooks cannot use, and the reason that the status gives."""

OF_THE_WORKLOAD = {
    "a label that is none": {"labels": {"team": "a b"}},
    "a node that no label can have": {"nodeSelector": {"gpu": "a b"}},
    "more than the limit": {"resources": {"requests": {"cpu": 2}, "limits": {"cpu": 1}}},
    "a toleration of nothing": {"tolerations": [{"operator": "Equal", "value": "gpu"}]},
    "half a GPU": {"resources": {"limits": {"nvidia.com/gpu": "0.5"}}},
    "a variable without name": {"env": [{"name": "", "value": "1"}]},
}
"""Values that the API server refuses on the workload."""

OF_A_CHILD = {
    "an Ingress that leads nowhere": {
        "expose": {"ingress": {"enabled": True, "spec": {"ingressClassName": "nginx"}}}
    },
    "an Ingress of a class with capitals": {
        "expose": {"router": {"ingress": {"ingressClass": "Nginx"}}}
    },
    "a metric without source": {
        "replicas": None,
        "scale": {"enabled": True, "hpa": {"maxReplicas": 2, "metrics": [{"type": "Resource"}]}},
    },
}
"""Values that the API server refuses on another child, which is not made."""

ONLY_STRICTLY = {"a field that is somewhere else", "a field that is misspelt"}
"""What the API server refuses of those who ask for strict validation, as kubectl does; of others it
drops the field."""

ADMITTED = {
    **{case: spec for case, (spec, _) in OF_THE_HOOKS.items()},
    **OF_THE_WORKLOAD,
    **OF_A_CHILD,
}

pytestmark = pytest.mark.usefixtures("controller_manager")


class Models:
    """A running model for each case, whose spec can be spoilt and mended."""

    def __init__(self, stage, cases):
        self.stage, self.cluster, self.names = (
            stage,
            stage.cluster,
            {case: f"bad-{number}" for number, case in enumerate(cases)},
        )
        for name in self.names.values():
            self.cluster.put(nimservice(stage.namespace, name))
        self.run()

    def run(self):
        def available():
            self.cluster.make_pods_ready(self.stage.namespace)
            deployments = self.cluster.list(kinds.DEPLOYMENT, self.stage.namespace)
            return {
                each["metadata"]["name"]
                for each in deployments
                if each["status"].get("availableReplicas") == 1
            } >= {*self.names.values()}

        self.stage.settle()
        self.stage.until(available, "every model runs", seconds=60)
        self.stage.settle()

    def edit(self, case, fields):
        """Give a case these fields besides the least that works."""
        spec = nimservice(self.stage.namespace, **fields)["spec"]
        self.cluster.edit(
            kinds.NIM_SERVICE,
            self.stage.namespace,
            self.names[case],
            lambda nim: nim.update(spec=spec),
        )

    def templates(self):
        """Return what the pods of each case are made from, and which there are."""
        pods = {
            pod["metadata"]["labels"]["app"]: pod["metadata"]["uid"]
            for pod in self.cluster.list(kinds.POD, self.stage.namespace)
        }
        return {
            case: (self.get(kinds.DEPLOYMENT, case)["spec"]["template"], pods[name])
            for case, name in self.names.items()
        }

    def get(self, kind, case):
        return self.cluster.get(kind, self.stage.namespace, self.names[case])

    def said(self, case, name="Ready"):
        return condition(self.get(kinds.NIM_SERVICE, case), name)


def test_what_the_hooks_refuse_or_the_api_server_on_a_child_leaves_the_model_as_it_runs(stage):
    models = Models(stage, ADMITTED)
    before = models.templates()
    for case, fields in ADMITTED.items():
        models.edit(case, fields)
    stage.settle()
    stage.until(
        lambda: all(models.said(case)["reason"] == "ChangeNotApplied" for case in OF_THE_WORKLOAD),
        "the status says so",
    )
    assert models.templates() == before
    for case, (_, reason) in OF_THE_HOOKS.items():
        assert reason in (
            models.said(case)["reason"],
            models.said(case, "Degraded").get("reason"),
        ), case
    for case in OF_A_CHILD:
        assert models.said(case)["reason"] == "Ready", case
        assert "the API server's answer" in models.said(case, "Degraded")["message"], case

    for case in ADMITTED:
        models.edit(case, {})
    stage.settle()
    stage.until(
        lambda: all(models.said(case)["reason"] == "Ready" for case in ADMITTED),
        "all is well again",
    )
    assert models.templates() == before
    written = writes_at_rest(stage, rounds=1)
    assert not written, readable(written)


def test_what_the_api_server_refuses_at_once_changes_nothing(stage):
    models = Models(stage, ["any"])
    before, version = (
        models.templates(),
        models.get(kinds.NIM_SERVICE, "any")["metadata"]["resourceVersion"],
    )
    for case, (fields, *_) in examples.REFUSED.items():
        if case not in ONLY_STRICTLY:
            with pytest.raises(ApiError, match=r"is invalid"):
                models.edit("any", fields)
    stage.settle()
    assert models.get(kinds.NIM_SERVICE, "any")["metadata"]["resourceVersion"] == version
    assert models.templates() == before
