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


@pytest.mark.parametrize(
    "mounted", [("old-pvc",), ("cache-pvc", "old"), (None,), ("cache-pvc", None, "/model")]
)
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
def test_a_lost_memory_holds_a_pod_that_is_told_something_else(told):
    assert isinstance(modelstore.resolve(cached(), CACHED, {}, pod(**told)).store, Blocked)


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
