"""Drain: a deleted NIMService goes apart in order, and never waits for ever."""

import pytest

from hooks.kernel import deletion
from hooks.nimservice import kinds, naming
from hooks.nimservice.resource import STAGES
from hooks.resources import Settings
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.stored import NOW, ago

SETTINGS = Settings(finalize_grace_seconds=300)


def child(kind, name="llama", **metadata):
    bare = {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"name": name, "namespace": "nim"},
        "spec": {},
    }
    observed = situation.applied(bare)
    observed["metadata"] |= metadata
    return observed


def going(kind, name="llama"):
    return child(kind, name, deletionTimestamp="2026-03-01T11:59:00Z")


def pod(**labels):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "llama-1", "namespace": "nim", "labels": {"app": "llama", **labels}},
    }


OURS = pod(
    **{"app.kubernetes.io/instance": "llama", "app.kubernetes.io/managed-by": "nimservice-hooks"}
)

FIRST = [
    child(kind)
    for kind in (
        kinds.INGRESS,
        kinds.HTTP_ROUTE,
        kinds.GRPC_ROUTE,
        kinds.HORIZONTAL_POD_AUTOSCALER,
        kinds.SERVICE_MONITOR,
    )
]
SECOND = [child(kinds.DEPLOYMENT)]
LAST = [
    child(kind)
    for kind in (
        kinds.SERVICE_ACCOUNT,
        kinds.SERVICE,
        kinds.PERSISTENT_VOLUME_CLAIM,
        kinds.COMPUTE_DOMAIN,
    )
]


def remaining(children, related=(), since=NOW, settings=SETTINGS):
    request = stored.request(
        situation.nimservice(deleted=since), children, related, finalizing=True
    )
    kept = deletion.remaining(request, STAGES, naming.pod_identity, settings, NOW)
    return kept if kept is None else sorted(each["kind"] for each in kept)


def kinds_of(children):
    return sorted(each["kind"] for each in children)


def test_routes_and_the_autoscaler_go_first():
    assert remaining(FIRST + SECOND + LAST) == kinds_of(SECOND + LAST)


@pytest.mark.parametrize("last_route", FIRST, ids=lambda route: route["kind"])
def test_the_workload_stays_until_the_last_route_is_gone(last_route):
    assert remaining([last_route, *SECOND, *LAST]) == kinds_of(SECOND + LAST)


def test_a_route_that_is_going_is_not_gone():
    assert remaining([going(kinds.HTTP_ROUTE), *SECOND, *LAST]) == kinds_of(SECOND + LAST)


@pytest.mark.parametrize("pods", [[], [OURS]], ids=["without pods", "with its pods"])
def test_then_the_workload_goes(pods):
    assert remaining(SECOND + LAST, related=pods) == kinds_of(LAST)


@pytest.mark.parametrize("kind", kinds.WORKLOADS, ids=lambda kind: kind.kind)
def test_every_kind_of_workload_goes_before_the_claims(kind):
    assert remaining([child(kind), *LAST]) == kinds_of(LAST)


def test_a_workload_is_gone_when_its_pods_are():
    """The pods still use the claims and devices."""
    assert remaining([going(kinds.DEPLOYMENT), *LAST]) == kinds_of(LAST)
    assert remaining(LAST, related=[OURS]) == kinds_of(LAST)


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"app.kubernetes.io/instance": "llama"},
        {"app.kubernetes.io/managed-by": "nimservice-hooks"},
    ],
)
def test_pods_of_somebody_else_are_not_waited_for(labels):
    """A NIMService named llama-lws, and any workload with the same label app, has pods that are
    found by the same rule."""
    assert remaining(LAST, related=[pod(**labels)]) == []


def test_claims_and_the_rest_go_last():
    assert remaining(LAST) == []


def test_it_is_done_when_nothing_is_left():
    assert remaining([]) is None


def test_it_does_not_wait_for_what_is_going_anyway():
    assert remaining([going(kinds.PERSISTENT_VOLUME_CLAIM), going(kinds.SERVICE)]) is None


@pytest.mark.parametrize(
    ("since", "done"), [(ago(seconds=299), False), (ago(seconds=300), True), (ago(days=3), True)]
)
def test_after_the_grace_the_rest_is_left_to_its_owner(since, done):
    assert (remaining(FIRST + SECOND + LAST, since=since) is None) == done


def test_no_grace_finishes_at_once():
    assert remaining(FIRST, settings=Settings(finalize_grace_seconds=0)) is None


@pytest.mark.parametrize(
    ("stamp", "done"),
    [
        ("yesterday", True),
        ("0001-01-01T00:00:00+14:00", True),
        (None, False),
        ("2026-03-01T13:00:00+01:00", False),
    ],
)
def test_a_time_that_cannot_be_read_does_not_keep_it_waiting(stamp, done):
    """Without a time the NIMService is not being deleted: it has left the controller's label
    selector."""
    nim = situation.nimservice()
    nim["metadata"]["deletionTimestamp"] = stamp
    assert (
        deletion.remaining(stored.request(nim, LAST), STAGES, naming.pod_identity, SETTINGS, NOW)
        is None
    ) == done


def test_what_is_kept_is_kept_as_it_was_applied():
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "llama", "namespace": "nim"},
        "spec": {"ports": [{"name": "api", "port": 8000}]},
    }
    request = stored.request(
        situation.nimservice(deleted=NOW), [situation.applied(service), *SECOND]
    )
    assert deletion.remaining(request, STAGES, naming.pod_identity, SETTINGS, NOW) == [service]


def test_what_has_to_go_next_is_told_with_who_holds_it():
    def awaited(children, related=()):
        request = stored.request(situation.nimservice(deleted=ago(seconds=1)), children, related)
        verdict = deletion.terminating(request, STAGES, naming.pod_identity)
        assert verdict[:2] == ("NotReady", "Terminating")
        return verdict.text

    assert "waits for GRPCRoute llama and 4 more" in awaited(FIRST + SECOND + LAST)
    first = SECOND[0]
    assert awaited(SECOND[:1] + LAST).endswith(f"for {first['kind']} {first['metadata']['name']}")
    assert awaited(LAST) == "The deletion is in progress"
    held = going(kinds.INGRESS)
    held["metadata"]["finalizers"] = ["example.com/balancer"]
    assert awaited([held]) == (
        "The deletion waits for Ingress llama, held by finalizer example.com/balancer;"
        " check the controller that set the finalizer"
    )
    held["metadata"]["finalizers"] = ["foregroundDeletion"]
    assert awaited([held]) == "The deletion waits for Ingress llama", "nobody but Kubernetes set it"
