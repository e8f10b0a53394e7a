"""Several NIMCaches on one claim: one downloads at a time, and the others say who they wait for."""

import pytest

from hooks.nimcache import kinds, naming, sharing
from hooks.nimcache.choice import Choice
from hooks.nimcache.job import download
from hooks.nimcache.stage import Step
from nimservice_simulator.controllers.scenarios import Ending
from tests.nimcache import cluster, observing
from tests.nimcache.cluster import CLAIM, FAILING, NAMESPACE, Cluster, at_once, both_engines
from tests.nimcache.test_life_doubt import RUNS, names, pod
from tests.nimcache.test_life_doubt import stage as stage_of
from tests.situations import stored

SHARED = {"storage": {"pvc": {"name": "models"}}}


@both_engines
def test_two_that_are_made_at_once_download_one_after_the_other(engine):
    made = [cluster.nimcache(name=name, **SHARED) for name in ("first", "second", "third")]
    slow = cluster.image(download=lambda _: Ending(after=300))
    found = Cluster(CLAIM, *made, engine=engine, ends=slow)
    found.advance(200)
    waiting = [
        found.condition(name=name)["message"]
        for name in ("first", "second", "third")
        if found.condition(name=name)["reason"] == "ClaimShared"
    ]
    assert len(waiting) == 2
    assert all("is downloading into claim models. This one follows" in each for each in waiting)
    found.settle()
    assert {found.status(name)["state"] for name in ("first", "second", "third")} == {"Ready"}
    assert at_once(found) == 1
    assert not found.writes_at_rest()


def test_between_the_attempts_of_one_no_other_begins():
    made = [cluster.nimcache(name=name, **SHARED) for name in ("first", "second")]
    found = Cluster(CLAIM, *made, ends=cluster.image(download=cluster.fails(2, FAILING)))
    found.settle()
    assert {found.status(name)["state"] for name in ("first", "second")} == {"Ready"}
    assert at_once(found) == 1


def test_folders_of_one_claim_are_filled_side_by_side():
    folders = {
        name: cluster.nimcache(
            name=name, storage={"pvc": {"name": "models", "subPath": f"{name}/"}}
        )
        for name in ("first", "second")
    }
    slow = cluster.image(download=lambda _: Ending(after=300))
    found = Cluster(CLAIM, *folders.values(), ends=slow)
    found.advance(200)
    assert {found.status(name)["state"] for name in folders} == {"InProgress"}


def test_a_claim_of_another_cache_goes_with_it_and_that_is_told():
    owner = cluster.nimcache(name="owner")
    user = cluster.nimcache(name="user", storage={"pvc": {"name": "owner-pvc", "subPath": "user"}})
    found = Cluster(owner, user)
    found.settle()
    told = found.condition("Degraded", "user")
    assert (found.status("user")["state"], told["reason"]) == ("Ready", "ClaimShared")
    assert "Claim owner-pvc belongs to NIMCache owner, and is deleted with it" in told["message"]
    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "owner-pvc", NAMESPACE)
    assert [each["name"] for each in claim["metadata"]["ownerReferences"]] == ["owner"]
    assert not found.condition("Degraded", "owner")


CACHE = observing.parent()
MINE = observing.claim(CACHE)


def other(**metadata):
    """Return the download of another NIMCache into the same claim."""
    made = download.made(observing.context([MINE], cache=CACHE), Choice(names=("b",)))
    job = stored.applied(made, CACHE)
    owner = {"kind": "NIMCache", "name": "other", "uid": "o", "controller": True}
    return {
        **job,
        "metadata": {
            **job["metadata"],
            "name": "other-job",
            "ownerReferences": [owner],
            **metadata,
        },
    }


def own(**status):
    made = download.made(observing.context([MINE], cache=CACHE), Choice(names=("a",)))
    return stored.applied(made, CACHE, status=status)


EARLIER, LATER = "2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("made", "step"), [(EARLIER, Step.CLAIM_SHARED), (LATER, Step.DOWNLOADING)]
)
def test_of_two_that_did_not_see_each_other_the_older_one_stays(made, step):
    assert stage_of(MINE, own(), related=[other(creationTimestamp=made)]).step is step


def test_one_that_runs_is_never_ended_for_another_and_both_are_told():
    running = own(active=1)
    related = [pod(running, **RUNS), other(creationTimestamp=EARLIER)]
    found = stage_of(MINE, running, related=related)
    assert (found.step, names(found)) == (Step.DOWNLOADING, ["llama-cache-job"])
    warned = sharing.warning(observing.context([MINE, running], related, cache=CACHE))
    assert (warned.reason, "NIMCache other" in warned.message) == ("ClaimShared", True)


@pytest.mark.parametrize("ended", ["Complete", "Failed"])
def test_one_that_has_ended_is_waited_for_no_more(ended):
    over = {
        **other(creationTimestamp=EARLIER),
        "status": {"conditions": [{"type": ended, "status": "True"}]},
    }
    assert stage_of(MINE, own(), related=[over]).step is Step.DOWNLOADING


def test_a_job_that_belongs_to_nobody_is_named():
    nobodys = other(creationTimestamp=EARLIER, ownerReferences=[])
    found = stage_of(MINE, own(), related=[nobodys])
    assert found.finding.message.startswith(
        "Job other-job is downloading into claim llama-cache-pvc"
    )


@pytest.mark.parametrize("folder", ["a", "a/", "/a", "./a", "b/../a", "a//"])
def test_a_folder_is_the_same_however_it_is_written(folder):
    store = [
        naming.store(observing.context(storage={"pvc": {"name": "models", "subPath": each}}).cache)
        for each in (folder, "a")
    ]
    assert store[0] == store[1]
