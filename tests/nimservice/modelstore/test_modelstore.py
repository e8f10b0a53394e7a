"""Model store: where a workload finds its model, and what it keeps when its NIMCache changes."""

import pytest

from hooks.nimservice import modelstore
from hooks.nimservice.modelstore import Blocked
from tests.nimservice.modelstore.resolved import HF, TAKEN, cached, nim, profile, running
from tests.situations.nimcache import nimcache

CHANGES = {
    "claim": nimcache(pvc="other-pvc"),
    "folder": nimcache(spec={"storage": {"pvc": {"create": True, "subPath": "v2"}}}),
    "layout": nimcache(type="native"),
    "source": nimcache(spec={"source": HF}),
    "a single profile": nimcache(profiles=[profile("fp8", tp="2")]),
}


@pytest.mark.parametrize("cache", CHANGES.values(), ids=CHANGES)
def test_a_running_workload_keeps_what_it_took_from_a_nimcache_that_changes(cache):
    """I-2, Q16: pods restart by an edit of their NIMService and by nothing else; the status says
    what differs."""
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
    assert (
        modelstore.remember(resolution, {"modelStore": TAKEN})["storageHash"]
        == llama.spec.storage.digest
    )


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
    """The workload is observed before the status that was written with it: going back to what that
    says would restart its pods."""
    resolution = running(cached(), CHANGES["claim"], TAKEN, "other-pvc")
    assert resolution.store.claim == "other-pvc"
    assert not resolution.findings
    assert modelstore.remember(resolution, {"modelStore": TAKEN})["claimName"] == "other-pvc"


def test_a_workload_that_is_gone_starts_from_what_the_nimcache_has_now():
    resolution = modelstore.resolve(cached(), CHANGES["claim"], {"modelStore": TAKEN}, None)
    assert resolution.store.claim == "other-pvc"
