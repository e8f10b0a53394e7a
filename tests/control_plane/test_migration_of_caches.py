"""Caches of NVIDIA's operator on a real API server, with the real controllers of Jobs and claims:
taken over with nothing downloaded again, and handed back."""

import json

import pytest

from hooks.cli import main
from hooks.kernel import lastapplied
from hooks.kernel.observed import condition
from hooks.kernel.owner import owner_reference
from hooks.migration import caches, operator
from hooks.nimcache import kinds
from hooks.preview import installation
from hooks.resources import NIM_CACHE
from nimservice_simulator.metacontroller.children import ENGINES
from tests.control_plane.cluster import readable
from tests.control_plane.stage import StandIn, writes_at_rest
from tests.migration import test_caches as operated
from tests.nimcache.cluster import NAME

OPERATOR = "manager"

pytestmark = pytest.mark.usefixtures("controller_manager")


class World:
    """A NIMCache as NVIDIA's operator leaves it, and the hooks once they are started."""

    def __init__(self, cluster, namespace, engine, kubeconfig):
        self.cluster, self.namespace = cluster, namespace
        self._engine, self._kubeconfig, self.stage = engine, kubeconfig, None

    def have(self, status, *children):
        given = operated.nimcache(status)
        given["metadata"] = {
            "name": NAME,
            "namespace": self.namespace,
            "finalizers": [caches.FINALIZER],
        }
        self.cluster.put(given)
        stored = self.found()
        for child in (make(stored) for make in children):
            child["metadata"] |= {
                "namespace": self.namespace,
                "ownerReferences": [owner_reference(stored)],
            }
            child["metadata"].pop("uid", None)
            self.cluster.create(child, manager=OPERATOR)

    def found(self):
        return self.cluster.get(kinds.NIM_CACHE, self.namespace, NAME)

    def state(self):
        return (self.found().get("status") or {}).get("state")

    def child(self, kind, suffix):
        return self.cluster.find(kind, self.namespace, f"{NAME}-{suffix}")

    def uids(self):
        there = [self.child(kinds.PERSISTENT_VOLUME_CLAIM, "pvc"), self.child(kinds.JOB, "job")]
        return [each and each["metadata"]["uid"] for each in there]

    def pods(self):
        return self.cluster.list(kinds.POD, self.namespace)

    def the_pod(self):
        return self.cluster.until(lambda: next(iter(self.pods()), None), "the Job has a pod")

    def becomes(self, **status):
        pod = self.the_pod()
        self.cluster.update_status(
            {**pod, "status": {**pod["status"], **status}}, manager="kubelet"
        )

    def migrate(self, *options):
        plane = f"--kubeconfig={self.cluster.plane.kubeconfig}"
        return main(["migrate", "-n", self.namespace, plane, *options])

    def run_hooks(self):
        composites = {"nimcache": installation.controller((), NIM_CACHE)}
        self.stage = StandIn(
            self.cluster, self.namespace, composites, self._engine, self._kubeconfig
        )
        self.stage.settle()

    def rests(self):
        written = writes_at_rest(self.stage)
        assert not written, readable(written)


@pytest.fixture(params=ENGINES)
def world(request, cluster, namespace):
    found = World(cluster, namespace, request.param, cluster.plane.kubeconfig)
    yield found
    if found.stage:
        found.stage.close()


def test_a_ready_cache_stays_ready_with_its_claim(world):
    world.have(operated.READY, operated.claim)
    before = world.uids()
    assert world.migrate("--apply") == 0
    assert not operator.finalizers(world.found())
    world.run_hooks()
    assert (world.state(), world.uids()) == ("Ready", before)
    status = world.found()["status"]
    assert (status["claimUID"], status["profiles"][0]["config"]) == (before[0], {"tp": "8"})
    assert world.child(kinds.JOB, "probe") is None
    world.rests()


def test_a_running_download_goes_on_in_its_pod_and_keeps_its_tags(world):
    world.have(operated.IN_PROGRESS, operated.claim, operated.job, operated.manifest)
    before, pod = world.uids(), world.the_pod()["metadata"]["uid"]
    world.becomes(phase="Running")
    assert world.migrate("--apply") == 0
    world.run_hooks()
    world.stage.until(lambda: world.state() == "InProgress", "it goes on")
    assert world.uids() == before
    assert [each["metadata"]["uid"] for each in world.pods()] == [pod]
    world.rests()
    world.becomes(phase="Succeeded")
    world.stage.until(lambda: world.state() == "Ready", "it is Ready")
    world.stage.settle()
    assert world.found()["status"]["profiles"][0]["config"]["tp"] == "8"
    assert world.uids() == before
    world.rests()


def test_a_failed_download_is_told_and_not_repeated_at_once(world):
    def job(cache):
        made = operated.job(cache)
        made["spec"]["backoffLimit"] = 0
        return made

    world.have(operated.FAILED, operated.claim, job, operated.manifest)
    before = world.uids()
    world.becomes(phase="Failed")
    world.cluster.until(
        lambda: condition(world.child(kinds.JOB, "job"), "Failed"), "the Job has failed"
    )
    assert world.migrate("--apply") == 0
    world.run_hooks()
    assert (world.state(), world.uids()) == ("Failed", before)
    assert "It starts anew at" in condition(world.found(), "Ready")["message"]
    world.rests()


def test_on_the_way_back_the_operator_finds_what_it_looks_for(world, capsys):
    world.have(operated.IN_PROGRESS, operated.claim, operated.job, operated.manifest)
    before = world.uids()
    assert world.migrate("--apply") == 0
    world.run_hooks()
    world.stage.close()
    world.stage = None
    assert world.migrate("--back", "--apply") == 0
    assert (world.uids(), world.found()["metadata"].get("finalizers", [])) == (before, [])
    for kind, suffix in ((kinds.PERSISTENT_VOLUME_CLAIM, "pvc"), (kinds.JOB, "job")):
        metadata = world.child(kind, suffix)["metadata"]
        assert lastapplied.OWNER_LABEL not in metadata["labels"]
        assert metadata["labels"][operator.MANAGED_BY] == operator.NAME
        assert lastapplied.LAST_APPLIED not in json.dumps(metadata.get("annotations", {}))
    capsys.readouterr()
    assert world.migrate("--back") == 0
    assert "nothing to migrate" in capsys.readouterr().out
