"""What the API server admits and refuses of a NIMCache: the rules of the CRD, run by the server
that will run them."""

import re

import pytest

from hooks.nimcache import kinds
from hooks.nimcache.choice import Choice
from hooks.nimcache.job import download, probe
from tests.nimcache import observing
from tests.nimcache.api import examples
from tests.nimcache.sources import PROXY, SOURCES


@pytest.fixture
def manifest(namespace):
    """Return a function that makes a NIMCache out of fields of its spec, on top of the least that
    works."""

    def make(spec, name="llama-cache"):
        least = {**examples.ngc(), **examples.claim(create=True, size="50Gi")}
        return {
            "apiVersion": kinds.NIM_CACHE.api_version,
            "kind": kinds.NIM_CACHE.kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": least | spec,
        }

    return make


def test_every_refusal_of_the_offline_check_is_the_servers(cluster, manifest):
    verdicts = {
        case: cluster.refusal(manifest(spec)) for case, (spec, _, _) in examples.REFUSED.items()
    }
    assert [case for case, refusal in verdicts.items() if not refusal] == []
    assert {
        case: refusal
        for case, refusal in verdicts.items()
        if examples.REFUSED[case][1] not in refusal
    } == {}


def test_what_the_offline_check_admits_the_server_admits(cluster, manifest):
    assert {
        case: refusal
        for case, spec in examples.ADMITTED.items()
        if (refusal := cluster.refusal(manifest(spec)))
    } == {}


def test_a_name_that_no_job_could_have_is_refused(cluster, manifest):
    refusal = cluster.refusal(manifest({}, name="l" * 58))
    # An older Kubernetes names the type of the value first.
    assert re.search(
        r'metadata: Invalid value: ("object": )?metadata\.name must have at most 57', refusal
    )


def test_what_is_downloaded_and_where_to_is_refused_as_a_change(cluster, manifest):
    verdicts = {
        case: cluster.refusal_of_change(manifest(before), manifest(after))
        for case, (before, after, _) in examples.FIXED.items()
    }
    assert {
        case: refusal
        for case, refusal in verdicts.items()
        if "create another NIMCache" not in refusal or examples.FIXED[case][2] not in refusal
    } == {}


def test_what_decides_how_is_admitted_as_a_change(cluster, manifest):
    assert {
        case: refusal
        for case, (before, after) in examples.CHANGED.items()
        if (refusal := cluster.refusal_of_change(manifest(before), manifest(after)))
    } == {}


def test_the_status_keeps_all_that_the_hooks_write(cluster, manifest):
    stored = cluster.put(manifest({}))
    written = {
        "observedGeneration": 1,
        "state": "Ready",
        "type": "native",
        "pvc": "llama-cache-pvc",
        "claimUID": "0a1b",
        "inputs": "5f",
        "profiles": [{"name": "fp8", "config": {"tp": "2"}}],
        "conditions": [
            {
                "type": "Ready",
                "status": "True",
                "reason": "Ready",
                "message": "",
                "observedGeneration": 1,
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            }
        ],
    }
    after = cluster.update_status({**stored, "status": written}, manager="metacontroller")
    assert after["status"] == written


JOBS = {
    **{case: (spec, choice) for case, (spec, choice, _, _) in SOURCES.items()},
    "certificates and a proxy": ({"proxy": PROXY}, Choice(names=("a",))),
    "amounts": ({"resources": {"cpu": "500m", "memory": "20Gi"}}, Choice(names=("a",))),
}


@pytest.mark.parametrize("case", JOBS)
def test_every_job_is_one_that_the_server_takes(cluster, namespace, case):
    spec, choice = JOBS[case]
    ctx = observing.context(**spec)
    for job in (download.made(ctx, choice), probe.made(ctx)):
        job["metadata"]["namespace"] = namespace
        assert not cluster.refusal(job)


def test_a_namespace_that_enforces_restricted_admits_probe_and_download(cluster, namespace):
    label = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.connection.request(
        "PATCH",
        f"/api/v1/namespaces/{namespace}",
        {"metadata": {"labels": label}},
        content_type="application/merge-patch+json",
    )
    ctx = observing.context(proxy={"httpsProxy": "http://proxy:3128"})
    for job in (download.made(ctx, Choice(names=("a",))), probe.made(ctx)):
        template = job["spec"]["template"]
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**template["metadata"], "name": "p", "namespace": namespace},
            "spec": template["spec"],
        }
        assert not cluster.refusal(pod)
