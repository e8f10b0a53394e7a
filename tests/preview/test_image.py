"""Image: a stand-in is read by the hooks as the probe of a real image would be."""

import pytest

from hooks.nimcache.report import report
from hooks.nimcache.report.modelmanifest import Unreadable
from hooks.preview import image
from tests.nimcache import cluster, manifests


@pytest.mark.parametrize("text", [manifests.mapped(40), manifests.listed(40)])
def test_a_manifest_is_packed_as_the_probe_packs_it(text):
    ours, probed = report.joined(image.read(text)), report.joined(cluster.messages(text))
    assert ours.catalogue == probed.catalogue


@pytest.mark.parametrize(
    ("text", "why"), [("- a", "no map"), (manifests.mapped(250), "more profiles than")]
)
def test_what_the_probe_could_not_tell_is_no_image(text, why):
    with pytest.raises(Unreadable, match=why):
        image.read(text)


def test_a_nimcache_that_names_profiles_says_what_its_image_has():
    pages = image.known(cluster.nimcache(**cluster.ngc(model={"profiles": ["a", "b"]})))
    assert [each.name for each in report.joined(pages).catalogue.profiles] == ["a", "b"]
    assert image.known(cluster.nimcache()) == ()
    assert image.known(cluster.nimcache(source={"ngc": 1})) == ()


FILTERS = [
    {"engine": "tensorrt"},
    {"engine": "vllm", "lora": False},
    {"precision": "fp8", "tensorParallelism": "8", "qosProfile": "latency"},
    {"gpus": [{"product": "l40s", "ids": ["26b5"]}], "engine": "tensorrt_llm"},
    {"lora": True},
    {"buildable": True},
    {"profiles": ["a"]},
    {},
]


@pytest.mark.parametrize("model", FILTERS, ids=str)
def test_an_assumed_image_has_what_is_asked_for_and_another_lacks_it(model):
    cache = cluster.nimcache(**cluster.ngc(model=model))
    node = cluster.node("a", "NVIDIA-H100-80GB-HBM3")
    has = image.assumed(cache)
    found = cluster.settled(cache, node, ends=ends(has))
    assert found.status()["state"] == "Ready"
    lacking = image.lacking(cache)
    assert bool(lacking) == bool({*model} - {"gpus", "lora", "buildable"})
    if lacking:
        found = cluster.settled(cache, node, ends=ends(lacking))
        assert found.reason() in ("NoProfileMatches", "UnknownProfile")


def ends(pages):
    def of(start):
        names = ["page-1", "page-2", "nim-cache-ctr"]
        role = start.pod["metadata"]["labels"]["apps.nvidia.com/nimcache-role"]
        message = pages[names.index(start.container)] if role == "probe" else ""
        return cluster.Ending(message=message, after=1)

    return of


@pytest.mark.parametrize(
    ("fields", "asks"),
    [
        ({}, True),
        ({"nodeSelector": {"nvidia.com/gpu.product": "x"}}, False),
        (cluster.ngc(model={"profiles": ["a"]}), False),
        (cluster.ngc(model={"engine": "vllm"}), False),
        ({"source": {"hf": cluster.HUB}}, False),
    ],
)
def test_what_depends_on_the_gpus_of_the_cluster(fields, asks):
    assert image.asks_for_gpus(cluster.nimcache(**fields)) == asks
