"""Upgrade: what the previous release left in a cluster is taken over by this one: no pod restarts, statuses stay, nothing is made anew.

``python -m tests.releases.snapshot`` keeps what the next release is tested against; ``RELEASE_SNAPSHOT`` names another folder.
"""

import json
import os
from pathlib import Path

import pytest
import yaml

from hooks import __version__, kinds
from hooks.crd import shipped
from hooks.local import offline
from hooks.local.kube.server import KubeServer
from hooks.local.live import Live
from hooks.local.loop.children import ENGINES
from hooks.local.loop.transport import InProcess
from tests.control_plane import cluster as clusters
from tests.control_plane import programs
from tests.control_plane.cluster import condition
from tests.control_plane.stage import StandIn

RELEASES = Path(__file__).parents[1] / "releases"
NAMESPACE = "upgrade"


def previous():
    """Return the snapshot of the newest release before this one, or None."""
    if named := os.environ.get("RELEASE_SNAPSHOT"):
        return Path(named)
    found = [path.parent for path in RELEASES.glob("*/situations.json") if number(path.parent.name) < number(__version__)]
    return max(found, key=lambda path: number(path.name), default=None)


def number(version):
    return [int(part) for part in version.split(".") if part.isdigit()]


PREVIOUS = previous()
pytestmark = pytest.mark.skipif(PREVIOUS is None, reason="there is no earlier release: tests/releases has no snapshot of one")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Return a cluster of its own, with the CustomResourceDefinitions of the previous release."""
    plane = programs.ControlPlane(tmp_path_factory.mktemp("upgrade") / "home", programs.folder())
    try:
        plane.start()
        with clusters.Cluster(plane) as cluster:
            cluster.install(*(obj for path in sorted((PREVIOUS / "crds").iterdir()) for obj in clusters.manifests(path)))
            yield cluster
    finally:
        plane.stop()


class FormerHooks(offline.Hooks):
    """The hooks of the previous release, as far as its snapshot tells what they answered."""

    def __init__(self, kept):
        self._answers = {each["nim"]["metadata"]["name"]: {"children": each["children"], "status": each["status"]} for each in kept}

    def __call__(self, path, body):
        hook, parent = path.partition("?")[0].rpartition("/")[2], json.loads(body)["parent"]
        answer = {"relatedResources": []} if hook == "customize" else self._answers[parent["metadata"]["name"]]
        return 200, {}, json.dumps(answer).encode()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_previous_release_made_is_taken_over_as_it_is(world, engine):
    namespace = f"{NAMESPACE}-{engine}"
    world.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    kept = json.loads((PREVIOUS / "situations.json").read_text().replace(f'"{NAMESPACE}"', f'"{namespace}"'))
    for situation in kept:
        for obj in (*situation["others"], situation["nim"]):
            world.put(obj)
    controller = offline.controller({kind.kind for kind in kinds.MANAGED if not world.served(kind)})
    with KubeServer(world.plane.kubeconfig, namespace) as server:
        assert Live(server, controller, InProcess(FormerHooks(kept)), engine=engine).settle()
    before = templates(world, namespace)
    assert before

    stored = stored_versions(world)
    world.install(*(yaml.load(text, Loader=yaml.CSafeLoader) for text in shipped.texts().values()))
    stage = StandIn(world, namespace, controller, engine, world.plane.kubeconfig)
    try:
        stage.settle()
        stage.resync()
    finally:
        stage.close()
    assert templates(world, namespace) == before
    assert stored_versions(world) == stored
    assert failed(world.list(kinds.NIM_SERVICE, namespace)) == failed({**each["nim"], "status": each["status"]} for each in kept)


def failed(nims):
    return {nim["metadata"]["name"]: condition(nim, "Ready")["reason"] for nim in nims if nim["status"]["state"] == "Failed"}


def templates(cluster, namespace):
    """Return the uid and pod template of every workload, and the uid of every claim."""
    found = {obj["metadata"]["uid"]: obj["spec"]["template"] for obj in cluster.list(kinds.DEPLOYMENT, namespace)}
    return found | {obj["metadata"]["uid"]: None for obj in cluster.list(kinds.PERSISTENT_VOLUME_CLAIM, namespace)}


def stored_versions(cluster):
    return {crd["metadata"]["name"]: crd["status"]["storedVersions"] for crd in cluster.list(clusters.CRD)}
