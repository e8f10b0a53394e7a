"""A NIMService from its making to its end: ready, scaled, edited, deleted."""

import pytest

from hooks.cluster.api import Resource, controller_of
from hooks.nimservice import kinds
from tests.control_plane.cluster import POD, readable
from tests.control_plane.situations import CLAIM, GATEWAY, HPA, full, nimservice
from tests.control_plane.stage import writes_at_rest

REPLICA_SET = Resource("apps/v1", "ReplicaSet", "replicasets")

pytestmark = pytest.mark.usefixtures("controller_manager")


def test_it_becomes_ready_and_kubectl_shows_and_scales_it(world):
    world.apply(nimservice(world.namespace))
    assert world.nim()["status"]["state"] == "NotReady"
    world.ready_pods()
    world.is_said("Ready")
    status = world.nim()["status"]
    assert (status["replicas"], status["availableReplicas"], status["selector"]) == (
        1,
        1,
        "app=llama",
    )

    world.cluster.plane.kubectl("scale", "nims/llama", "--replicas=3", "-n", world.namespace)
    world.stage.settle()
    assert world.get(kinds.DEPLOYMENT)["spec"]["replicas"] == 3
    world.ready_pods(3)
    world.stage.until(
        lambda: world.nim()["status"]["availableReplicas"] == 3, "three are available"
    )
    shown = world.cluster.plane.kubectl("get", "nims", "-n", world.namespace).splitlines()
    assert shown[0].split() == [
        "NAME",
        "STATUS",
        "READY",
        "REASON",
        "REPLICAS",
        "AVAILABLE",
        "ENDPOINT",
        "AGE",
    ]
    assert shown[1].split()[:6] == ["llama", "Ready", "True", "Ready", "3", "3"]
    scale = world.cluster.plane.kubectl(
        "get",
        "--raw",
        f"/apis/apps.nvidia.com/v1alpha1/namespaces/{world.namespace}/nimservices/llama/scale",
    )
    assert '"selector":"app=llama"' in scale

    world.cluster.plane.kubectl("scale", "nims/llama", "--replicas=0", "-n", world.namespace)
    world.stage.settle()
    world.is_said("ScaledToZero")
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


EDITS = {
    "replicas": lambda spec: spec.update(replicas=2),
    "an annotation of the Service": lambda spec: spec.update(
        expose={"service": {"port": 8000, "annotations": {"team": "a"}}}
    ),
    "the Service's type": lambda spec: spec.update(
        expose={"service": {"port": 8000, "type": "NodePort"}}
    ),
    "the Service's name": lambda spec: spec.update(
        expose={"service": {"port": 8000, "name": "front"}}
    ),
    "an Ingress": lambda spec: spec.update(
        expose={"router": {"hostDomainName": "a.example.com", "ingress": {"ingressClass": "nginx"}}}
    ),
    "its class and host": lambda spec: spec.update(
        expose={
            "router": {"hostDomainName": "b.example.com", "ingress": {"ingressClass": "haproxy"}}
        }
    ),
    "no router": lambda spec: spec.pop("expose"),
    "an autoscaler": lambda spec: spec.update(replicas=None, scale=HPA),
    "its limits": lambda spec: spec["scale"]["hpa"].update(maxReplicas=6),
    "no autoscaler": lambda spec: spec.update(replicas=1, scale={"enabled": False}),
}
OF_OPTIONAL_APIS = {
    "a Gateway's route": (
        kinds.HTTP_ROUTE,
        lambda spec: spec.update(
            expose={"router": {"gateway": GATEWAY | {"httpRoutesEnabled": True}}}
        ),
    ),
    "no route": (kinds.HTTP_ROUTE, lambda spec: spec.pop("expose")),
    "metrics": (
        kinds.SERVICE_MONITOR,
        lambda spec: spec.update(metrics={"enabled": True, "serviceMonitor": {"interval": "15s"}}),
    ),
    "another interval": (
        kinds.SERVICE_MONITOR,
        lambda spec: spec["metrics"].update(serviceMonitor={"interval": "30s"}),
    ),
    "no metrics": (kinds.SERVICE_MONITOR, lambda spec: spec.pop("metrics")),
}


def test_edits_around_the_pods_leave_them_alone_and_an_edit_of_the_image_does_not(world):
    world.apply(nimservice(world.namespace))
    before = world.template()
    optional = {
        what: change
        for what, (kind, change) in OF_OPTIONAL_APIS.items()
        if world.cluster.served(kind)
    }
    for what, change in (EDITS | optional).items():
        world.edit(lambda nim, change=change: change(nim["spec"]))
        assert world.template() == before, what
    assert len(world.cluster.list(REPLICA_SET, world.namespace)) == 1

    world.edit(lambda nim: nim["spec"]["image"].update(tag="1.13.0"))
    assert world.template() != before
    assert len(world.cluster.list(REPLICA_SET, world.namespace)) == 2
    left = {
        (child["kind"], child["metadata"]["name"]) for child in world.cluster.children(world.nim())
    }
    assert left == {("ServiceAccount", "llama"), ("Service", "llama"), ("Deployment", "llama")}


def test_the_replicas_of_an_autoscaled_workload_belong_to_its_autoscaler(world):
    world.apply(full(world.namespace))
    assert world.get(kinds.DEPLOYMENT)["spec"]["replicas"] == 1
    world.cluster.plane.kubectl("scale", "deployment/llama", "--replicas=3", "-n", world.namespace)
    world.stage.resync(2)
    assert world.get(kinds.DEPLOYMENT)["spec"]["replicas"] == 3

    world.edit(lambda nim: nim["spec"].pop("scale"))
    assert world.get(kinds.HORIZONTAL_POD_AUTOSCALER) is None
    assert world.get(kinds.DEPLOYMENT)["spec"]["replicas"] == 3, (
        "nothing jumps when the autoscaler goes"
    )
    world.edit(lambda nim: nim["spec"].update(replicas=2))
    assert world.get(kinds.DEPLOYMENT)["spec"]["replicas"] == 2
    world.edit(lambda nim: nim["spec"].update(replicas=None, scale=HPA))
    assert world.get(kinds.DEPLOYMENT)["spec"]["replicas"] == 2, "nor when one comes"
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


def test_deletion_drains_in_order_and_leaves_nothing(world):
    gone = []
    world.apply(full(world.namespace))
    world.ready_pods()
    watched = (
        kinds.INGRESS,
        kinds.HORIZONTAL_POD_AUTOSCALER,
        kinds.DEPLOYMENT,
        kinds.SERVICE,
        kinds.NIM_SERVICE,
    )
    world.cluster.delete(kinds.NIM_SERVICE, world.namespace, "llama")

    def look():
        gone.extend(
            kind.kind for kind in watched if kind.kind not in gone and world.get(kind) is None
        )
        return "NIMService" in gone

    world.stage.until(look, "the NIMService is gone")
    assert gone.index("Deployment") > max(
        gone.index("Ingress"), gone.index("HorizontalPodAutoscaler")
    )
    assert gone.index("Service") >= gone.index("Deployment")
    world.cluster.until(
        lambda: (
            not [
                obj
                for kind in (*kinds.MANAGED, POD)
                if world.cluster.served(kind)
                for obj in world.cluster.list(kind, world.namespace)
                if (obj["metadata"].get("labels") or {}).get("app.kubernetes.io/name") == "llama"
                or controller_of(obj)
            ]
        ),
        "everything that it owned is collected",
    )


def test_a_claim_is_made_once_and_then_its_owner_may_change_it(world):
    world.apply(nimservice(world.namespace, storage=CLAIM))
    (claim,) = world.cluster.list(kinds.PERSISTENT_VOLUME_CLAIM, world.namespace)
    name = claim["metadata"]["name"]
    world.cluster.edit(
        kinds.PERSISTENT_VOLUME_CLAIM,
        world.namespace,
        name,
        lambda obj: obj["metadata"]["labels"].update(mine="yes"),
    )
    world.edit(lambda nim: nim["spec"].update(labels={"team": "a"}))
    world.stage.restart()
    world.stage.resync(2)
    after = world.get(kinds.PERSISTENT_VOLUME_CLAIM, name)
    assert after["metadata"]["uid"] == claim["metadata"]["uid"]
    assert after["metadata"]["labels"]["mine"] == "yes"
    assert "team" not in after["metadata"]["labels"]
