"""What the API server refuses of a NIMCache, and what a NIMService reads of one."""

import pytest

from hooks.kernel.crd import admission
from hooks.nimcache.api import NIMCache
from tests.nimcache.api.examples import ADMITTED, CHANGED, FIXED, REFUSED, ngc


@pytest.mark.parametrize("case", REFUSED)
def test_refused(nimcache, case):
    spec, path, message = REFUSED[case]
    assert [
        problem
        for problem in admission.problems(nimcache(**spec))
        if problem.path == path and message in problem.text
    ]


@pytest.mark.parametrize("case", ADMITTED)
def test_admitted(nimcache, case):
    assert admission.problems(nimcache(**ADMITTED[case])) == []


@pytest.mark.parametrize("case", FIXED)
def test_what_is_downloaded_and_where_to_cannot_be_changed(nimcache, case):
    before, after, path = FIXED[case]
    problems = admission.problems(nimcache(**after), nimcache(**before))
    assert path in {problem.path for problem in problems}
    assert all("create another NIMCache" in problem.text for problem in problems)


@pytest.mark.parametrize("case", CHANGED)
def test_what_decides_how_may_be_changed(nimcache, case):
    before, after = CHANGED[case]
    assert admission.problems(nimcache(**after), nimcache(**before)) == []


def test_a_name_that_no_job_could_have_is_refused_where_it_stands(nimcache):
    long = nimcache()
    long["metadata"]["name"] = "l" * 58
    (problem,) = admission.problems(long)
    assert (problem.path, problem.message.split(",")[0]) == (
        "metadata.name",
        "must have at most 57 characters",
    )
    assert admission.problems(long, long) == []


def test_a_cache_is_read_however_little_it_holds():
    cache = NIMCache.read({"metadata": {"name": "llama-cache"}})
    assert (
        cache.spec.source.ngc,
        cache.spec.storage.pvc.name,
        cache.status.state,
        cache.status.profiles,
    ) == (None, None, None, [])


def test_values_that_only_the_api_server_minds_do_not_stop_a_nimservice(nimcache):
    manifest = nimcache(
        **ngc(authSecret=""), storage={"pvc": {"volumeAccessMode": "odd", "subPath": "llama"}}
    )
    assert NIMCache.read(manifest).spec.storage.pvc.sub_path == "llama"


def test_a_ready_cache_names_its_claim_and_profiles(nimcache):
    status = {
        "state": "Ready",
        "pvc": "llama-cache-pvc",
        "profiles": [{"name": "fp8", "config": {"tp": "2"}}],
        "conditions": [{"type": "X"}],
    }
    cache = NIMCache.read(nimcache() | {"status": status})
    assert (cache.status.pvc, cache.status.profiles[0].config, cache.status.conditions) == (
        "llama-cache-pvc",
        {"tp": "2"},
        [{"type": "X"}],
    )
