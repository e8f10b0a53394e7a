"""The control plane of the tests with a scheduler, simulated nodes and LeaderWorkerSet beside it,
and KServe where it is built.

Without the programs these tests are skipped, and the last line of the run says how to have them;
with NEIGHBOURS=required, as in CI, that is a failure. NEIGHBOURS=full requires KServe, too.
"""

import os
from contextlib import closing

import pytest

from hooks.nimservice import kinds
from tests.control_plane import conftest as control_plane
from tests.control_plane.cluster import POD
from tests.control_plane.conftest import (  # noqa: F401 - fixtures
    account,
    cluster,
    composites,
    installed,
    namespace,
    plane,
)
from tests.control_plane.programs import Missing
from tests.control_plane.server import Server
from tests.control_plane.stage import Metacontroller, OnMetacontroller, StandIn
from tests.control_plane.wallclock import WallClock
from tests.neighbours import kserve as kserves
from tests.neighbours import neighbours as theirs
from tests.neighbours.place import Place
from tests.neighbours.stream import Stream

ENGINE = "dynamic-apply"
_remarks = {}


def pytest_terminal_summary(terminalreporter):
    for remark in _remarks:
        terminalreporter.write_line(remark)


@pytest.fixture(scope="session")
def programs():
    """Return the folder with the programs, or skip; where they are required, fail."""
    try:
        return theirs.folder()
    except Missing as missing:
        if os.environ.get("NEIGHBOURS") in ("required", "full"):
            pytest.fail(str(missing))
        _remarks[str(missing)] = None
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def kserve_built():
    """Return the folder with KServe's controller; None where it is not built."""
    try:
        return kserves.folder()
    except Missing as missing:
        if os.environ.get("NEIGHBOURS") == "full":
            pytest.fail(str(missing))
        _remarks[str(missing)] = None
        return None


@pytest.fixture(scope="session")
def optional_crds(programs, kserve_built):
    """Return the CustomResourceDefinitions of the neighbours, and those of other optional APIs that
    are at hand, Metacontroller's for the real one among them."""
    own = theirs.definitions(programs)
    own += kserves.definitions(kserve_built) if kserve_built else []
    known = {crd["metadata"]["name"] for crd in own}
    others = [
        crd
        for path in sorted(control_plane.THIRD_PARTY.glob("*.yaml"))
        for crd in control_plane.slimmed(path)
        if crd["metadata"]["name"] not in known
        and (kserve_built or crd["spec"]["group"] == "metacontroller.k8s.io")
    ]
    return [*own, *others]


@pytest.fixture(scope="session")
def neighbours(plane, cluster, programs):  # noqa: F811
    """Return the neighbours at work."""
    at_work = theirs.Neighbours(plane, cluster, programs)
    try:
        at_work.start()
        yield at_work
    finally:
        at_work.stop()


@pytest.fixture(scope="session")
def kserve(plane, cluster, kserve_built, neighbours):  # noqa: F811
    """Return KServe at work, set up as the installation asks for; skip where it is not built."""
    if kserve_built is None:
        pytest.skip("KServe is not built")
    assert neighbours.running()
    at_work = kserves.KServe(plane, cluster, kserve_built)
    with closing(at_work):
        at_work.start()
        yield at_work


@pytest.fixture(scope="session")
def player(request, plane, cluster, composites, account, neighbours):  # noqa: F811, PLR0917
    """Return a function that lets Metacontroller work in a namespace: the real one where there is
    one. A test that is parametrized with an engine gets that one."""
    assert neighbours.running()
    engine, kubeconfig = getattr(request, "param", ENGINE), account.kubeconfig
    if not control_plane.METACONTROLLER:
        yield lambda namespace: StandIn(cluster, namespace, composites, engine, kubeconfig)
        return
    binary = control_plane.METACONTROLLER
    program = Metacontroller(binary, cluster, composites, engine, plane.logs, kubeconfig)
    with closing(program):
        yield lambda namespace: OnMetacontroller(cluster, namespace, program)


@pytest.fixture
def stage(player, namespace):  # noqa: F811
    """Return Metacontroller at work in the test's namespace."""
    with closing(player(namespace)) as stage:
        yield stage


@pytest.fixture
def stream(plane, stage):  # noqa: F811
    """Return every status that the NIMServices of the test's namespace get."""
    with closing(Server(plane.kubeconfig, stage.namespace)) as server:
        stream = Stream(stage, WallClock())
        server.watch(kinds.NIM_SERVICE, stream.seen)
        yield stream


@pytest.fixture
def place(stage, stream):
    """Return the test's place, and leave none of its pods on the nodes."""
    place = Place(stage, stream)
    yield place
    for nim in place.cluster.list(kinds.NIM_SERVICE, place.namespace):
        place.cluster.delete(kinds.NIM_SERVICE, place.namespace, nim["metadata"]["name"])
    place.stage.until(
        lambda: not place.cluster.list(POD, place.namespace), "no pod is left", seconds=90
    )
