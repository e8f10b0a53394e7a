"""A control plane for the whole run, a namespace for each test, and who plays Metacontroller there.

Without the programs these tests are skipped, and the last line of the run says how to have them;
with CONTROL_PLANE=required, as in CI, that is a failure.
"""

import itertools
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from hooks.cluster.connection import Connection
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds
from hooks.preview import installation
from nimservice_simulator.metacontroller.children import ENGINES
from tests.control_plane import cluster as clusters
from tests.control_plane import programs
from tests.control_plane.account import Account
from tests.control_plane.stage import (
    COMPOSITE_CONTROLLER,
    Metacontroller,
    OnMetacontroller,
    StandIn,
)
from tests.control_plane.world import World

ROOT = Path(__file__).parents[2]
THIRD_PARTY = ROOT.parent / "shared" / "third-party-crds"
METACONTROLLER = os.environ.get("METACONTROLLER") or shutil.which("metacontroller")
# The real one first: it works in all namespaces and must not find what the stand-in leaves behind
# in its own.
PLAYERS = ("metacontroller", "stand-in") if METACONTROLLER else ("stand-in",)

_number = itertools.count(1)
_remarks = (
    {}
    if METACONTROLLER
    else {
        "through the real Metacontroller: not run: set METACONTROLLER to its binary, v4.17.2": None
    }
)


def pytest_terminal_summary(terminalreporter):
    for remark in _remarks:
        terminalreporter.write_line(remark)


@pytest.fixture(scope="session")
def plane(tmp_path_factory):
    """Return a running control plane; its logs are kept, and named when something failed."""
    folder = _program(programs.folder)
    plane = programs.ControlPlane(tmp_path_factory.mktemp("control-plane") / "home", folder)
    with _started(plane):
        yield plane


@pytest.fixture(scope="session")
def oldest(plane, tmp_path_factory):
    """Return a cluster of the oldest Kubernetes that we support, without controllers, with our
    CustomResourceDefinitions."""
    home = tmp_path_factory.mktemp("oldest") / "home"
    server = _program(programs.oldest)
    older = programs.ControlPlane(home, plane.programs, server)
    with _started(older, controllers=False), clusters.Cluster(older) as cluster:
        cluster.install(*installation.crds())
        yield cluster


def _program(find):
    """Return where a program is, or skip; where it is required, fail."""
    try:
        return find()
    except programs.Missing as missing:
        if os.environ.get("CONTROL_PLANE") == "required":
            pytest.fail(str(missing))
        _remarks[str(missing)] = None
        pytest.skip(str(missing))


@contextmanager
def _started(plane, **options):
    try:
        plane.start(**options)
        yield
    finally:
        plane.stop()
        shutil.rmtree(plane.home / "etcd", ignore_errors=True)


@pytest.fixture(autouse=True)
def _logs_of_a_failure(request):
    failed = request.session.testsfailed
    yield
    if request.session.testsfailed > failed and "plane" in request.fixturenames:
        _remarks[f"logs of the control plane: {request.getfixturevalue('plane').logs}"] = None


@pytest.fixture(scope="session")
def optional_crds():
    """Return the CustomResourceDefinitions of optional APIs, where they are at hand."""
    found = [slim for path in sorted(THIRD_PARTY.glob("*.yaml")) for slim in slimmed(path)]
    if not found:
        _remarks[
            "CustomResourceDefinitions of optional APIs: not at hand in ../shared/third-party-crds: less is tested"
        ] = None
    return found


@pytest.fixture(scope="session")
def cluster(plane, optional_crds):
    """Return the cluster with our CustomResourceDefinitions, and those of optional APIs."""
    with clusters.Cluster(plane) as cluster:
        cluster.install(*installation.crds(), *optional_crds)
        yield cluster


@pytest.fixture
def fresh(plane, tmp_path):
    """Return a cluster of its own with nothing installed."""
    plane = programs.ControlPlane(tmp_path / "home", plane.programs)
    try:
        plane.start()
        with clusters.Cluster(plane) as cluster:
            yield cluster
    finally:
        plane.stop()


@pytest.fixture(scope="session")
def installed(plane, cluster):
    """Return the CompositeControllers that ``metacontroller/overlays/all`` installs, by name, for
    the kinds that the cluster serves."""
    build = subprocess.run(
        [plane.programs / "kubectl", "kustomize", ROOT / "metacontroller" / "overlays" / "all"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = [
        obj
        for obj in yaml.load_all(build.stdout, Loader=yaml.CSafeLoader)
        if obj["kind"] == "CompositeController"
    ]
    for controller in found:
        rules = controller["spec"]["childResources"]
        controller["spec"]["childResources"] = [
            rule for rule in rules if cluster.find_plural(rule["apiVersion"], rule["resource"])
        ]
    return {controller["metadata"]["name"]: controller for controller in found}


@pytest.fixture(scope="session")
def composites(installed):
    """Return the CompositeControllers that work everywhere: all but that of NIMCaches.

    Most tests say themselves what state their NIMCaches are in, as NVIDIA's operator would. Those
    that have them filled let ``stage.manage`` add that controller.
    """
    return {name: each for name, each in installed.items() if name != "nimcache"}


@pytest.fixture(scope="session")
def composite(composites):
    """Return the CompositeController of NIMServices."""
    return composites["nimservice"]


@pytest.fixture(scope="session")
def account(plane, cluster):
    """Return Metacontroller's ServiceAccount, with the rights that the installation gives it and no
    others."""
    return Account(cluster, plane)


@pytest.fixture(scope="session", params=itertools.product(PLAYERS, ENGINES), ids="-".join)
def player(request, plane, cluster, composites, account):
    """Return a function that lets Metacontroller, real or not, work in a namespace with one of its
    engines."""
    who, engine = request.param
    if who == "stand-in":
        yield lambda namespace: StandIn(cluster, namespace, composites, engine, account.kubeconfig)
        return
    if not cluster.served(COMPOSITE_CONTROLLER):
        pytest.skip(
            "the real Metacontroller needs its CustomResourceDefinitions in ../shared/third-party-crds"
        )
    program = Metacontroller(
        METACONTROLLER, cluster, composites, engine, plane.logs, account.kubeconfig
    )
    try:
        yield lambda namespace: OnMetacontroller(cluster, namespace, program)
    finally:
        program.close()


@pytest.fixture
def controller_manager(plane):
    """Skip where nothing makes pods of deployments, counts quotas or collects garbage."""
    if not plane.has_controllers:
        remark = f"control plane: {plane.programs} has no kube-controller-manager: less is tested; make control-plane builds one"
        _remarks[remark] = None
        pytest.skip(remark)


@pytest.fixture
def namespace(request, cluster):
    """Return a namespace of the test's own."""
    name = f"test-{next(_number)}"
    cluster.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager=clusters.USER
    )
    yield name
    if METACONTROLLER and "stage" not in request.fixturenames:
        # the real one works in every namespace, and what it writes there would be counted while the
        # next test runs
        for kind in (NIM_PIPELINE, kinds.NIM_SERVICE):
            for nim in cluster.list(kind, name):
                cluster.delete(kind, name, nim["metadata"]["name"])
        cluster.until(lambda: not cluster.list(kinds.NIM_SERVICE, name), "nothing is left")


@pytest.fixture
def stage(player, namespace):
    """Return Metacontroller at work in the test's namespace."""
    stage = player(namespace)
    try:
        yield stage
    finally:
        stage.close()


@pytest.fixture
def world(stage):
    """Return the test's NIMService, which is still to be applied."""
    return World(stage)


def slimmed(path):
    """Yield what a file defines of the kinds that our hooks, or the real Metacontroller, work
    with."""
    wanted = {
        (kind.api_version.partition("/")[0], kind.plural): kind.api_version
        for kind in (*kinds.MANAGED, COMPOSITE_CONTROLLER)
    }
    for crd in clusters.manifests(path):
        group = crd["spec"]["group"]
        if group == "metacontroller.k8s.io" and METACONTROLLER:
            yield clusters.slim(crd, f"{group}/v1alpha1")
        elif (group, crd["spec"]["names"]["plural"]) in wanted:
            yield clusters.slim(crd, wanted[group, crd["spec"]["names"]["plural"]])


@pytest.fixture
def written(monkeypatch):
    """Return what a command asks the API server to change, as the commands do it.

    Its own counters have the writes of everybody.
    """
    asked, request = [], Connection.request

    def asks(self, method, path, *arguments, **options):
        review = path.endswith("accessreviews")
        if method != "GET" and "dryRun" not in options and not review:
            asked.append(f"{method} {path}")
        return request(self, method, path, *arguments, **options)

    monkeypatch.setattr(Connection, "request", asks)
    return asked
