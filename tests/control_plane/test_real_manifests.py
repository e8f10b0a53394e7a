"""Manifests as people have them, on a real API server: names that several NIMServices share, what
scales a model from outside, and what rewrites a Deployment on its way in."""

import json

import pytest

from hooks.kernel.observed import condition
from hooks.nimservice import kinds
from tests.control_plane.cluster import readable
from tests.control_plane.situations import nimservice
from tests.control_plane.stage import writes_at_rest

ENV = [{"name": "A", "value": "1"}]


def test_every_nimservice_of_a_chart_that_gives_one_name_to_all_has_its_own_service(world):
    for name in ("a", "b"):
        world.apply(
            nimservice(world.namespace, name, expose={"service": {"name": "http", "port": 8000}})
        )
    world.stage.resync()
    for name in ("a", "b"):
        service = world.get(kinds.SERVICE, name)
        assert service["metadata"]["ownerReferences"][0]["name"] == name
        assert service["spec"]["selector"] == {"app": name}
    assert world.get(kinds.SERVICE, "http")["metadata"]["ownerReferences"][0]["name"] == "a"
    degraded = condition(world.get(kinds.NIM_SERVICE, "b"), "Degraded")
    assert degraded["reason"] == "ChildNotObserved"
    assert degraded["message"].startswith(
        "Service http already exists and belongs to NIMService a. "
    )


@pytest.mark.usefixtures("controller_manager")
def test_what_scales_the_deployment_from_outside_keeps_its_zero(world):
    world.apply(nimservice(world.namespace, replicas=None))
    world.ready_pods()
    kubectl = world.cluster.plane.kubectl
    kubectl("scale", "deployment/llama", "--replicas=0", "-n", world.namespace)
    world.stage.settle()
    world.stage.resync()
    assert world.get(kinds.DEPLOYMENT)["spec"]["replicas"] == 0
    world.is_said("ScaledToZero")
    kubectl("scale", "deployment/llama", "--replicas=2", "-n", world.namespace)
    world.stage.settle()
    world.stage.resync()
    assert world.get(kinds.DEPLOYMENT)["spec"]["replicas"] == 2


EXTENSIONS = {
    "terminationGracePeriodSeconds": 600,
    "lifecycle": {"preStop": {"httpGet": {"path": "/drain", "port": 8000}}},
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
    ],
    "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"}},
    "podDisruptionBudget": {"minAvailable": 1},
    "securityContext": {"capabilities": {"add": ["IPC_LOCK"]}, "privileged": False},
    "podSecurityContext": {"supplementalGroups": [44]},
    "volumes": [
        {"name": "adapters", "persistentVolumeClaim": {"claimName": "a", "readOnly": False}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "1024Mi"}},
        {"name": "facts", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
    ],
    "volumeMounts": [{"name": "adapters", "mountPath": "/adapters", "readOnly": False}],
    "initContainers": [
        {
            "name": "mesh",
            "image": {"repository": "mesh", "tag": "1"},
            "restartPolicy": "Always",
            "ports": [{"containerPort": 15090}],
            "startupProbe": {"httpGet": {"path": "/up", "port": 15090}},
        }
    ],
    "sidecarContainers": [
        {
            "name": "logs",
            "image": {"repository": "logs", "tag": "1"},
            "resources": {"limits": {"memory": "1024Mi"}},
            "volumeMounts": [{"name": "tmp", "mountPath": "/logs", "subPath": ""}],
            "securityContext": {"runAsUser": 7},
        }
    ],
}


def test_the_extensions_are_stored_as_they_are_answered(world):
    world.apply(nimservice(world.namespace, **EXTENSIONS))
    assert world.get(kinds.POD_DISRUPTION_BUDGET)["spec"]["minAvailable"] == 1
    spec = world.get(kinds.DEPLOYMENT)["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": "25%"}
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] == 600
    written = writes_at_rest(world.stage)
    assert not written, readable(written)
    world.edit(lambda nim: nim["spec"].update(strategy={"type": "Recreate"}))
    assert world.get(kinds.DEPLOYMENT)["spec"]["strategy"] == {"type": "Recreate"}


@pytest.mark.usefixtures("controller_manager")
def test_an_ingress_that_loses_its_backend_is_told_and_the_model_serves_on(world):
    world.apply(nimservice(world.namespace, expose=ingress({"name": "llama"})))
    world.ready_pods()
    world.edit(lambda nim: nim["spec"].update(expose=ingress(None)))
    world.stage.until(
        lambda: condition(world.nim(), "Degraded").get("reason") == "ChangeNotApplied",
        "the refused edit is told",
        seconds=90,
    )
    told = condition(world.nim(), "Degraded")["message"]
    assert "refuses the latest edit of Ingress llama" in told
    world.is_said("Ready")
    world.edit(lambda nim: nim["spec"].update(expose=ingress({"name": "other"})))
    world.stage.resync()
    degraded = condition(world.nim(), "Degraded")
    assert degraded.get("reason") != "ChangeNotApplied"
    world.is_said("Ready")


def ingress(service):
    backend = {"service": {**service, "port": {"number": 8000}}} if service else {}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    rules = [{"host": "llama.example.com", "http": {"paths": paths}}]
    return {"service": {"port": 8000}, "ingress": {"enabled": True, "spec": {"rules": rules}}}


def mirrored(namespace):
    """Return a policy that takes the images of a namespace's Deployments from a mirror."""
    image = "/spec/template/spec/containers/0/image"
    patch = f'[JSONPatch{{op: "replace", path: "{image}", value: "mirror.example.com/nim:1"}}]'
    rule = {
        "apiGroups": ["apps"],
        "apiVersions": ["v1"],
        "resources": ["deployments"],
        "operations": ["CREATE", "UPDATE"],
    }
    name = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    spec = {
        "matchConstraints": {"namespaceSelector": name, "resourceRules": [rule]},
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": patch}}],
        "reinvocationPolicy": "Never",
        "failurePolicy": "Fail",
    }
    group, meta = "admissionregistration.k8s.io/v1", {"name": f"mirror-{namespace}"}
    policy = {"apiVersion": group, "kind": "MutatingAdmissionPolicy", "metadata": meta}
    binding = {"apiVersion": group, "kind": "MutatingAdmissionPolicyBinding", "metadata": meta}
    return {**policy, "spec": spec}, {**binding, "spec": {"policyName": meta["name"]}}


@pytest.fixture
def mirror(world, tmp_path):
    path = tmp_path / "mirror.json"
    path.write_text("\n".join(map(json.dumps, mirrored(world.namespace))))
    world.cluster.plane.kubectl("apply", "-f", str(path))
    yield
    world.cluster.plane.kubectl("delete", "-f", str(path))


@pytest.mark.usefixtures("controller_manager", "mirror")
def test_what_rewrites_a_deployment_makes_no_edit_beside_it_a_refused_one(world):
    def is_mirrored():
        told = {"name": "TRY", "value": str(len(tries))}
        world.edit(lambda nim: nim["spec"].update(env=[*ENV, told]))
        tries.append(1)
        (container,) = world.template()["spec"]["containers"]
        return container["image"].startswith("mirror")

    tries = []
    world.apply(nimservice(world.namespace))
    world.edit(lambda nim: nim["spec"].update(env=ENV))
    world.stage.until(is_mirrored, "the policy is in force", seconds=60)
    world.ready_pods()
    world.edit(lambda nim: nim["spec"].update(expose={"service": {"type": "NodePort"}}))
    world.ready_pods()
    world.stage.resync()
    world.is_said("Ready")
