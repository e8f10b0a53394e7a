"""Running: what a pod shows of the model store that it was made for, where nothing remembers
that."""

import pytest

from hooks.nimservice import modelstore
from hooks.nimservice.modelstore import Blocked, ModelStore
from tests.nimservice.modelstore.resolved import cached, nim, pod, profile, running
from tests.situations.nimcache import nimcache


def test_a_lost_memory_is_no_harm_where_the_pod_mounts_the_same():
    resolution = running(cached(), nimcache(), None)
    assert resolution.store == ModelStore(claim="cache-pvc", nim_cache="cache")


@pytest.mark.parametrize("mounted", [("old-pvc",), ("cache-pvc", "old"), (None,)])
def test_a_lost_memory_holds_a_pod_that_mounts_something_else(mounted):
    resolution = running(cached(), nimcache(), None, *mounted)
    assert isinstance(resolution.store, Blocked)
    assert resolution.store.finding.reason == "NIMCacheChanged"
    claim, folder = (*mounted, None)[:2]
    assert (
        f"({claim}/{folder or ''} → cache-pvc/, layout legacy)" in resolution.store.finding.message
    )


CACHED = nimcache(profiles=[profile("fp8", tp="2")])


@pytest.mark.parametrize(
    "told",
    [
        {"NIM_MODEL_PROFILE": "fp16", "gpus": "2"},
        {"gpus": "2"},
        {"NIM_MODEL_PROFILE": "fp8", "gpus": "1"},
        {"NIM_MODEL_PROFILE": "fp8"},
    ],
    ids=["another profile", "no profile", "fewer GPUs", "no GPUs"],
)
def test_what_a_pod_without_memory_was_told_is_taken_over(told):
    """It held the workload, and after a migration no edit reached the model any more."""
    resolution = modelstore.resolve(cached(), CACHED, {}, pod(**told))
    store = resolution.store
    assert (store.profile, store.gpus) == (told.get("NIM_MODEL_PROFILE"), told.get("gpus"))
    assert resolution.findings == ()
    memory = {"modelStore": modelstore.remember(resolution, {})}
    assert modelstore.resolve(cached(), CACHED, memory, pod(**told)) == resolution
    assert modelstore.resolve(cached(), CACHED, memory, pod()) == resolution


def test_an_edit_of_the_storage_ends_what_was_taken_over():
    memory = {
        "modelStore": modelstore.remember(modelstore.resolve(cached(), CACHED, {}, pod()), {})
    }
    edited = modelstore.resolve(cached(profile="fp8"), CACHED, memory, pod())
    assert (edited.store.profile, edited.store.gpus, edited.findings) == ("fp8", "2", ())


def test_a_profile_that_the_spec_names_and_the_pod_lacks_is_told():
    resolution = modelstore.resolve(cached(profile="fp8"), CACHED, {}, pod(gpus="2"))
    (finding,) = resolution.findings
    assert (finding.reason, resolution.store.profile) == ("NIMCacheChanged", None)
    assert "(profile none → fp8)" in finding.message


def test_a_volume_that_the_nimcache_changes_later_is_told():
    memory = {
        "modelStore": modelstore.remember(modelstore.resolve(cached(), CACHED, {}, pod()), {})
    }
    (finding,) = modelstore.resolve(cached(), nimcache(pvc="other"), memory, pod()).findings
    assert "(claimName cache-pvc → other)" in finding.message


@pytest.mark.parametrize(
    ("cache", "path", "layout"),
    [
        (nimcache(type="native"), "/model-store", "legacy"),
        (nimcache(), "/model", "native"),
    ],
)
def test_the_layout_of_a_pod_without_memory_is_taken_over(cache, path, layout):
    assert modelstore.resolve(cached(), cache, {}, pod(path=path)).store.layout == layout


@pytest.mark.parametrize("optional", [None, True])
def test_a_pod_without_memory_shows_whether_its_model_is_one_of_hugging_face(optional):
    shown = pod(NIM_MODEL_NAME="/model-store")
    key = {"name": "hf", "key": "HF_TOKEN", **({"optional": optional} if optional else {})}
    shown["containers"][0]["env"].append({"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": key}})
    store = modelstore.resolve(cached(), CACHED, {}, shown).store
    assert (store.model_name, store.hugging_face) == ("/model-store", optional is None)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, {"NIM_MODEL_PROFILE": "fp8", "gpus": "2"}),
        (
            {"env": [{"name": "NIM_MODEL_PROFILE", "value": "mine"}]},
            {"NIM_MODEL_PROFILE": "mine", "gpus": "2"},
        ),
        (
            {"resources": {"limits": {"nvidia.com/gpu": 8}}},
            {"NIM_MODEL_PROFILE": "fp8", "gpus": "8"},
        ),
    ],
    ids=["the same", "what the user says", "as many GPUs as the user says"],
)
def test_a_lost_memory_is_no_harm_where_the_pod_is_told_the_same(asked, told):
    llama = nim({"nimCache": {"name": "cache"}}, **asked)
    assert modelstore.resolve(llama, CACHED, {}, pod(**told)).store.profile == "fp8"


def test_a_memory_that_no_pod_can_be_made_from_counts_as_lost():
    written = {
        **modelstore.remember(modelstore.resolve(cached(), CACHED, {}, None), {}),
        "gpus": "many",
    }
    assert (
        modelstore.resolve(
            cached(), CACHED, {"modelStore": written}, pod(NIM_MODEL_PROFILE="fp8", gpus="2")
        ).store.gpus
        == "2"
    )


def test_an_edit_of_the_storage_releases_a_pod_whose_memory_was_lost():
    blocked = running(cached(), nimcache(), None, "old-pvc")
    memory = modelstore.remember(blocked, {})
    assert isinstance(running(cached(), nimcache(), memory, "old-pvc").store, Blocked)
    edited = cached(profile="fp8")
    assert (
        running(edited, nimcache(profiles=[profile("fp8")]), memory, "old-pvc").store.claim
        == "cache-pvc"
    )
