"""Many NIMCaches at once on a real API server, beside nodes with GPUs that report.

``NIMCACHES=200 GPU_NODES=100`` measures what ``docs/performance.md`` says;
``--log-cli-level=warning`` shows the figures.
"""

import itertools
import logging
import os
import time
from collections import Counter

import pytest

from hooks.nimcache import kinds
from tests.control_plane import sidebyside
from tests.control_plane.caches.common import NODES
from tests.control_plane.cluster import NAMESPACE, USER, readable
from tests.control_plane.kubelet import NODE, Kubelet

CACHES = int(os.environ.get("NIMCACHES", "6"))
GPU_NODES = int(os.environ.get("GPU_NODES", "4"))
MOST = 10
"""Writes that a NIMCache may cost until it is Ready."""

LOGGER = logging.getLogger(__name__)

_NUMBERS = itertools.count(1)


@pytest.fixture
def lab(player, cluster, installed, account, plane, tmp_path):  # noqa: PLR0917 - fixtures
    """Return a namespace where NIMCaches are filled, beside nodes with GPUs."""
    if not plane.has_controllers:
        pytest.skip("no controller manager")
    namespace = f"crowd-{next(_NUMBERS)}"
    meta = {"name": namespace}
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta}, manager=USER)
    names = [NODE, *(f"{NODE}-{number}" for number in range(1, GPU_NODES))]
    labels = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}
    for name in names:
        cluster.put(
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}
        )
    stage = player(namespace)
    stage.manage(installed["nimcache"])
    lab = sidebyside.Lab(stage, Kubelet(cluster, tmp_path / "images"), account)
    try:
        yield lab
    finally:
        lab.close()
        stage.close()
        for name in names:
            cluster.delete(NODES, "", name)
        cluster.delete(NAMESPACE, "", namespace)


def report(lab, number):
    """Let every node report, as kubelets do every five minutes."""
    for node in lab.cluster.list(NODES):
        name = node["metadata"]["name"]
        if name.startswith(NODE):
            beat = {"metadata": {"annotations": {"beat": str(number)}}}
            lab.cluster.connection.request(
                "PATCH",
                lab.cluster.path(NODES, "", name),
                beat,
                content_type="application/merge-patch+json",
            )


def test_a_crowd_costs_ten_writes_each_and_then_none(lab):
    names = [f"cache-{number}" for number in range(CACHES)]
    began = time.monotonic()
    for name in names:
        lab.cache(name)
    report(lab, 1)

    def turn():
        lab.work()
        return all(lab.status(name).get("state") == "Ready" for name in names)

    lab.stage.until(turn, "every NIMCache is Ready", seconds=60 + 6 * CACHES)
    seconds = time.monotonic() - began
    lab.stage.settle()
    written = Counter((verb, resource) for verb, resource, _ in lab.account.wrote(lab.since))
    each = written.total() / CACHES
    said = "%s NIMCaches, %s: %.1f writes each, Ready after %.0f s: %s"
    LOGGER.warning(said, CACHES, lab.stage.engine, each, seconds, readable(written))
    assert written.total() <= MOST * CACHES, readable(written)
    report(lab, 2)
    lab.stage.settle()
    assert len([*lab.account.wrote(lab.since)]) == written.total(), "a node caused a write"
    lab.stage.resync()
    # The API server's own counters would have what the namespaces of other tests lose meanwhile.
    assert len([*lab.account.wrote(lab.since)]) == written.total(), "a sync at rest wrote"
    assert [len(lab.runs(name)) for name in names] == [1] * CACHES
    assert {lab.made(kinds.JOB, f"{name}-job") for name in names} == {1}
