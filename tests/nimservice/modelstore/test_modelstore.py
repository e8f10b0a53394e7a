"""Model store: where a workload finds its model, and what it keeps when its NIMCache changes."""

import pytest

from hooks.nimservice import modelstore
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import Blocked, ModelStore
from hooks.nimservice.modelstore.source import LAYOUT_ANNOTATION
from tests.situations import nimservice as situation
from tests.situations.nimcache import nimcache


def nim(storage, **spec):
    return NIMService.parse(situation.nimservice(storage=storage, **spec))


def cached(**cache):
    return nim({"nimCache": {"name": "cache", **cache}})


def pod(claim="cache-pvc", sub_path=None, path="/model-store", gpus=None, **env):
    mount = {
        "name": "model-store",
        "mountPath": path,
        **({"subPath": sub_path} if sub_path else {}),
    }
    volume = {
        "name": "model-store",
        **({"persistentVolumeClaim": {"claimName": claim}} if claim else {"emptyDir": {}}),
    }
    variables = [{"name": name, "value": value} for name, value in env.items()]
    resources = {"limits": {"nvidia.com/gpu": gpus}} if gpus else {}
    return {
        "containers": [
            {"name": "llama-ctr", "volumeMounts": [mount], "env": variables, "resources": resources}
        ],
        "volumes": [volume],
    }


def fresh(llama, cache=None):
    return modelstore.resolve(llama, cache, {}, None).store


def profile(name, **config):
    return {"name": name, "config": config}


NGC = {"ngc": {"modelPuller": "nvcr.io/nim/x:1", "authSecret": "s"}}
ENDPOINT = {"ngc": {**NGC["ngc"], "modelEndpoint": "https://models"}}
HF = {
    "hf": {
        "namespace": "meta-llama",
        "modelName": "Llama-3.1-8B",
        "endpoint": "https://huggingface.co",
    }
}
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
    """Q30, I-22, I-39: in the reference a data set panics, and an endpoint of NGC gives an empty ``NIM_MODEL_PATH``."""
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


def test_an_unknown_profile_blocks_and_is_named_with_those_there_are():
    """Q50: the reference passes it on to the container."""
    store = fresh(cached(profile="int4"), nimcache(profiles=[profile(name) for name in "dcba"]))
    assert isinstance(store, Blocked)
    assert store.failed
    found = store.finding
    assert (found.reason, found.path) == ("UnknownProfile", "spec.storage.nimCache.profile")
    assert "NIMCache cache has no profile int4" in found.message
    assert found.remedy == "choose one of a, b, c …"


def test_all_profiles_are_named_where_there_are_few():
    store = fresh(cached(profile="int4"), nimcache(profiles=[profile(name) for name in "cba"]))
    assert store.finding.remedy == "choose one of a, b, c"


def test_a_profile_is_passed_on_where_the_nimcache_lists_none():
    assert fresh(cached(profile="int4"), nimcache()).profile == "int4"


@pytest.mark.parametrize("many", ["many", "9" * 80, "٣"])
def test_a_number_of_gpus_that_is_none_blocks(many):
    store = fresh(cached(profile="fp8"), nimcache(profiles=[profile("fp8", tp=many)]))
    assert isinstance(store, Blocked)
    assert store.failed
    assert f"'{many[:32]}'" in store.finding.message


# a NIMCache that cannot be used yet

JOB_FAILED = {
    "type": "NIM_CACHE_JOB_COMPLETED",
    "status": "False",
    "reason": "JobFailed",
    "message": "401 from nvcr.io",
}
RECONCILE_FAILED = {
    "type": "NIM_CACHE_RECONCILE_FAILED",
    "status": "True",
    "reason": "Failed",
    "message": "no such secret",
}


@pytest.mark.parametrize(
    ("cache", "reason", "failed", "words"),
    [
        (
            None,
            "NIMCacheNotFound",
            False,
            "NIMCache cache does not exist; create it in namespace nim",
        ),
        (nimcache(state=""), "NIMCacheNotReady", False, "(state empty)"),
        (
            nimcache(state="InProgress"),
            "NIMCacheNotReady",
            False,
            "(state InProgress); see kubectl describe nimcache cache -n nim",
        ),
        (nimcache(state="Ready", pvc=""), "NIMCacheNotReady", False, "names no claim"),
        (
            nimcache(state="Failed", conditions=[JOB_FAILED]),
            "NIMCacheFailed",
            True,
            'NIMCache cache failed ("401 from nvcr.io"); repair it or ',
        ),
        (
            nimcache(state="Failed", conditions=[RECONCILE_FAILED]),
            "NIMCacheFailed",
            True,
            "no such secret",
        ),
        (nimcache(state="Failed"), "NIMCacheFailed", True, "failed; see its Job for the cause"),
        (
            nimcache(state="Failed", conditions=[{**JOB_FAILED, "status": "True"}]),
            "NIMCacheFailed",
            True,
            "failed; see its Job for the cause",
        ),
        (
            {**nimcache(), "spec": {"source": []}},
            "NIMCacheNotReady",
            False,
            "invalid at spec.source",
        ),
        (
            {"kind": "NIMCache", "metadata": {"name": "cache"}},
            "NIMCacheNotReady",
            False,
            "(state empty)",
        ),
    ],
)
def test_a_nimcache_that_cannot_be_used_blocks_in_its_own_words(cache, reason, failed, words):
    """Q22, I-42: the reference looks for a condition that no NIMCache has, so its message is empty."""
    store = fresh(cached(), cache)
    assert isinstance(store, Blocked)
    assert (store.finding.reason, store.failed) == (reason, failed)
    assert words in store.finding.text


def test_what_a_nimcache_says_is_short_and_tells_no_secrets():
    said = "token: nvapi-" + "x1" * 20 + " " + "disk full " * 200
    store = fresh(cached(), nimcache(state="Failed", conditions=[{**JOB_FAILED, "message": said}]))
    assert "x1x1" not in store.finding.message
    assert len(store.finding.message) < 400
    assert store.finding.remedy == "repair it or create it again"


# what a running workload took

TAKEN = {
    "storageHash": modelstore.storage_hash(cached()),
    "nimCache": "cache",
    "claimName": "cache-pvc",
    "layout": "legacy",
}


def running(llama, cache, memory, *mounted):
    return modelstore.resolve(llama, cache, {"modelStore": memory} if memory else {}, pod(*mounted))


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
        "storageHash": modelstore.storage_hash(llama)
    }


CHANGES = {
    "claim": nimcache(pvc="other-pvc"),
    "folder": nimcache(spec={"storage": {"pvc": {"create": True, "subPath": "v2"}}}),
    "layout": nimcache(type="native"),
    "source": nimcache(spec={"source": HF}),
    "a single profile": nimcache(profiles=[profile("fp8", tp="2")]),
}


@pytest.mark.parametrize("cache", CHANGES.values(), ids=CHANGES)
def test_a_running_workload_keeps_what_it_took_from_a_nimcache_that_changes(cache):
    """I-2, Q16: pods restart by an edit of their NIMService and by nothing else; the status says what differs."""
    resolution = running(cached(), cache, TAKEN)
    assert resolution.store == modelstore.recall(TAKEN)
    (finding,) = resolution.findings
    assert finding.reason == "NIMCacheChanged"
    assert "spec.storage" in finding.remedy
    assert modelstore.remember(resolution, {"modelStore": TAKEN}) == TAKEN


def test_the_finding_names_what_differs():
    (finding,) = running(cached(), CHANGES["claim"], TAKEN).findings
    assert "claimName cache-pvc → other-pvc" in finding.message
    (finding,) = running(cached(), CHANGES["a single profile"], TAKEN).findings
    assert "(profile none → fp8, gpus none → 2)" in finding.message


def test_a_nimcache_that_is_as_it_was_is_no_finding():
    resolution = running(cached(), nimcache(), TAKEN)
    assert resolution.store == modelstore.recall(TAKEN)
    assert not resolution.findings


@pytest.mark.parametrize(
    "cache",
    [None, nimcache(state="InProgress"), nimcache(state="Failed"), nimcache(pvc="")],
    ids=["gone", "not ready", "failed", "without a claim"],
)
def test_a_running_workload_is_held_while_its_nimcache_cannot_be_used(cache):
    resolution = running(cached(), cache, TAKEN)
    assert isinstance(resolution.store, Blocked)
    assert modelstore.remember(resolution, {"modelStore": TAKEN}) == TAKEN


def test_an_edit_of_the_storage_takes_what_the_nimcache_has_now():
    llama = cached(profile="fp8")
    resolution = running(llama, nimcache(pvc="other-pvc", profiles=[profile("fp8")]), TAKEN)
    assert resolution.store.claim == "other-pvc"
    assert not resolution.findings
    assert modelstore.remember(resolution, {"modelStore": TAKEN})[
        "storageHash"
    ] == modelstore.storage_hash(llama)


def test_an_edit_of_anything_else_does_not():
    llama = nim({"nimCache": {"name": "cache"}}, env=[{"name": "A", "value": "1"}], replicas=2)
    assert running(llama, CHANGES["claim"], TAKEN).store.claim == "cache-pvc"


def test_going_back_to_the_storage_that_runs_recalls_it():
    """The other NIMCache was never ready, so what runs still stands in the status."""
    blocked = running(nim({"nimCache": {"name": "other"}}), None, TAKEN)
    assert isinstance(blocked.store, Blocked)
    memory = modelstore.remember(blocked, {"modelStore": TAKEN})
    assert running(cached(), CHANGES["claim"], memory).store == modelstore.recall(TAKEN)


def test_a_workload_that_was_made_anew_keeps_what_it_took_while_the_status_is_read_late():
    """The workload is observed before the status that was written with it: going back to what that says would restart its pods."""
    resolution = running(cached(), CHANGES["claim"], TAKEN, "other-pvc")
    assert resolution.store.claim == "other-pvc"
    assert not resolution.findings
    assert modelstore.remember(resolution, {"modelStore": TAKEN})["claimName"] == "other-pvc"


def test_a_workload_that_is_gone_starts_from_what_the_nimcache_has_now():
    resolution = modelstore.resolve(cached(), CHANGES["claim"], {"modelStore": TAKEN}, None)
    assert resolution.store.claim == "other-pvc"


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


# the hash of the storage


def test_the_hash_is_the_same_in_every_process_and_release():
    assert modelstore.storage_hash(cached()) == "d59c8295b971"


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
    assert modelstore.storage_hash(nim(storage)) != modelstore.storage_hash(cached())


def test_what_the_reference_operator_leaves_behind_does_not_change_the_hash():
    assert modelstore.storage_hash(
        nim({"nimCache": {"name": "cache"}, "pvc": {}})
    ) == modelstore.storage_hash(cached())
