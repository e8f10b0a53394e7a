"""Status: what is observed, said once."""

import pytest

from hooks.nimservice import children, status
from hooks.nimservice.kinds import LEADER_WORKER_SET, MANAGED
from hooks.nimservice.status import verdict
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import applied, progressing, rolled_out
from tests.situations.stored import NOW, reasons

CACHED = {"storage": {"nimCache": {"name": "cache"}}}
ALL = ("ServiceAccount", "Service", "Deployment")


def observe(kinds=ALL, counts=None, related=(), before=(), **spec):
    """Return the status while children of some kinds exist; ``before`` is the NIMCache that they
    were made from."""
    planned = children.plan(situation.context(related=before or related, **spec)).children
    observed = [
        applied(each, status=counts if each["kind"] == "Deployment" else None)
        for each in planned
        if each["kind"] in kinds
    ]
    ctx = situation.context(observed, related, **spec)
    return status.observe(ctx, verdict.of(ctx))


def test_a_first_status_says_what_is_under_way():
    said = observe(kinds=())
    assert said["state"] == "Pending"
    assert (said["replicas"], said["availableReplicas"]) == (0, 0)
    assert reasons(said) == {
        "Ready": ("False", "Creating"),
        "Failed": ("False", "Creating"),
        "Reconciling": ("True", "Creating"),
    }
    assert "model" not in said


def test_replicas_and_selector_serve_the_scale_subresource():
    """Q19, I-27, I-41: the reference never writes availableReplicas and has no selector."""
    said = observe(counts=rolled_out(3, availableReplicas=2), replicas=3)
    assert (said["replicas"], said["availableReplicas"], said["selector"]) == (3, 2, "app=llama")


def test_the_observed_generation_is_metacontrollers_to_write():
    assert "observedGeneration" not in observe(counts=rolled_out())


@pytest.mark.parametrize(
    "before", [{}, {"state": "Ready", "replicas": 7, "selector": "app=other", "conditions": []}]
)
def test_every_status_is_whole(before):
    """I-32: Metacontroller puts it in the place of what was there, at the newest resourceVersion;
    nothing hangs on an older write."""
    said = observe(counts=rolled_out(), status=before)
    assert {
        "state",
        "conditions",
        "replicas",
        "availableReplicas",
        "selector",
        "model",
        "modelStore",
        "workloadHash",
        "children",
    } == set(said)
    assert (said["replicas"], said["selector"]) == (1, "app=llama")


def test_the_model_is_where_its_service_is():
    assert observe(counts=rolled_out())["model"] == {
        "clusterEndpoint": "10.96.0.10:8000",
        "externalEndpoint": "",
    }


def test_a_name_that_nobody_told_yet_is_left_out():
    before = {"model": {"name": "", "clusterEndpoint": "old:1", "externalEndpoint": ""}}
    assert "name" not in observe(counts=rolled_out(), status=before)["model"]


def test_a_name_that_is_known_stays_while_nobody_tells_another():
    """It is asked for once; a model server that is silent later takes nothing away."""
    before = {
        "observedGeneration": 1,
        "model": {"name": "meta/llama", "clusterEndpoint": "old:1", "externalEndpoint": ""},
    }
    said = observe(counts=rolled_out(), status=before)
    assert (said["model"]["name"], said["model"]["clusterEndpoint"]) == (
        "meta/llama",
        "10.96.0.10:8000",
    )


def test_without_a_service_there_is_no_model():
    """I-27: the reference never clears it."""
    before = {"model": {"name": "meta/llama", "clusterEndpoint": "old:1", "externalEndpoint": ""}}
    assert "model" not in observe(kinds=("Deployment",), counts=rolled_out(), status=before)


def test_what_the_workload_took_is_remembered():
    said = observe(counts=rolled_out(), related=[nimcache()], **CACHED)
    assert said["modelStore"]["claimName"] == "cache-pvc"


@pytest.mark.parametrize(
    ("related", "reason"),
    [
        ([], "NIMCacheNotFound"),
        ([nimcache(state="InProgress")], "NIMCacheNotReady"),
        ([nimcache(state="Failed")], "NIMCacheFailed"),
    ],
)
def test_a_running_model_is_ready_and_degraded_while_its_nimcache_cannot_be_used(related, reason):
    """In the reference the NIMService is not ready, although the model serves."""
    said = observe(counts=rolled_out(), related=related, before=[nimcache()], **CACHED)
    assert said["state"] == "Ready"
    assert reasons(said) == {
        "Ready": ("True", "Ready"),
        "Failed": ("False", "Ready"),
        "Degraded": ("True", reason),
    }


def test_a_nimcache_that_has_changed_is_degraded():
    taken = {
        "storageHash": "d59c8295b971",
        "nimCache": "cache",
        "claimName": "cache-pvc",
        "layout": "legacy",
    }
    memory = {"observedGeneration": 1, "modelStore": taken}
    said = observe(
        counts=rolled_out(),
        related=[nimcache(pvc="other")],
        before=[nimcache()],
        status=memory,
        **CACHED,
    )
    assert reasons(said)["Degraded"] == ("True", "NIMCacheChanged")
    assert said["state"] == "Ready"
    assert said["modelStore"] == taken


def test_a_workload_whose_kind_is_not_managed_is_unseen_and_what_it_took_not_forgotten():
    """Managed again, it must find its memory, or it would restart with what the NIMCache has
    become."""
    taken = {
        "storageHash": "d59c8295b971",
        "nimCache": "cache",
        "claimName": "cache-pvc",
        "layout": "legacy",
    }
    group = {
        **CACHED,
        "multiNode": {"parallelism": {"pipeline": 2}},
        "status": {"modelStore": taken},
    }
    managed = [kind for kind in MANAGED if kind is not LEADER_WORKER_SET]
    ctx = situation.context(related=[nimcache(pvc="other")], manages=managed, **group)
    assert status.observe(ctx, verdict.of(ctx))["modelStore"] == taken


def test_the_same_situation_later_changes_nothing():
    """At rest nothing is written."""
    first = observe(counts=rolled_out())
    ctx_status = {**first, "observedGeneration": 1}
    assert observe(counts=rolled_out(), status=ctx_status) == first


def test_a_time_stays_while_its_status_does():
    before = {
        "conditions": [
            {"type": "Ready", "status": "True", "lastTransitionTime": "2025-01-01T00:00:00Z"}
        ]
    }
    times = {
        each["type"]: each["lastTransitionTime"]
        for each in observe(counts=rolled_out(), status=before)["conditions"]
    }
    assert times == {"Ready": "2025-01-01T00:00:00Z", "Failed": stored.stamp(NOW)}


def test_progress_is_no_business_of_a_status_that_is_ready():
    said = observe(counts=rolled_out(1, conditions=[progressing("NewReplicaSetAvailable")]))
    assert not {"Reconciling", "Stalled", "Degraded"} & set(reasons(said))
