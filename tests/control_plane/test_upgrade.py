"""Upgrade: what the previous release left in a cluster is taken over by this one: no pod restarts,
statuses stay, nothing is made anew.

``python -m tests.releases.snapshot`` keeps what the next release is tested against. While there is
no earlier release, this one takes over what it made itself.
"""

import json

import pytest

from hooks import __version__
from hooks.kernel.observed import condition
from hooks.nimservice import kinds
from hooks.nimservice.kinds import WORKLOADS
from hooks.preview import installation
from nimservice_simulator.metacontroller.children import ENGINES
from nimservice_simulator.metacontroller.transport import InProcess
from tests.control_plane import cluster as clusters
from tests.control_plane import programs
from tests.control_plane.live import Live
from tests.control_plane.server import Server
from tests.control_plane.stage import StandIn
from tests.releases import kept, pods, snapshot

NAMESPACE = snapshot.NAMESPACE


@pytest.fixture(scope="module")
def previous(tmp_path_factory):
    """Return the snapshot that is taken over."""
    if earlier := kept.newest():
        return earlier
    folder = tmp_path_factory.mktemp("release") / __version__
    snapshot.write(folder)
    return folder


@pytest.fixture(scope="module")
def world(previous, plane, optional_crds, tmp_path_factory):
    """Return a cluster of its own, with the CustomResourceDefinitions of the previous release."""
    plane = programs.ControlPlane(tmp_path_factory.mktemp("upgrade") / "home", plane.programs)
    try:
        plane.start()
        with clusters.Cluster(plane) as cluster:
            cluster.install(
                *(
                    obj
                    for path in sorted((previous / "crds").iterdir())
                    for obj in clusters.manifests(path)
                ),
                *optional_crds,
            )
            yield cluster
    finally:
        plane.stop()


class FormerHooks(installation.Hooks):
    """The hooks of the previous release, as far as its snapshot tells what they answered."""

    def __init__(self, made):
        self._answers = {
            each["nim"]["metadata"]["name"]: {
                "children": each["children"],
                "status": each["status"],
            }
            for each in made
        }

    def __call__(self, path, body):
        hook, parent = path.partition("?")[0].rpartition("/")[2], json.loads(body)["parent"]
        answer = (
            {"relatedResources": []}
            if hook == "customize"
            else self._answers[parent["metadata"]["name"]]
        )
        return 200, {}, json.dumps(answer).encode()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_previous_release_made_is_taken_over_as_it_is(world, previous, engine):
    namespace = f"{NAMESPACE}-{engine}"
    world.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    everything = json.loads(
        (previous / "situations.json").read_text().replace(f'"{NAMESPACE}"', f'"{namespace}"')
    )
    made = [
        each
        for each in everything
        if all(world.find_kind(child["apiVersion"], child["kind"]) for child in each["children"])
    ]
    for situation in made:
        for obj in (*situation["others"], situation["nim"]):
            world.put(obj)
    controller = installation.controller(
        {kind.kind for kind in kinds.MANAGED if not world.served(kind)}
    )
    with Server(world.plane.kubeconfig, namespace) as server:
        assert Live(server, [controller], InProcess(FormerHooks(made)), engine=engine).settle()
    before = templates(world, namespace)
    assert all(world.list(kind, namespace) for kind in WORKLOADS if world.served(kind))

    stored = stored_versions(world)
    world.install(*installation.crds())
    stage = StandIn(world, namespace, {"nimservice": controller}, engine, world.plane.kubeconfig)
    try:
        stage.settle()
        stage.resync()
    finally:
        stage.close()
    assert templates(world, namespace) == before
    assert stored_versions(world) == stored
    assert failed(world.list(kinds.NIM_SERVICE, namespace)) == failed(
        {**each["nim"], "status": each["status"]} for each in made
    )


def failed(nims):
    return {
        nim["metadata"]["name"]: condition(nim, "Ready")["reason"]
        for nim in nims
        if nim["status"]["state"] == "Failed"
    }


def templates(cluster, namespace):
    """Return the uid of every workload and claim with what its pods are made of."""
    made = [kind for kind in (*WORKLOADS, kinds.PERSISTENT_VOLUME_CLAIM) if cluster.served(kind)]
    return {
        obj["metadata"]["uid"]: pods.template(obj)
        for kind in made
        for obj in cluster.list(kind, namespace)
    }


def stored_versions(cluster):
    return {
        crd["metadata"]["name"]: crd["status"]["storedVersions"]
        for crd in cluster.list(clusters.CRD)
    }
