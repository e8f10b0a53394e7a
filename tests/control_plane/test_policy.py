"""What a cluster forbids: foreign objects in the way, quotas, and namespaces that enforce the Pod
Security Standard ``restricted``."""

from datetime import UTC, datetime

import pytest

from hooks.kernel.observed import condition
from hooks.nimservice import kinds
from hooks.preview import render
from hooks.resources import Settings
from tests.control_plane import situations
from tests.control_plane.cluster import NAMESPACE, POD, USER
from tests.control_plane.situations import full, nimservice

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


def service(namespace, **meta):
    spec = {"selector": {"app": "theirs"}, "ports": [{"name": "web", "port": 80}]}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "llama", "namespace": namespace, **meta},
        "spec": spec,
    }


def test_an_object_of_somebody_else_is_left_alone(world):
    theirs = world.cluster.create(service(world.namespace, labels={"app": "theirs"}), manager=USER)
    world.apply(nimservice(world.namespace))
    now = world.get(kinds.SERVICE)
    assert now["metadata"]["resourceVersion"] == theirs["metadata"]["resourceVersion"]
    world.stage.resync()
    assert "Service llama" in said(world), said(world)
    world.cluster.delete(kinds.NIM_SERVICE, world.namespace, "llama")
    world.stage.until(lambda: world.nim() is None, "the NIMService is gone")
    assert world.get(kinds.SERVICE)["metadata"]["uid"] == theirs["metadata"]["uid"]


def test_an_object_that_another_controller_owns_is_left_alone(world):
    owner = world.cluster.create(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "owner", "namespace": world.namespace},
        },
        manager=USER,
    )
    reference = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "owner",
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }
    theirs = world.cluster.create(
        service(world.namespace, ownerReferences=[reference]), manager=USER
    )
    world.apply(nimservice(world.namespace))
    assert (
        world.get(kinds.SERVICE)["metadata"]["resourceVersion"]
        == theirs["metadata"]["resourceVersion"]
    )
    assert world.get(kinds.DEPLOYMENT), "the rest is made all the same"
    world.stage.resync()
    assert "Service llama" in said(world), said(world)


def test_what_another_nimservice_has_is_left_to_it(world):
    """Metacontroller writes the children of both in one name, so that under server-side apply the
    second would take them."""
    storage = {"pvc": {"create": True, "size": "1Gi", "name": "models"}}
    world.apply(nimservice(world.namespace, storage=storage))
    world.apply(
        nimservice(world.namespace, "other", storage=storage, expose={"service": {"name": "llama"}})
    )
    world.stage.resync()
    for kind, name in ((kinds.PERSISTENT_VOLUME_CLAIM, "models"), (kinds.SERVICE, "llama")):
        assert [each["name"] for each in world.get(kind, name)["metadata"]["ownerReferences"]] == [
            "llama"
        ]
        assert f"{kind.kind} {name}" in said(world, "other")
        assert "belongs to NIMService llama" in said(world, "other"), said(world, "other")


def said(world, name="llama"):
    return "; ".join(
        each["message"] for each in world.get(kinds.NIM_SERVICE, name)["status"]["conditions"]
    )


@pytest.mark.usefixtures("controller_manager")
def test_a_quota_in_the_way_of_pods_is_named(world):
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "few", "namespace": world.namespace},
        "spec": {"hard": {"pods": "0"}},
    }
    world.cluster.create(quota, manager=USER)
    world.cluster.until(
        lambda: (
            world.cluster.get(kind_of(quota), world.namespace, "few").get("status", {}).get("hard")
        ),
        "the quota is counted",
    )
    world.apply(nimservice(world.namespace))
    ready = world.stage.until(
        lambda: (
            "few" in condition(world.nim(), "Ready")["message"] and condition(world.nim(), "Ready")
        ),
        "the quota is named",
    )
    assert ready["reason"] == "QuotaExceeded"


def kind_of(obj):
    return kinds.Kind(obj["apiVersion"], obj["kind"], "")


@pytest.mark.usefixtures("controller_manager")
def test_a_restricted_namespace_admits_our_pods(world):
    restrict(world.cluster, world.namespace)
    world.apply(full(world.namespace, nodeSelector={"gpu": "yes"}))
    world.cluster.until(lambda: world.cluster.list(POD, world.namespace), "a pod is admitted")


def test_the_namespaces_of_the_installation_admit_what_is_installed_in_them_and_its_pods(
    cluster, account
):
    """Their Namespaces, which enforce ``restricted``, are there already, as are the accounts."""
    installed = [
        obj
        for obj in account.installed
        if obj["kind"] not in ("ServiceAccount", "ConfigMap") and "namespace" in obj["metadata"]
    ]
    workloads = [obj for obj in installed if obj["kind"] in ("Deployment", "StatefulSet")]
    assert {obj["metadata"]["namespace"] for obj in workloads} == {
        "nimservice-hooks",
        "metacontroller",
    }
    for namespace in {obj["metadata"]["namespace"] for obj in workloads}:
        assert (
            cluster.get(NAMESPACE, "", namespace)["metadata"]["labels"].items()
            >= RESTRICTED.items()
        )
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "pod", "namespace": obj["metadata"]["namespace"]},
            "spec": obj["spec"]["template"]["spec"],
        }
        for obj in workloads
    ]
    assert {
        obj["kind"]: problem for obj in [*installed, *pods] if (problem := cluster.refusal(obj))
    } == {}


def test_the_status_tells_exactly_which_pods_a_restricted_namespace_refuses(cluster, namespace):
    restrict(cluster, namespace)
    told, refused = {}, {}
    for situation in situations.every(namespace):
        answer = render.render(situation.nim, situation.others, Settings(), now=datetime.now(UTC))
        for child in answer["children"]:
            for template in templates(child):
                told.setdefault(
                    situation.name,
                    any(
                        each["type"] == "PodSecurityRestricted"
                        for each in answer["status"]["conditions"]
                    ),
                )
                spec = {
                    key: value
                    for key, value in template["spec"].items()
                    if key not in ("priorityClassName", "runtimeClassName")
                }
                pod = {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {"name": "pod", "namespace": namespace},
                    "spec": spec,
                }
                if problem := cluster.refusal(pod):
                    refused[situation.name] = problem
    assert len(told) > 50
    unexpected = {
        name: problem for name, problem in refused.items() if "violates PodSecurity" not in problem
    }
    assert unexpected == {}
    assert set(refused) == {name for name, exceptional in told.items() if exceptional}


def restrict(cluster, namespace):
    cluster.edit(NAMESPACE, "", namespace, lambda obj: obj["metadata"]["labels"].update(RESTRICTED))


def templates(child):
    """Return the pod templates in a workload."""
    spec = child.get("spec") or {}
    found = [spec.get("template")] if child["kind"] == "Deployment" else []
    group = spec.get("leaderWorkerTemplate") or {}
    return [
        each for each in (*found, group.get("leaderTemplate"), group.get("workerTemplate")) if each
    ]
