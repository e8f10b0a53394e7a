"""Cache: what a NIMCache makes on its way to Ready, without a cluster."""

from datetime import UTC, datetime

import pytest

from hooks.preview import cache, image
from hooks.resources import Settings
from tests.nimcache import cluster, manifests
from tests.nimcache.sources import SOURCES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
H100 = Settings(gpu_products="NVIDIA-H100-80GB-HBM3")
ALL = ["llama-cache-pvc", "llama-cache-probe", "llama-cache-job"]


def filled(made, *others, settings=H100, pages=()):
    return cache.filled(made, others, settings, now=NOW, pages=pages)


def names(found):
    return [each["metadata"]["name"] for each in found.children]


def test_with_the_manifest_of_the_image_it_goes_all_the_way():
    found = filled(cluster.nimcache(), pages=image.read(manifests.mapped(12)))
    assert names(found) == ALL
    assert found.status["state"] == "Ready"
    assert [each["config"]["gpu"] for each in found.status["profiles"]] == ["H100"]


def test_it_is_what_a_cluster_makes():
    found = filled(cluster.nimcache(), pages=image.read(manifests.mapped(12)))
    live = cluster.Cluster(cluster.nimcache())
    live.advance(60)
    job = live.job()
    assert (
        found.children[2]["spec"]["template"]["spec"]["containers"][0]["args"]
        == (job["spec"]["template"]["spec"]["containers"][0]["args"])
    )


def test_without_a_manifest_it_stops_at_the_probe_and_counts_as_ready():
    found = filled(cluster.nimcache())
    assert names(found) == ALL[:2]
    assert cache.waits_for_its_image(found.status)
    assert cache.seen(cluster.nimcache(), found) == {"state": "Ready", "pvc": "llama-cache-pvc"}


@pytest.mark.parametrize(
    ("fields", "made"),
    [
        (cluster.ngc(modelEndpoint="ngc://x:1"), [ALL[0], ALL[2]]),
        ({"source": {"hf": cluster.HUB}, "annotations": {"apps.nvidia.com/model-layout": "legacy"}}, [ALL[0], ALL[2]]),
        (
            {"storage": {"pvc": {"name": "models"}}, "annotations": {"apps.nvidia.com/prefilled": "true"}},
            [],
        ),
    ],
)  # fmt: skip
def test_what_needs_no_image_needs_no_manifest(fields, made):
    found = filled(cluster.nimcache(**fields))
    assert (names(found), found.status["state"]) == (made, "Ready")


def test_a_refused_spec_makes_nothing_and_says_why():
    found = filled(cluster.nimcache(storage={"pvc": {"create": True}}))
    assert (names(found), found.status["state"]) == ([], "Failed")
    assert cache.seen(cluster.nimcache(), found) == found.status


def test_an_unknown_gpu_is_asked_for():
    pages = image.read(manifests.mapped(12))
    found = filled(cluster.nimcache(), settings=Settings(), pages=pages)
    assert found.status["conditions"][0]["reason"] == "GPUUnknown"
    node = cluster.node("a", "NVIDIA-L40S")
    found = filled(cluster.nimcache(), node, settings=Settings(gpu_discovery=True), pages=pages)
    assert found.status["conditions"][0]["reason"] in ("Ready", "NoProfileMatches")


@pytest.mark.parametrize("case", SOURCES)
def test_every_source_ends(case):
    spec, *_ = SOURCES[case]
    found = filled(cluster.nimcache(**spec), pages=image.assumed(cluster.nimcache(**spec)))
    assert found.status["state"] in ("Ready", "Failed")
