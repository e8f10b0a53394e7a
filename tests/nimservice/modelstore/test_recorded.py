"""Recorded: what status.modelStore remembers, and the hash of the storage that it was taken for."""

import pytest

from hooks.nimservice import modelstore
from hooks.nimservice.modelstore import ModelStore
from tests.nimservice.modelstore.resolved import TAKEN, cached, nim
from tests.situations.nimcache import nimcache


def test_what_is_taken_is_remembered_with_the_storage_it_was_taken_for():
    resolution = modelstore.resolve(cached(), nimcache(), {}, None)
    assert modelstore.remember(resolution, {}) == TAKEN


@pytest.mark.parametrize(
    "store",
    [
        ModelStore(claim="c", nim_cache="cache"),
        ModelStore(
            "c",
            "sub",
            "native",
            "fp8",
            "cache",
            "/model-store",
            "hf://a/b",
            hugging_face=True,
            gpus="2",
        ),
    ],
)
def test_what_is_remembered_is_recalled(store):
    assert modelstore.recall(modelstore.remember(modelstore.Resolution(store, "hash"), {})) == store


def test_without_a_nimcache_there_is_nothing_to_remember_but_the_storage():
    llama = nim({"pvc": {"name": "models"}})
    assert modelstore.remember(modelstore.resolve(llama, None, {}, None), {}) == {
        "storageHash": llama.spec.storage.digest
    }


# the hash of the storage


def test_the_hash_is_the_same_in_every_process_and_release():
    assert cached().spec.storage.digest == "d59c8295b971"


@pytest.mark.parametrize(
    "storage",
    [
        {"nimCache": {"name": "other"}},
        {"nimCache": {"name": "cache", "profile": "fp8"}},
        {"nimCache": {"name": "cache"}, "readOnly": True},
        {"nimCache": {"name": "cache"}, "sharedMemorySizeLimit": "1Gi"},
    ],
)
def test_every_edit_of_the_storage_changes_the_hash(storage):
    assert nim(storage).spec.storage.digest != cached().spec.storage.digest


def test_what_the_reference_operator_leaves_behind_does_not_change_the_hash():
    left_behind = nim({"nimCache": {"name": "cache"}, "pvc": {}})
    assert left_behind.spec.storage.digest == cached().spec.storage.digest
