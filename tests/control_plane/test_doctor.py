"""``nimservice doctor`` on a real API server: nothing is said of a sound installation, and each of
the faults that are planted is named."""

import copy
import json
import shlex
import shutil
import subprocess

import pytest
import yaml

from hooks.cli import main
from hooks.cluster.api import Resource
from hooks.preview import installation
from tests.control_plane import programs
from tests.control_plane.cluster import Cluster, manifests
from tests.control_plane.conftest import ROOT, THIRD_PARTY

FOLDER = ROOT / "metacontroller"
CRD = Resource(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)
BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "for-the-doctor"},
    "roleRef": {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "nimservice-metacontroller",
    },
    "subjects": [
        {
            "kind": "ServiceAccount",
            "name": "nimservice-metacontroller",
            "namespace": "metacontroller",
        }
    ],
}
NIM = """\
apiVersion: apps.nvidia.com/v1alpha1
kind: NIMService
metadata:
  name: llama
  namespace: models
spec:
  image: {repository: nvcr.io/nim/llama, tag: "1", pullSecrets: [pull]}
  authSecret: key
  runtimeClassName: nvidia
  storage: {pvc: {create: true, size: 5Gi, storageClass: fast}}
  resources: {limits: {nvidia.com/gpu: 2}}
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Return a cluster of its own with a sound installation: faults would disturb the others."""
    try:
        folder = programs.folder()
    except programs.Missing as missing:
        pytest.skip(str(missing))
    if not (THIRD_PARTY / "metacontroller.yaml").exists():
        pytest.skip("Metacontroller's definitions are not at hand")
    plane = programs.ControlPlane(tmp_path_factory.mktemp("doctor") / "home", folder)
    try:
        plane.start(controllers=False)
        with Cluster(plane) as cluster:
            crds = [*installation.crds(), *manifests(THIRD_PARTY / "metacontroller.yaml")]
            cluster.install(*[each for each in crds if each["kind"] == CRD.kind])
            for obj in (*installed(plane), BINDING, *surroundings()):
                cluster.put(obj)
            yield cluster
    finally:
        plane.stop()
        shutil.rmtree(plane.home / "etcd", ignore_errors=True)


def installed(plane):
    """Yield the objects of base and of the component metacontroller; pods count as available."""
    build = subprocess.run(
        [plane.programs / "kubectl", "kustomize", FOLDER / "base"],
        capture_output=True,
        text=True,
        check=True,
    )
    part = FOLDER / "components" / "metacontroller"
    for obj in (
        *manifests(part / "namespace.yaml"),
        *yaml.safe_load_all(build.stdout),
        *manifests(part / "serviceaccount.yaml"),
        *manifests(part / "statefulset.yaml"),
    ):
        if obj["kind"] == "Deployment":
            obj["status"] = {"availableReplicas": 1, "readyReplicas": 1, "replicas": 1}
        yield obj


def surroundings():
    """Yield what the manifest names."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "models"}}
    for name in ("key", "pull"):
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": "models"},
            "stringData": {"NGC_API_KEY": "hunter2"},
        }
    yield {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "fast"},
        "provisioner": "example.com/fast",
    }
    yield {
        "apiVersion": "node.k8s.io/v1",
        "kind": "RuntimeClass",
        "metadata": {"name": "nvidia"},
        "handler": "nvidia",
    }
    amounts = {"nvidia.com/gpu": "8", "cpu": "8", "memory": "64Gi", "pods": "110"}
    yield {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "node"},
        "status": {"capacity": amounts, "allocatable": amounts},
    }


@pytest.fixture
def doctor(cluster, written, tmp_path, capsys):
    """Return a function that examines the cluster for a manifest, and returns code and lines."""

    def run(text=NIM):
        path = tmp_path / "nim.yaml"
        path.write_text(text)
        written.clear()
        code = main(["doctor", "--kubeconfig", str(cluster.plane.kubeconfig), "-f", str(path)])
        assert written == []
        printed = capsys.readouterr()
        assert "hunter2" not in printed.out + printed.err
        assert printed.err == ""
        return code, printed.out.splitlines()

    return run


def test_of_a_sound_installation_nothing_is_said(doctor):
    assert doctor() == (0, [])


def test_a_namespace_without_secrets_lacks_each_that_a_manifest_names(cluster, doctor):
    """Of an empty list of names, the API server gives null."""
    cluster.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "empty"}})
    code, lines = doctor(NIM.replace("namespace: models", "namespace: empty"))
    assert code == 1
    for name in ("key", "pull"):
        words = f"Secret {name} does not exist in namespace empty; create it"
        assert [line for line in lines if words in line], lines


def test_what_kserve_copies_is_named_with_the_command_that_ends_it(cluster, doctor):
    """KServe's ConfigMap as it is installed, and the command of the line as a shell runs it."""
    if not (THIRD_PARTY / "inferenceservices.yaml").exists():
        pytest.skip("KServe's definitions are not at hand")
    cluster.install(*manifests(THIRD_PARTY / "inferenceservices.yaml"))
    cluster.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kserve"}})
    config = {"resource": {"cpuLimit": "1", "memoryLimit": "2Gi"}}
    meta = {"name": "inferenceservice-config", "namespace": "kserve"}
    data = {"deploy": "{}", "inferenceService": json.dumps(config, indent=2)}
    cluster.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data})
    text = f"{NIM}  inferencePlatform: kserve\n"
    code, lines = doctor(text)
    (line,) = [each for each in lines if "inferenceservice-config" in each]
    assert code == 1
    assert "does not list metacontroller.k8s.io/last-applied-configuration, so KServe" in line
    command = shlex.split(line.partition("; run ")[2])
    assert command[0] == "kubectl"
    access = ["--kubeconfig", cluster.plane.kubeconfig]
    subprocess.run(
        [cluster.plane.programs / "kubectl", *access, *command[1:]], check=True, capture_output=True
    )
    found = cluster.get(Resource("v1", "ConfigMap", "configmaps"), "kserve", meta["name"])["data"]
    listed = ["metacontroller.k8s.io/last-applied-configuration"]
    assert json.loads(found["inferenceService"]) == {
        **config,
        "serviceAnnotationDisallowedList": listed,
    }
    assert found["deploy"] == "{}"
    assert [each for each in doctor(text)[1] if "inferenceservice-config" in each] == []


def old(obj):
    container = obj["spec"]["template"]["spec"]["containers"][0]
    container["image"] = "ghcr.io/metacontroller/metacontroller:v4.14.1"
    container["args"] = ["--client-go-qps=5", "--target-label-selector=team=other"]


def skewed(obj):
    spec = obj["spec"]
    for hook in spec["hooks"].values():
        hook["webhook"]["path"] = hook["webhook"]["path"].replace("release=", "release=9.")
    spec["childResources"].append(
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "resource": "httproutes",
            "updateStrategy": {"method": "InPlace"},
        }
    )


POLICY_BINDING = Resource(
    "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicyBinding",
    "validatingadmissionpolicybindings",
    namespaced=False,
)
OPERATOR = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "k8s-nim-operator", "namespace": "models"},
    "spec": {
        "selector": {"matchLabels": {"app": "operator"}},
        "template": {
            "metadata": {"labels": {"app": "operator"}},
            "spec": {"containers": [{"name": "m", "image": "nvcr.io/nvidia/k8s-nim-operator:v3"}]},
        },
    },
}


def test_each_fault_is_named_with_its_remedy(cluster, doctor):
    stateful = Resource("apps/v1", "StatefulSet", "statefulsets")
    composite = Resource(
        "metacontroller.k8s.io/v1alpha1",
        "CompositeController",
        "compositecontrollers",
        namespaced=False,
    )
    cluster.edit(stateful, "metacontroller", "nimservice-metacontroller", old)
    cluster.edit(composite, "", "nimservice", skewed)
    cluster.edit(CRD, "", "nimpipelines.apps.nvidia.com", lesser_of_pipelines)
    cluster.delete(
        Resource(BINDING["apiVersion"], BINDING["kind"], "clusterrolebindings", namespaced=False),
        "",
        "for-the-doctor",
    )
    cluster.delete(POLICY_BINDING, "", "nimservice-metacontroller")
    cluster.put({**OPERATOR, "status": {"replicas": 1, "readyReplicas": 1}})
    caches = copy.deepcopy(cluster.get(composite, "", "nimservice"))
    caches["metadata"] = {"name": "nimcache"}
    caches["spec"]["parentResource"]["resource"] = "nimcaches"
    caches["spec"]["childResources"] = caches["spec"]["childResources"][:1]
    cluster.put({key: caches[key] for key in ("apiVersion", "kind", "metadata", "spec")})
    text = (
        NIM.replace("pull]", "absent]")
        .replace("fast", "slow")
        .replace("runtimeClassName: nvidia", "runtimeClassName: kata")
        .replace("gpu: 2", "gpu: 16")
        + "  metrics: {enabled: true}\n"
    )
    code, lines = doctor(text)
    assert code == 1
    for words in FAULTS:
        assert [line for line in lines if words in line and "; " in line], (words, lines)
    assert len(FAULTS) >= 10


def lesser_of_pipelines(obj):
    services = obj["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    services["properties"]["services"]["items"]["properties"].pop("dependencies")


FAULTS = (
    "ValidatingAdmissionPolicyBinding nimservice-metacontroller: does not exist, so Metacontroller may",
    "runs Metacontroller 4.14.1; upgrade it to 4.15 or later",
    "has --client-go-qps=5, too little",
    "has --target-label-selector=team=other, which leaves out the CompositeController",
    "may not list, create, update, delete deployments; bind ServiceAccount",
    "lists httproutes of gateway.networking.k8s.io/v1, which the cluster does not serve",
    "CompositeController nimservice: is of release 9.",
    "CustomResourceDefinition nimpipelines.apps.nvidia.com: is not that of release",
    "models/k8s-nim-operator: is NVIDIA's operator, and both fill the NIMCaches; remove the",
    "component prometheus: is not installed, and ServiceMonitor of NIMService/llama needs it",
    "spec.image.pullSecrets[0]: Secret absent does not exist in namespace models; create it",
    "spec.storage.pvc.storageClass: StorageClass slow does not exist; create it, or name another, such as fast",
    "spec.runtimeClassName: RuntimeClass kata does not exist; create it",
    "spec.resources.limits[nvidia.com/gpu]: asks for 16, and no Node has more than 8; ask for less",
)
