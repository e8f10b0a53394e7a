"""Many NIMCaches and many nodes: what they cost, and that they come to rest."""

from collections import Counter

import pytest

from hooks.nimcache import kinds
from hooks.resources import Settings
from tests.nimcache import cluster
from tests.nimcache.cluster import NAMESPACE, Cluster, both_engines, settled

CROWD = 40


@both_engines
def test_a_crowd_is_filled_at_once_and_comes_to_rest(engine):
    """At ten writes each. Under server-side apply, one of them applies the claim once more when it
    is bound, which changes nothing."""
    names = [f"cache-{number}" for number in range(CROWD)]
    found = Cluster(*(cluster.nimcache(name=name) for name in names), engine=engine)
    found.advance(120)
    states = Counter(
        obj["status"]["state"] for obj in found.server.list(kinds.NIM_CACHE, NAMESPACE)
    )
    assert states == {"Ready": CROWD}
    writes = found.loop.api.writes()
    assert sum(writes.values()) <= 10 * CROWD, writes
    found.advance(700)
    assert not found.server.list(kinds.JOB, NAMESPACE)
    assert not found.writes_at_rest()


NODES = 100


def beat(found, number):
    """Let all nodes report, as kubelets do every five minutes."""
    for index in range(NODES):
        found.edit(
            cluster.NODE,
            f"node-{index}",
            lambda node: node["metadata"].setdefault("annotations", {}).update(beat=str(number)),
            "",
        )


def syncs_by_a_beat(found, number):
    before = found.calls["/nimcache/sync"]
    beat(found, number)
    found.work()
    return found.calls["/nimcache/sync"] - before


@pytest.fixture(scope="module")
def fleet():
    nodes = [cluster.node(f"node-{index}", "NVIDIA-H100-80GB-HBM3") for index in range(NODES)]
    caches = [cluster.nimcache(name=f"cache-{number}") for number in range(10)]
    found = Cluster(*nodes, *caches, settings=Settings(gpu_discovery=True))
    found.advance(150)
    return found


def test_twenty_minutes_after_the_last_cache_is_ready_no_node_causes_a_sync(fleet):
    states = {obj["status"]["state"] for obj in fleet.server.list(kinds.NIM_CACHE, NAMESPACE)}
    assert states == {"Ready"}
    assert syncs_by_a_beat(fleet, 1) > 0, "the rule is kept for a while, or nothing is tried here"
    for number in range(2, 6):
        fleet.advance(300)
        beat(fleet, number)  # kubelets go on reporting in these twenty minutes
        fleet.work()
    for number in range(6, 10):
        fleet.advance(300)
        assert syncs_by_a_beat(fleet, number) == 0


def test_what_is_written_by_a_node_that_reports_is_nothing(fleet):
    before = fleet.loop.api.writes()
    beat(fleet, 10)
    fleet.work()
    assert fleet.loop.api.writes() == before


@pytest.mark.parametrize(
    "spec",
    [
        cluster.ngc(model={"profiles": ["all"]}),
        cluster.ngc(model={"profiles": ["a"]}),
        cluster.ngc(model={"gpus": [{"product": "h100"}]}),
        cluster.ngc(modelEndpoint="ngc://x:1"),
        {"source": {"hf": cluster.HUB}},
        {"nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}},
    ],
)
def test_who_needs_no_gpu_is_synced_by_no_node(spec):
    node = cluster.node("node-0", "NVIDIA-H100-80GB-HBM3")
    found = settled(node, cluster.nimcache(**spec), settings=Settings(gpu_discovery=True))
    before = found.calls["/nimcache/sync"]
    found.edit(
        cluster.NODE, "node-0", lambda each: each["metadata"].update(annotations={"a": "b"}), ""
    )
    found.work()
    assert found.calls["/nimcache/sync"] == before
