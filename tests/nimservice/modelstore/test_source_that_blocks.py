"""Source: what of a NIMCache keeps a workload from being made, in the NIMCache's own words."""

import pytest

from hooks.nimservice.modelstore import Blocked
from tests.nimservice.modelstore.resolved import cached, fresh, profile
from tests.situations.nimcache import nimcache


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
    """Q22, I-42: the reference looks for a condition that no NIMCache has, so its message is
    empty."""
    store = fresh(cached(), cache)
    assert isinstance(store, Blocked)
    assert (store.finding.reason, store.failed) == (reason, failed)
    assert words in store.finding.text


def test_a_nimcache_of_these_hooks_says_itself_what_to_do():
    ready = {"type": "Ready", "status": "False"}
    store = fresh(cached(), nimcache(state="Failed", conditions=[JOB_FAILED, ready]))
    assert store.finding.text == 'NIMCache cache failed ("401 from nvcr.io")'


def test_what_a_nimcache_says_is_short_and_tells_no_secrets():
    said = "token: nvapi-" + "x1" * 20 + " " + "disk full " * 200
    store = fresh(cached(), nimcache(state="Failed", conditions=[{**JOB_FAILED, "message": said}]))
    assert "x1x1" not in store.finding.message
    assert len(store.finding.message) < 700
    assert store.finding.remedy == "repair it or create it again"
