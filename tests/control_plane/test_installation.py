"""Installation: two commands, or one of Helm, install everything on a fresh API server, and the
upgrade from the commit before restarts no pod."""

import os
import re
import subprocess
import sys
import tarfile
from contextlib import closing, contextmanager
from io import BytesIO

import pytest
import yaml

from hooks.cluster.api import controller_of
from hooks.nimcache.kinds import NIM_CACHE
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds
from nimservice_simulator.metacontroller.transport import OverHttp
from tests.control_plane import cluster as clusters
from tests.control_plane import programs
from tests.control_plane.conftest import ROOT, THIRD_PARTY
from tests.control_plane.live import Live
from tests.control_plane.server import Server
from tests.control_plane.stage import COMPOSITE_CONTROLLER
from tests.releases import pods
from tests.tools.program import program
from tools import definitions, release

NAMESPACE = "nim-service"
PARTS = ("CHANGELOG.md", "charts", "crds", "hooks", "metacontroller")
COMPONENTS = ",".join(f"components.{name}=true" for name in release.COMPLETE)
THEIRS = THIRD_PARTY / "metacontroller.yaml"
CRDS = sorted((ROOT / "crds").iterdir())

pytestmark = pytest.mark.skipif(
    not THEIRS.exists(), reason=f"Metacontroller's definitions are not at hand in {THEIRS}"
)


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """Return the tree of the commit before this one."""
    folder = tmp_path_factory.mktemp("before")
    archived = subprocess.run(
        ["git", "archive", "HEAD^", *PARTS], cwd=ROOT, capture_output=True, check=False
    )
    if archived.returncode:
        said = "the commit before is not here: fetch the history"
        (pytest.fail if os.environ.get("CONTROL_PLANE") == "required" else pytest.skip)(said)
    with tarfile.open(fileobj=BytesIO(archived.stdout)) as files:
        files.extractall(folder, filter="tar")
    return folder


class ByKubectl:
    """The complete files of a release, by the two commands of the documentation."""

    engine = "server-side-apply"

    def __init__(self, cluster, folder):
        self._cluster, self._folder = cluster, folder

    def install(self, tree):
        ours = [file.read_text() for file in sorted((tree / "crds").iterdir())]
        overlay = tree / "metacontroller" / "overlays" / "complete"
        self._apply("complete-crds.yaml", "\n---\n".join([THEIRS.read_text(), *ours]))
        self._apply("complete.yaml", self._cluster.plane.kubectl("kustomize", str(overlay)))

    def _apply(self, name, text):
        file = self._folder / name
        file.write_text(text)
        self._cluster.plane.kubectl("apply", "--server-side", "-f", str(file))

    upgrade = install


class ByHelm:
    """The chart of a release, by one command."""

    engine = "dynamic-apply"

    def __init__(self, cluster, folder):
        self._kubeconfig, self._folder = cluster.plane.kubeconfig, folder

    def install(self, tree):
        self._run(tree, "install", "--create-namespace")

    def upgrade(self, tree):
        self._run(tree, "upgrade")

    def _run(self, tree, command, *options):
        packed = self._folder / f"{command}.tgz"
        chart = tree / "charts" / "nimservice-hooks"
        release.archive(chart, packed, {"crds/metacontroller.yaml": definitions.read(THEIRS)})
        where = ("--kubeconfig", self._kubeconfig, "--namespace", "nimservice-hooks")
        done = subprocess.run(
            [program("helm"), command, "hooks", packed, *where, *options, "--set", COMPONENTS],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "HOME": str(self._folder)},
        )
        assert done.returncode == 0, done.stderr


WAYS = pytest.mark.parametrize("way", [ByKubectl, ByHelm])


@contextmanager
def serving(tree, log):
    """Run the hook server of a tree, not that of the working directory, and give its address."""
    server = programs.Program(
        log,
        sys.executable,
        *("-P", "-c", "from hooks.cli import main; raise SystemExit(main())", "serve"),
        *(f"--bind={programs.HOST}:0", "--workers=1"),
        environ={"PYTHONPATH": str(tree), "NIM_HOOKS_MODEL_LOOKUP": "false"},
    )
    try:
        found = None
        while not found and server.running():
            found = re.search(r'"address":"([^"]+)"', log.read_text())
        assert found, server.tail()
        yield found[1]
    finally:
        server.stop(patience=5)


def settled(cluster, tree, engine, log):
    """Let Metacontroller work with the hooks of a tree, by the CompositeControllers that are
    installed, until nothing happens any more; then sync all once more."""
    controllers = cluster.list(COMPOSITE_CONTROLLER)
    with (
        serving(tree, log) as address,
        closing(OverHttp(address)) as transport,
        Server(cluster.plane.kubeconfig, NAMESPACE) as server,
    ):
        live = Live(server, controllers, transport, engine=engine)
        assert live.settle()
        live.loop.resync()
        assert live.settle()


def apply_samples(cluster, tree):
    cluster.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for file in sorted((tree / "metacontroller" / "samples").iterdir()):
        for manifest in clusters.manifests(file):
            cluster.put(manifest)


def running(cluster):
    """Return the pods of models by their uids once every Deployment has as many as it wants."""

    def complete():
        wanted = sum(each["spec"]["replicas"] for each in cluster.list(kinds.DEPLOYMENT, NAMESPACE))
        found = [
            each
            for each in cluster.list(clusters.POD, NAMESPACE)
            if (controller_of(each) or {}).get("kind") == "ReplicaSet"
        ]
        return found if wanted and len(found) == wanted else None

    found = cluster.until(complete, "every Deployment has its pods")
    return {each["metadata"]["uid"]: each["metadata"]["name"] for each in found}


def templates(cluster):
    return {
        each["metadata"]["name"]: pods.template(each)
        for each in cluster.list(kinds.DEPLOYMENT, NAMESPACE)
    }


def announced(tree):
    """Whether this commit says that pods restart."""
    then, now = (
        (each / "CHANGELOG.md").read_text().partition("### Restarts pods")[2].partition("\n### ")[0]
        for each in (tree, ROOT)
    )
    return then != now


def everything():
    """Return kind and name of all that the complete installation has."""
    yield from (
        (each["kind"], each["metadata"]["name"])
        for each in yaml.safe_load_all(release.installation("nimservice-hooks", release.COMPLETE))
        if each["kind"] != "ConfigMap"  # kustomize puts a hash into its name
    )
    for text in (definitions.read(THEIRS), *(each.read_text() for each in CRDS)):
        for each in yaml.safe_load_all(text):
            yield each["kind"], each["metadata"]["name"]


@WAYS
@pytest.mark.usefixtures("controller_manager")
def test_all_is_installed_and_the_upgrade_from_the_commit_before_restarts_no_pod(
    fresh, before, way, tmp_path
):
    installation = way(fresh, tmp_path)
    installation.install(before)
    parents = (NIM_CACHE, NIM_PIPELINE, kinds.NIM_SERVICE)
    fresh.until(lambda: fresh.served(COMPOSITE_CONTROLLER, *parents), "the kinds are served")
    apply_samples(fresh, before)
    settled(fresh, before, way.engine, tmp_path / "before.log")
    found, made = running(fresh), templates(fresh)
    assert len(found) > 5

    installation.upgrade(ROOT)
    wanted = {*everything()}
    listed = ",".join(sorted({kind for kind, _ in wanted}))
    shown = yaml.safe_load(fresh.plane.kubectl("get", listed, "-A", "-o", "yaml"))["items"]
    assert wanted <= {(each["kind"], each["metadata"]["name"]) for each in shown}
    settled(fresh, ROOT, way.engine, tmp_path / "after.log")
    if not announced(before):
        assert templates(fresh) == made
        assert running(fresh) == found
