"""Defects of the reference operator that show in a whole sync or deletion only; each test would
fail with its defect."""

import pytest

from hooks.kernel import resource
from hooks.nimservice import kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache
from tests.situations.stored import NOW, ago

GATEWAY = {
    "router": {
        "hostDomainName": "example.com",
        "gateway": {"name": "gateway", "namespace": "infra"},
    }
}


def nobody_answers(_):
    return None


def sync(nim, children=(), related=(), ask=nobody_answers):
    return situation.named(
        resource.sync(NIM_SERVICE, stored.request(nim, children, related), Settings(), NOW), ask
    )


def observed(nim, *, deployment=None, service=None, **specs):
    """Return the children that a NIMService gets, as the cluster has them; each kind can be given a
    spec and a status of its own."""
    status = {"Deployment": deployment or situation.rolled_out(), "Service": service}
    return [
        situation.applied(child, status=status.get(child["kind"]), **specs.get(child["kind"], {}))
        for child in sync(nim)["children"]
    ]


def conditions(answer):
    return {each["type"]: each for each in answer["status"]["conditions"]}


def test_replicas_that_serve_are_counted():
    """Q19, I-27: the count of available replicas stays empty."""
    nim = situation.nimservice(replicas=2)
    assert (
        sync(nim, observed(nim, deployment=situation.rolled_out(2, availableReplicas=1)))["status"][
            "availableReplicas"
        ]
        == 1
    )


@pytest.mark.parametrize(
    ("expose", "spec", "status", "endpoint"),
    [
        (
            {"service": {"type": "LoadBalancer"}},
            {},
            {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}},
            "192.0.2.7:8000",
        ),
        (
            {"service": {"type": "LoadBalancer"}},
            {},
            {"loadBalancer": {"ingress": [{"ip": "2001:db8::7"}]}},
            "[2001:db8::7]:8000",
        ),
        (
            {"service": {"type": "LoadBalancer"}},
            {},
            {"loadBalancer": {"ingress": [{"hostname": "lb.test"}]}},
            "lb.test:8000",
        ),
        (GATEWAY, {}, None, "llama.nim.example.com"),
    ],
    ids=["an address", "an address of IPv6", "a host name", "a gateway"],
)
def test_the_address_outside_the_cluster_is_the_one_that_was_given(expose, spec, status, endpoint):
    """Q19, I-27: only an address that the user asked for is told, and no host of a Gateway."""
    nim = situation.nimservice(expose=expose)
    assert (
        sync(nim, observed(nim, service=status, Service=spec))["status"]["model"][
            "externalEndpoint"
        ]
        == endpoint
    )


@pytest.mark.parametrize(
    ("address", "endpoint"), [("fd00::1", "[fd00::1]:8000"), ("None", "llama.nim.svc:8000")]
)
def test_the_address_within_the_cluster_can_be_called(address, endpoint):
    """Q19: `fd00::1:8000` and `None:8000` cannot."""
    nim = situation.nimservice()
    assert (
        sync(nim, observed(nim, Service={"clusterIP": address}))["status"]["model"][
            "clusterEndpoint"
        ]
        == endpoint
    )


def test_a_model_that_nothing_leads_to_any_more_is_not_told():
    """I-27: the model stays in the status when its Service is gone."""
    before = {
        "model": {"name": "llama", "clusterEndpoint": "10.96.0.10:8000", "externalEndpoint": ""}
    }
    assert "model" not in sync(situation.nimservice(status=before))["status"]


def test_a_model_server_that_does_not_answer_the_hooks_is_ready_all_the_same():
    """Q20, I-27: readiness waits for an answer that a network policy or TLS may forbid."""
    nim = situation.nimservice()
    answer = sync(nim, observed(nim))
    assert answer["status"]["state"] == "Ready"
    assert "name" not in answer["status"]["model"]


def test_a_failure_keeps_its_own_reason_and_a_success_has_no_words_under_failed():
    """Q21, I-42: every failure is called `Failed`, and what has not failed carries the words of
    what is not ready."""
    nim = situation.nimservice()
    late = situation.progressing("ProgressDeadlineExceeded", status="False", message="too late")
    failed = conditions(
        sync(
            nim,
            observed(nim, deployment=situation.rolled_out(updatedReplicas=0, conditions=[late])),
        )
    )
    assert {failed[kind]["reason"] for kind in ("Ready", "Failed", "Stalled")} == {
        "ProgressDeadlineExceeded"
    }
    waiting = conditions(sync(nim))
    assert (waiting["Failed"]["status"], waiting["Failed"]["message"]) == ("False", "")


def test_a_deployment_that_has_not_seen_its_edit_is_not_ready():
    """Q34: its status still tells of the template before the edit."""
    nim = situation.nimservice()
    (deployment,) = (child for child in observed(nim) if child["kind"] == "Deployment")
    deployment["metadata"]["generation"] = 2
    assert conditions(sync(nim, [deployment]))["Ready"]["status"] == "False"


def test_a_nimservice_that_is_refused_can_be_deleted():
    """Q43, I-25: a stored object that does not validate any more keeps its finalizer."""
    nim = situation.nimservice(deleted=NOW, replicas="two")
    answer = resource.finalize(
        NIM_SERVICE, stored.request(nim, finalizing=True), Settings(), NOW
    ).body
    assert answer["finalized"]


def test_a_nimservice_on_kserve_can_be_deleted_where_kserve_is_not():
    """I-10: without the InferenceService's CRD the deletion is never finished."""
    nim = situation.nimservice(deleted=NOW, inferencePlatform="kserve")
    without = [kind for kind in kinds.MANAGED if kind is not kinds.INFERENCE_SERVICE]
    answer = resource.finalize(
        NIM_SERVICE, stored.request(nim, finalizing=True, manages=without), Settings(), NOW
    ).body
    assert answer["finalized"]


def test_what_has_not_changed_is_not_told_again():
    """Q44, I-33: every pass tells the same event once more."""
    nim = situation.nimservice()
    first = sync(nim, observed(nim))["status"]
    later = resource.sync(
        NIM_SERVICE,
        stored.request({**nim, "status": first}, observed(nim)),
        Settings(),
        ago(hours=-1),
    ).body
    assert later["status"] == first


def test_nothing_is_looked_at_again_while_nothing_happens():
    """I-33: what is not ready is looked at every few seconds, for ever; so is what is ready."""
    nim = situation.nimservice()
    assert "resyncAfterSeconds" not in sync(nim, observed(nim))
    assert "resyncAfterSeconds" in sync(nim)


def test_the_words_of_others_are_quoted_as_they_are():
    """Q44: words with a percent sign are taken for a format."""
    full = {
        "type": "NIM_CACHE_JOB_COMPLETED",
        "status": "False",
        "reason": "JobFailed",
        "message": "disk 100%d full %s",
    }
    cache = nimcache("cache", state="Failed", conditions=[full])
    answer = sync(situation.nimservice(storage={"nimCache": {"name": "cache"}}), related=[cache])
    assert "disk 100%d full %s" in conditions(answer)["Ready"]["message"]


def test_a_pool_follows_its_nimservice():
    """Q4, I-4: any edit that reaches a pool that exists crashes."""
    picker = {
        "containerSpec": {"name": "epp", "image": {"repository": "epp", "tag": "1"}},
        "configMapRef": {"name": "epp", "key": "config"},
    }
    before, after = (
        situation.nimservice(
            expose={"service": {"port": port}, "router": {"eppConfig": picker}},
            labels={"port": str(port)},
        )
        for port in (8000, 9000)
    )
    (pool,) = (
        child
        for child in sync(after, observed(before))["children"]
        if child["kind"] == "InferencePool"
    )
    assert (pool["spec"]["targetPorts"], pool["metadata"]["labels"]["port"]) == (
        [{"number": 9000}],
        "9000",
    )
    assert kinds.INFERENCE_POOL.strategy == "InPlace"


def test_what_is_scaled_to_zero_is_ready():
    """Q49: it is never ready, and looked at every 30 seconds."""
    nim = situation.nimservice(replicas=0)
    none = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), 0)
    answer = sync(nim, observed(nim, deployment=situation.rolled_out(**none)))
    assert (answer["status"]["state"], conditions(answer)["Ready"]["reason"]) == (
        "Ready",
        "ScaledToZero",
    )
    assert "resyncAfterSeconds" not in answer


def test_the_state_is_told_in_four_words():
    """Q23: a state of a step in between is overwritten in the same pass, so that `Pending` is never
    seen."""
    nim = situation.nimservice(storage={"pvc": {"create": True, "size": "50Gi"}})
    assert sync(nim)["status"]["state"] == "Pending"
    assert sync(nim, observed(nim))["status"]["state"] == "Ready"
