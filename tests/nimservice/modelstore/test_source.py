"""Source: where a workload finds its model now, by its storage and its NIMCache."""

import pytest

from hooks.nimservice.modelstore import ModelStore
from hooks.nimservice.modelstore.source import LAYOUT_ANNOTATION
from tests.nimservice.modelstore.resolved import HF, cached, fresh, nim, profile
from tests.situations.nimcache import nimcache

NGC = {"ngc": {"modelPuller": "nvcr.io/nim/x:1", "authSecret": "s"}}
ENDPOINT = {"ngc": {**NGC["ngc"], "modelEndpoint": "https://models"}}
DATASET = {
    "hf": {"namespace": "meta-llama", "datasetName": "squad", "endpoint": "https://huggingface.co"}
}
DATA_STORE = {
    "dataStore": {"namespace": "default", "modelName": "m", "endpoint": "http://store/v1/hf"}
}


@pytest.mark.parametrize(
    ("storage", "store"),
    [
        ({"pvc": {"name": "models"}}, ModelStore(claim="models")),
        (
            {"pvc": {"name": "models", "subPath": "llama"}},
            ModelStore(claim="models", sub_path="llama"),
        ),
        ({"pvc": {"create": True, "size": "1Gi"}}, ModelStore(claim="llama-pvc")),
        ({"pvc": {"create": True, "size": "1Gi", "name": "mine"}}, ModelStore(claim="mine")),
        ({"emptyDir": {}}, ModelStore()),
        ({"hostPath": "/models"}, ModelStore()),
    ],
)
def test_without_a_nimcache_the_storage_says_it_all(storage, store):
    assert fresh(nim(storage)) == store


@pytest.mark.parametrize(
    ("annotation", "layout"),
    [("native", "native"), ("legacy", "legacy"), ("other", "legacy"), (None, "legacy")],
)
def test_without_a_nimcache_an_annotation_gives_the_layout(annotation, layout):
    """Q29, I-19: the reference asks the registry at every reconcile."""
    annotations = {LAYOUT_ANNOTATION: annotation} if annotation else {}
    assert fresh(nim({"emptyDir": {}}, annotations=annotations)).layout == layout


def test_a_nimcache_wins_over_every_other_storage():
    llama = nim(
        {
            "nimCache": {"name": "cache"},
            "pvc": {"create": True, "size": "1Gi", "subPath": "mine"},
            "emptyDir": {},
        }
    )
    assert fresh(llama, nimcache()) == ModelStore(claim="cache-pvc", nim_cache="cache")


@pytest.mark.parametrize(
    ("pvc", "claim", "sub_path"),
    [
        ({"create": True}, "cache-pvc", None),
        ({"name": "named", "subPath": "llama"}, "named", "llama"),
        ({"name": "", "subPath": ""}, "cache-pvc", None),
    ],
)
def test_claim_and_folder_are_those_of_the_nimcache(pvc, claim, sub_path):
    store = fresh(cached(), nimcache(spec={"storage": {"pvc": pvc}}))
    assert (store.claim, store.sub_path) == (claim, sub_path)


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        (NGC, {}),
        (ENDPOINT, {"model_name": "/model-store"}),
        (
            HF,
            {
                "model_name": "/model-store",
                "model_path": "hf://meta-llama/Llama-3.1-8B",
                "hugging_face": True,
            },
        ),
        (DATASET, {"model_name": "/model-store", "hugging_face": True}),
        (DATA_STORE, {"hugging_face": True}),
    ],
    ids=["an image of NGC", "an endpoint of NGC", "Hugging Face", "a data set", "a data store"],
)
def test_what_the_model_server_is_told_depends_on_the_source(source, taken):
    """Q30, I-22, I-39: in the reference a data set panics, and an endpoint of NGC gives an empty
    ``NIM_MODEL_PATH``."""
    assert fresh(cached(), nimcache(spec={"source": source})) == ModelStore(
        claim="cache-pvc", nim_cache="cache", **taken
    )


@pytest.mark.parametrize(
    ("type_", "layout"),
    [("native", "native"), ("model-free", "legacy"), ("", "legacy"), (None, "legacy")],
)
def test_the_nimcache_knows_the_layout(type_, layout):
    assert fresh(cached(), nimcache(type=type_)).layout == layout


# profiles


def test_a_single_cached_profile_needs_no_choice():
    """Q45: the reference adds neither profile nor GPUs."""
    store = fresh(cached(), nimcache(profiles=[profile("fp8", tp="2")]))
    assert (store.profile, store.gpus) == ("fp8", "2")


def test_of_several_profiles_none_is_chosen():
    store = fresh(cached(), nimcache(profiles=[profile("fp8", tp="2"), profile("bf16", tp="4")]))
    assert (store.profile, store.gpus) == (None, None)


@pytest.mark.parametrize(
    ("config", "gpus"),
    [
        ({"tensorParallelism": "4", "tp": "2"}, "4"),
        ({"tp": "2"}, "2"),
        ({}, "1"),
    ],
)
def test_a_profile_says_how_many_gpus_it_needs(config, gpus):
    assert (
        fresh(
            cached(profile="fp8"), nimcache(profiles=[profile("fp8", **config), profile("other")])
        ).gpus
        == gpus
    )


def test_only_an_image_of_ngc_says_how_many_gpus_it_needs():
    store = fresh(
        cached(profile="fp8"), nimcache(spec={"source": HF}, profiles=[profile("fp8", tp="2")])
    )
    assert (store.profile, store.gpus) == ("fp8", None)


def test_a_group_of_nodes_needs_its_tensor_parallelism_on_each():
    """Q15: the reference asks for 0 GPUs where it is not given."""
    llama = nim(
        {"nimCache": {"name": "cache", "profile": "fp8"}},
        multiNode={"parallelism": {"pipeline": 2}},
    )
    assert fresh(llama, nimcache(profiles=[profile("fp8", tp="8")])).gpus == "1"


def test_a_profile_is_passed_on_where_the_nimcache_lists_none():
    assert fresh(cached(profile="int4"), nimcache()).profile == "int4"
