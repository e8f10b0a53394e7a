"""Related pods: a NIMService is shown all of its own pods, and none of another's."""

import pytest

from hooks.kernel import resource
from hooks.nimcache import naming as of_caches
from hooks.nimcache.api.nimcache import NIMCache
from hooks.nimservice import kinds
from hooks.resources import NIM_SERVICE, Settings
from nimservice_simulator.metacontroller import selector
from tests.nimservice.children.endpointpicker.picked import ROUTED
from tests.simulated import resource as resource_of
from tests.simulated import simulation
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache

GROUPS = {"multiNode": {"parallelism": {"pipeline": 2, "tensor": 8}}}
PLATFORMS = {
    "Deployment": {},
    "LeaderWorkerSet": GROUPS,
    "InferenceService": {"inferencePlatform": "kserve"},
    "Deployment and picker": {"expose": ROUTED},
    "LeaderWorkerSet and picker": {**GROUPS, "expose": ROUTED},
}
NEIGHBOURS = ("good-lws", "good-epp", "good-predictor")


def named(name, **spec):
    nim = situation.nimservice(**{"labels": {"app": "good", "team": "good"}, **spec})
    return {**nim, "metadata": {"name": name, "namespace": stored.NAMESPACE}}


def shown(name, pods):
    """Return the names of the pods that a NIMService is shown."""
    nim = situation.nimservice()
    nim["metadata"]["name"] = name
    rules = resource.customize(NIM_SERVICE, stored.request(nim), Settings()).body[
        "relatedResources"
    ]
    (rule,) = [rule for rule in rules if rule["resource"] == "pods"]
    return {
        pod["metadata"]["name"]
        for pod in pods
        if selector.matches(rule["labelSelector"], pod["metadata"]["labels"])
    }


def started(cluster, nim):
    """Apply a NIMService and return the names of the pods that come of it."""
    before = {pod["metadata"]["name"] for pod in pods_in(cluster)}
    cluster.put(nim)
    cluster.settle()
    return {pod["metadata"]["name"] for pod in pods_in(cluster)} - before


def pods_in(cluster):
    return cluster.server.list(resource_of(kinds.POD), stored.NAMESPACE)


@pytest.mark.parametrize("other", ["Deployment", "LeaderWorkerSet and picker"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_is_shown_its_own_pods_and_no_others(platform, other):
    cluster = simulation([], stored.DYNAMIC)
    own = started(cluster, named("good", **PLATFORMS[platform]))
    theirs = {name: started(cluster, named(name, **PLATFORMS[other])) for name in NEIGHBOURS}
    # A neighbour that has the name of a child of ours may come to nothing.
    assert own
    assert sum(map(bool, theirs.values())) >= len(NEIGHBOURS) - 1
    pods = pods_in(cluster)
    assert shown("good", pods) == own
    assert {name: shown(name, pods) for name in NEIGHBOURS} == theirs


def pod(name, labels):
    return {"metadata": {"name": name, "namespace": stored.NAMESPACE, "labels": labels}}


def test_a_nimcache_of_the_same_name_has_pods_of_its_own():
    cache = NIMCache.parse(nimcache("good"))
    assert shown("good", [pod("probe", of_caches.pod_labels(cache, "probe"))]) == set()


@pytest.mark.parametrize(
    "platform",
    [
        {"app": "good", "pod-template-hash": "5c4b7d9f8"},
        {"app": "good-lws", "leaderworkerset.sigs.k8s.io/name": "good-lws"},
        {"app": "isvc.good-predictor", "serving.kserve.io/inferenceservice": "good"},
    ],
    ids=["Deployment", "LeaderWorkerSet", "InferenceService"],
)
def test_pods_that_the_other_operator_made_are_shown_after_a_migration(platform):
    labels = {
        "app.kubernetes.io/name": "good",
        "app.kubernetes.io/instance": "good",
        "app.kubernetes.io/operator-version": "",
        "app.kubernetes.io/part-of": "nim-service",
        "app.kubernetes.io/managed-by": "k8s-nim-operator",
        **platform,
    }
    assert shown("good", [pod("old", labels)]) == {"old"}
