"""The control plane of the tests with a scheduler, simulated nodes and LeaderWorkerSet beside it.

Without the programs these tests are skipped, and the last line of the run says how to have them;
with NEIGHBOURS=required, as in CI, that is a failure.
"""

import os
from contextlib import closing

import pytest

from hooks.nimservice import kinds
from tests.control_plane import conftest as control_plane
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
from tests.neighbours import neighbours as theirs
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
        if os.environ.get("NEIGHBOURS") == "required":
            pytest.fail(str(missing))
        _remarks[str(missing)] = None
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def optional_crds(programs):
    """Return the CustomResourceDefinitions of the neighbours, and Metacontroller's for the real
    one."""
    of_metacontroller = control_plane.THIRD_PARTY / "metacontroller.yaml"
    real = control_plane.METACONTROLLER and of_metacontroller.is_file()
    more = control_plane.slimmed(of_metacontroller) if real else ()
    return [*theirs.definitions(programs), *more]


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
def player(plane, cluster, composites, account, neighbours):  # noqa: F811
    """Return a function that lets Metacontroller work in a namespace: the real one where there is
    one."""
    assert neighbours.running()
    kubeconfig = account.kubeconfig
    if not control_plane.METACONTROLLER:
        yield lambda namespace: StandIn(cluster, namespace, composites, ENGINE, kubeconfig)
        return
    binary = control_plane.METACONTROLLER
    program = Metacontroller(binary, cluster, composites, ENGINE, plane.logs, kubeconfig)
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
