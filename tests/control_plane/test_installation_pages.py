"""The commands of the installation pages, in the order of the pages, on a fresh API server.

They run in a shell, in a checkout, with kubectl and Helm. No registry is at hand, so ``docker``
does nothing, and the pods of the hooks are ready without running.
"""

import os
import re
import shutil
import subprocess
import textwrap
import threading

import pytest
import yaml

from hooks import __version__
from hooks.nimservice import kinds
from tests.control_plane import cluster as clusters
from tests.control_plane.account import CLUSTER_ROLE
from tests.control_plane.conftest import ROOT, THIRD_PARTY
from tests.control_plane.stage import COMPOSITE_CONTROLLER
from tests.situations.nimcache import nimcache
from tests.tools.program import program

FRONT = ROOT / "README.md"
INSTALL = ROOT / "metacontroller" / "README.md"
REMOVAL = ROOT / "docs" / "removal.md"
MIGRATION = ROOT / "docs" / "migration.md"
THEIRS = THIRD_PARTY / "metacontroller.yaml"
NAMESPACE = "nimservice-hooks"
OPERATOR = "k8s-nim-operator"
BLOCK = re.compile(r"^( *)```(sh|yaml)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.skipif(
        not THEIRS.exists(), reason=f"Metacontroller's definitions are not at hand in {THEIRS}"
    ),
    pytest.mark.usefixtures("controller_manager"),
]


class Reader:
    """Somebody who does what a page says, in a checkout."""

    def __init__(self, cluster, folder):
        self.cluster, self._folder = cluster, folder / "checkout"
        for name in ("charts", "crds", "metacontroller"):
            shutil.copytree(ROOT / name, self._folder / name, symlinks=True)
        self._bin = folder / "bin"
        self._bin.mkdir()
        (self._bin / "kubectl").symlink_to(cluster.plane.programs / "kubectl")
        (self._bin / "helm").symlink_to(program("helm"))
        (self._bin / "docker").symlink_to("/bin/true")

    def follow(self, page, heading, *, without=(), replaced=()):
        """Do what a section says: write its files, and run its commands, but those that contain a
        text that is left out."""
        (section,) = re.findall(
            rf"^##+ {heading}\n(.*?)(?=^##|\Z)", page.read_text(), re.MULTILINE | re.DOTALL
        )
        ran = 0
        for _, language, indented in BLOCK.findall(section):
            text = textwrap.dedent(indented)
            if language == "yaml":
                self._write(text)
                continue
            for line in text.splitlines():
                if line.startswith("#") or any(each in line for each in without):
                    continue
                command = re.sub(r"https://\S+-crds-v1.yaml", str(THEIRS), line)
                for before, after in replaced:
                    command = command.replace(before, str(after))
                self.run(command)
                ran += 1
        assert ran, heading

    def _write(self, text):
        if named := re.match(r"# (deploy/\S+)\n", text):
            file = self._folder / named[1]
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)

    def run(self, command, *, fails=False):
        """Run a command and return what it prints."""
        environment = {
            "PATH": f"{self._bin}:{os.defpath}",
            "HOME": str(self._folder.parent),
            "KUBECONFIG": str(self.cluster.plane.kubeconfig),
        }
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert bool(done.returncode) == fails, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture
def reader(fresh, tmp_path):
    """Return somebody with a fresh cluster, whose nodes make every pod of the hooks ready."""
    over = threading.Event()

    def play_nodes():
        with clusters.Cluster(fresh.plane) as cluster:
            while not over.wait(0.2):
                cluster.make_pods_ready(NAMESPACE)

    nodes = threading.Thread(target=play_nodes)
    nodes.start()
    try:
        yield Reader(fresh, tmp_path)
    finally:
        over.set()
        nodes.join()


def definitions_of(cluster, group):
    return {
        each["metadata"]["name"]
        for each in cluster.list(clusters.CRD)
        if each["spec"]["group"] == group
    }


def deployment(cluster):
    return cluster.find(kinds.DEPLOYMENT, NAMESPACE, "nimservice-hooks")


def image(cluster):
    (container,) = deployment(cluster)["spec"]["template"]["spec"]["containers"]
    return container["image"]


def settings(cluster):
    """Return what the pods of the hooks have as settings."""
    (container,) = deployment(cluster)["spec"]["template"]["spec"]["containers"]
    (source,) = container["envFrom"]
    return cluster.get(kinds.CONFIG_MAP, NAMESPACE, source["configMapRef"]["name"])["data"]


def controllers(cluster):
    return {each["metadata"]["name"] for each in cluster.list(COMPOSITE_CONTROLLER)}


def nothing_is_left(cluster):
    namespaces = {each["metadata"]["name"] for each in cluster.list(clusters.NAMESPACE)}
    roles = {each["metadata"]["name"] for each in cluster.list(CLUSTER_ROLE)}
    return (
        not cluster.list(clusters.CRD)
        and not {NAMESPACE, "metacontroller"} & namespaces
        and not {each for each in roles if each.startswith("nimservice")}
    )


OURS = {f"{name}.apps.nvidia.com" for name in ("nimservices", "nimcaches", "nimpipelines")}
IMAGE = f"registry.example.com/nimservice-hooks:{__version__}"


def test_a_checkout_is_installed_upgraded_and_removed_with_kustomize(reader):
    cluster = reader.cluster
    reader.follow(INSTALL, "From a checkout")
    assert controllers(cluster) == {"nimservice"}
    assert image(cluster) == IMAGE
    assert settings(cluster) == {"NIM_HOOKS_RESYNC_SECONDS": "60"}
    (look,) = re.findall(
        r"^\$ (kubectl label service kubernetes .*)$", INSTALL.read_text(), re.MULTILINE
    )
    cluster.until(
        lambda: "Service kubernetes is left alone" in reader.run(f"{look} || true"),
        "the admission policy is in force, as the page lets one see",
        every=1,
    )
    reader.follow(INSTALL, "Upgrade")

    reader.follow(REMOVAL, "Stop managing, and leave models running", without=["helm"])
    assert deployment(cluster) is None
    assert definitions_of(cluster, "apps.nvidia.com") == OURS

    reader.follow(INSTALL, "Upgrade")
    by_helm = ("helm", "delete crd nim", "delete namespace")
    reader.follow(REMOVAL, "Remove everything, models included", without=by_helm)
    assert nothing_is_left(cluster)


def test_a_checkout_is_installed_upgraded_and_removed_with_helm(reader):
    cluster = reader.cluster
    reader.run(f"kubectl apply --server-side -f {THEIRS}")
    reader.follow(INSTALL, "With Helm")
    assert deployment(cluster) is None
    assert definitions_of(cluster, "apps.nvidia.com") == OURS

    # The definitions that stayed were handed to the release.
    reader.run(
        f"helm install {NAMESPACE} charts/nimservice-hooks -n {NAMESPACE} -f deploy/values.yaml"
    )
    assert controllers(cluster) == {"nimservice", "nimcache"}
    assert image(cluster) == IMAGE
    assert settings(cluster) == {"NIM_HOOKS_RESYNC_SECONDS": "60"}

    # They stay where a release leaves them out, and the next one takes them back.
    upgrade = (
        f"helm upgrade {NAMESPACE} charts/nimservice-hooks -n {NAMESPACE} -f deploy/values.yaml"
    )
    reader.run(f"{upgrade} --set crds.install=false")
    assert definitions_of(cluster, "apps.nvidia.com") == OURS
    reader.run(upgrade)

    kustomize = ("-k deploy", "-f crds/")
    reader.follow(REMOVAL, "Remove everything, models included", without=kustomize)
    assert nothing_is_left(cluster)


def test_the_front_page_installs_all(reader):
    reader.follow(FRONT, "Install it")
    assert image(reader.cluster) == IMAGE
    assert controllers(reader.cluster) == {"nimservice", "nimcache"}


def test_the_chart_refuses_what_would_stop_or_lose_something(reader):
    cluster = reader.cluster
    reader.run("kubectl create namespace metacontroller")
    reader.follow(FRONT, "Install it", without=["helm"])
    values = f"{NAMESPACE} charts/nimservice-hooks -n {NAMESPACE} -f deploy/values.yaml"
    install = f"helm install {values} --create-namespace"
    said = reader.run(install, fails=True)
    assert "Namespace metacontroller is there already, and is not of this release" in said
    assert deployment(cluster) is None
    reader.run("kubectl delete namespace metacontroller")
    reader.run(install)

    said = reader.run(f"helm upgrade {values} --set components.gateway=true", fails=True)
    assert "the cluster has no gateway.networking.k8s.io/v1/HTTPRoute" in said
    without = f"helm upgrade {values} --set components.nimcache=false"
    reader.run(f"{without} --dry-run=server")
    cluster.put({**nimcache(), "metadata": {"name": "llama", "namespace": "default"}})
    said = reader.run(without, fails=True)
    assert "components.nimcache is off, and there are NIMCaches" in said
    assert controllers(cluster) == {"nimservice", "nimcache"}


@pytest.fixture
def operator(tmp_path):
    """Return a chart with definitions, a webhook and a Deployment of the names that NVIDIA's
    operator has."""
    folder = tmp_path / OPERATOR
    (folder / "crds").mkdir(parents=True)
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {OPERATOR}\nversion: 1.0.0\n")
    for file in (ROOT / "crds").iterdir():
        crd = yaml.safe_load(file.read_text())
        for version in crd["spec"]["versions"]:
            spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
            spec["properties"].pop("lifecycle", None)  # an extension
        (folder / "crds" / file.name).write_text(f"---\n{yaml.safe_dump(crd)}")
    labels = {"app": OPERATOR}
    pod = {"containers": [{"name": "manager", "image": OPERATOR}]}
    made = [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": OPERATOR},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": f"{OPERATOR}-validating-webhook-configuration"},
            "webhooks": [],
        },
    ]
    (folder / "templates" / "all.yaml").write_text(yaml.safe_dump_all(made))
    return folder


def has_extension(cluster):
    """Whether the definition of NIMServices is ours."""
    crd = cluster.get(clusters.CRD, "", "nimservices.apps.nvidia.com")
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return "lifecycle" in schema["properties"]["spec"]["properties"]


def test_the_chart_meets_the_definitions_of_the_operator_and_gives_them_back(reader, operator):
    cluster = reader.cluster
    reader.run(f"kubectl apply --server-side -f {THEIRS}")
    reader.run(f"helm install {OPERATOR} {operator} -n nim-operator --create-namespace")
    install = (
        f"helm install {NAMESPACE} charts/nimservice-hooks -n {NAMESPACE} --create-namespace"
        " --set components.metacontroller=true"
    )
    said = reader.run(install, fails=True)
    assert "nimcaches.apps.nvidia.com is there already, and is not of this release" in said
    assert "--set crds.install=false" in said

    of_nimservices = ("nimservice migrate", "nims,nimc,nimp")
    reader.follow(MIGRATION, "The order", without=of_nimservices)
    assert has_extension(cluster)
    reader.run(f"{install},crds.install=false")
    assert controllers(cluster) == {"nimservice"}

    reader.follow(
        MIGRATION,
        "The way back",
        without=(*of_nimservices, "-k deploy"),
        replaced=[(f"nvidia/{OPERATOR} --version VERSION", operator)],
    )
    reader.run(f"helm uninstall {NAMESPACE} -n {NAMESPACE}")
    assert not has_extension(cluster)
    assert cluster.get(kinds.DEPLOYMENT, "nim-operator", OPERATOR)["spec"]["replicas"] == 1
    reader.run(
        f"kubectl get validatingwebhookconfiguration {OPERATOR}-validating-webhook-configuration"
    )
