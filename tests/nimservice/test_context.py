"""Context: what one sync knows."""

import dataclasses

import pytest

from hooks.kernel.protocol import HookRequest
from hooks.nimservice import kinds
from hooks.nimservice.modelstore import Blocked
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import context

SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "llama", "namespace": "nim"}}
OTHER_NAMESPACE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "llama", "namespace": "other"},
}


def workload(kind, name):
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"name": name, "namespace": "nim"},
        "spec": {},
    }


def test_a_child_is_found_by_kind_and_name_in_its_own_namespace():
    ctx = dataclasses.replace(
        context(),
        request=HookRequest(
            situation.nimservice(),
            {"Service.v1": {"other/llama": OTHER_NAMESPACE, "nim/llama": SERVICE}},
        ),
    )
    assert ctx.child(kinds.SERVICE, "llama") == SERVICE
    assert ctx.child(kinds.SERVICE, "other") is None
    assert ctx.child(kinds.DEPLOYMENT, "llama") is None


def test_a_related_object_is_found_by_name():
    ctx = context(related=[nimcache("cache")])
    assert ctx.related_named(kinds.NIM_CACHE, "cache")["metadata"]["name"] == "cache"
    assert ctx.related_named(kinds.NIM_CACHE, "other") is None


@pytest.mark.parametrize("name", [None, ""])
def test_no_name_is_no_related_object(name):
    assert context(related=[nimcache()]).related_named(kinds.NIM_CACHE, name) is None


@pytest.mark.parametrize("status", [None, [], "x", {}])
def test_a_status_that_is_none_is_empty(status):
    assert context(nim={**situation.nimservice(), "status": status}).status == {}


def test_the_controller_says_which_kinds_are_managed():
    ctx = context(manages=[kinds.SERVICE, kinds.DEPLOYMENT])
    assert ctx.manages(kinds.SERVICE)
    assert not ctx.manages(kinds.HTTP_ROUTE)


def test_a_kind_counts_as_managed_in_its_own_version_only():
    """Two versions of one kind make Metacontroller delete and create for ever."""
    rule = {"apiVersion": "autoscaling/v1", "resource": "horizontalpodautoscalers"}
    body = stored.body(situation.nimservice())
    body["controller"]["spec"]["childResources"] = [rule]
    ctx = dataclasses.replace(
        context(), request=HookRequest(body["parent"], controller=body["controller"])
    )
    assert not ctx.manages(kinds.HORIZONTAL_POD_AUTOSCALER)


@pytest.mark.parametrize(
    "controller",
    [
        {},
        {"spec": None},
        {"spec": {}},
        *({"spec": {"childResources": each}} for each in (None, 7, 0.5)),
    ],
)
def test_without_a_controller_the_groups_tell_what_is_managed(controller):
    parent = situation.nimservice()
    told = dataclasses.replace(
        context(), request=HookRequest(parent, {"Service.v1": {}}, controller=controller)
    )
    assert told.manages(kinds.SERVICE)
    assert not told.manages(kinds.DEPLOYMENT)
    silent = dataclasses.replace(context(), request=HookRequest(parent, controller=controller))
    assert silent.manages(kinds.DEPLOYMENT)


def _deep() -> list:
    found: list = []
    for _ in range(2000):
        found = [found]
    return found


@pytest.mark.parametrize(
    "rule",
    [
        *(None, "x", {}, {"apiVersion": "apps/v2", "resource": "deployments"}),
        *({"apiVersion": {}, "resource": []}, {"apiVersion": "apps/v1", "resource": _deep()}),
    ],
    ids=["null", "text", "empty", "another version", "no texts", "deep"],
)
def test_a_kind_that_is_observed_is_managed_whatever_the_controller_says(rule):
    """Taken for unmanaged, it would be left out of the answer, and deleted."""
    body = stored.body(situation.nimservice())
    body["controller"]["spec"]["childResources"] = [rule]
    request = HookRequest(body["parent"], {"Deployment.apps/v1": {}}, controller=body["controller"])
    assert dataclasses.replace(context(), request=request).manages(kinds.DEPLOYMENT)


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({}, kinds.DEPLOYMENT),
        ({"multiNode": {"parallelism": {"pipeline": 2}}}, kinds.LEADER_WORKER_SET),
        ({"multiNode": {"parallelism": {"pipeline": 1}}}, kinds.DEPLOYMENT),
        ({"multiNode": {"parallelism": {}}}, kinds.DEPLOYMENT),
        ({"inferencePlatform": "kserve"}, kinds.INFERENCE_SERVICE),
    ],
)
def test_one_kind_runs_the_model(spec, kind):
    """Q1: one predicate decides, for the workload and for all that looks at it."""
    assert context(**spec).workload_kind is kind


def test_the_workload_is_the_observed_one_of_that_kind():
    observed = [workload(kinds.DEPLOYMENT, "llama"), workload(kinds.LEADER_WORKER_SET, "llama-lws")]
    assert context(observed).workload == observed[0]
    assert context(observed, multiNode={"parallelism": {"pipeline": 2}}).workload == observed[1]
    assert context(observed, inferencePlatform="kserve").workload is None
    assert context(observed).running(kinds.LEADER_WORKER_SET) == observed[1]


def test_pods_come_in_the_order_of_their_names():
    pods = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "nim"}}
        for name in "bca"
    ]
    assert [pod["metadata"]["name"] for pod in context(related=pods).pods] == ["a", "b", "c"]


def test_the_store_comes_from_the_related_nimcache():
    ctx = context(related=[nimcache("cache")], storage={"nimCache": {"name": "cache"}})
    assert ctx.store.claim == "cache-pvc"


def mounting(claim):
    """Return the pod spec of a workload that mounts a claim as its model store."""
    mounts = [{"name": "model-store", "mountPath": "/model-store"}]
    volume = {"name": "model-store", "persistentVolumeClaim": {"claimName": claim}}
    return {"containers": [{"name": "llama-ctr", "volumeMounts": mounts}], "volumes": [volume]}


@pytest.mark.parametrize(
    ("kind", "name", "spec", "where"),
    [
        (kinds.DEPLOYMENT, "llama", {}, lambda pod: {"template": {"spec": pod}}),
        (
            kinds.LEADER_WORKER_SET,
            "llama-lws",
            {"multiNode": {"parallelism": {"pipeline": 2}}},
            lambda pod: {"leaderWorkerTemplate": {"leaderTemplate": {"spec": pod}}},
        ),
        (
            kinds.INFERENCE_SERVICE,
            "llama",
            {"inferencePlatform": "kserve"},
            lambda pod: {"predictor": pod},
        ),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_what_a_workload_without_a_memory_mounts_is_read_from_its_pods(kind, name, spec, where):
    for claim, blocked in (("cache-pvc", False), ("other-pvc", True)):
        running = {**workload(kind, name), "spec": where(mounting(claim))}
        ctx = context(
            [running], [nimcache("cache")], storage={"nimCache": {"name": "cache"}}, **spec
        )
        assert isinstance(ctx.store, Blocked) == blocked


@pytest.mark.parametrize("spec", [None, {}, {"template": None}, {"template": {"spec": None}}])
def test_a_workload_without_pods_mounts_nothing(spec):
    running = {**workload(kinds.DEPLOYMENT, "llama"), "spec": spec}
    assert isinstance(
        context([running], [nimcache("cache")], storage={"nimCache": {"name": "cache"}}).store,
        Blocked,
    )


def test_a_context_is_read_only():
    with pytest.raises(AttributeError):
        context().nim = None
