"""Switch: a change of the platform leaves nothing behind, and the two platforms never serve at
once."""

import pytest

from hooks.kernel import resource
from hooks.nimservice import kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored

STANDALONE, KSERVE = {}, {"inferencePlatform": "kserve"}
SCALE = {"scale": {"enabled": True, "hpa": {"maxReplicas": 3}}}
CLAIM = {"storage": {"pvc": {"create": True, "size": "50Gi"}}}


def synced(spec, observed=(), pods=(), **options):
    settings = options.pop("settings", Settings())
    request = stored.request(situation.nimservice(**spec), observed, pods, **options)
    return resource.sync(NIM_SERVICE, request, settings, stored.NOW).body


def made(spec, **options):
    """Return the children of a platform, observed."""
    return [situation.applied(child) for child in synced(spec, **options)["children"]]


def names(answer):
    return {f"{child['kind']}/{child['metadata']['name']}" for child in answer["children"]}


def verdict(answer):
    status = answer["status"]
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    progress = {each["type"] for each in status["conditions"] if each["status"] == "True"} & {
        "Reconciling",
        "Stalled",
    }
    return status["state"], ready["reason"], ready["message"], progress


def pod(app, name="old", *, phase="Running", **labels):
    standard = {
        "app.kubernetes.io/name": "llama",
        "app.kubernetes.io/instance": "llama",
        "app.kubernetes.io/part-of": "nim-service",
        "app.kubernetes.io/managed-by": "nimservice-hooks",
    }
    metadata = {"name": name, "namespace": "nim", "labels": {"app": app, **standard, **labels}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": {"phase": phase}}


OF_KSERVE = pod("isvc.llama-predictor", **{"serving.kserve.io/inferenceservice": "llama"})
OF_KNATIVE = pod("llama", **{"serving.kserve.io/inferenceservice": "llama"})
OF_DEPLOYMENT, OF_GROUP = (
    pod("llama"),
    pod("llama-lws", **{"leaderworkerset.sigs.k8s.io/name": "llama-lws"}),
)


def test_the_former_workload_goes_before_its_successor_comes():
    """I-26: the reference leaves the former one running, with its GPUs."""
    answer = synced(KSERVE, made(STANDALONE))
    assert names(answer) == {"ServiceAccount/llama"}
    state, reason, message, progress = verdict(answer)
    assert (state, reason, progress) == ("NotReady", "SwitchingPlatform", {"Reconciling"})
    assert message == "The InferenceService has to wait until Deployment llama is gone"
    assert answer["resyncAfterSeconds"] == 30


@pytest.mark.parametrize(
    ("spec", "pods", "told"),
    [
        (KSERVE, [OF_DEPLOYMENT], "pod old of the former Deployment"),
        (
            KSERVE,
            [OF_GROUP, pod("llama-lws", "older")],
            "pod old and 1 more of the former LeaderWorkerSet",
        ),
        (STANDALONE, [OF_KSERVE], "pod old of the former InferenceService"),
        (STANDALONE, [OF_KNATIVE], "pod old of the former InferenceService"),
    ],
    ids=["of the Deployment", "of groups", "of KServe", "of KServe with Knative"],
)
def test_the_successor_waits_for_pods_that_are_still_there(spec, pods, told):
    answer = synced(spec, [], pods)
    assert not {"InferenceService/llama", "Deployment/llama"} & names(answer)
    _, reason, message, _ = verdict(answer)
    assert reason == "SwitchingPlatform"
    assert message.endswith(f" until {told} is gone")


@pytest.mark.parametrize(
    "each",
    [
        pod("llama-epp"),
        pod("llama", phase="Succeeded"),
        pod("llama", phase="Failed"),
        pod("llama", **{"app.kubernetes.io/managed-by": "somebody"}),
        OF_KSERVE,
    ],
    ids=["the endpoint picker's", "ended", "evicted", "somebody else's", "its own"],
)
def test_it_does_not_wait_for_other_pods(each):
    assert "InferenceService/llama" in names(synced(KSERVE, [], [each]))


def test_the_successor_is_made_once_nothing_is_left():
    assert names(synced(KSERVE)) == {"ServiceAccount/llama", "InferenceService/llama"}
    back = synced({**STANDALONE, **SCALE})
    assert names(back) == {
        "ServiceAccount/llama",
        "Service/llama",
        "Deployment/llama",
        "HorizontalPodAutoscaler/llama",
    }


def test_a_successor_that_runs_waits_for_nothing():
    """Its pods must not be taken away again, should one of the former platform turn up late."""
    answer = synced(KSERVE, made(KSERVE), [OF_DEPLOYMENT])
    assert "InferenceService/llama" in names(answer)
    assert verdict(answer)[1] != "SwitchingPlatform"


def test_a_former_workload_beside_its_successor_goes():
    answer = synced(KSERVE, [*made(KSERVE), *made(STANDALONE)])
    assert names(answer) == {"ServiceAccount/llama", "InferenceService/llama"}


def test_the_claim_stays():
    """It holds the model."""
    assert "PersistentVolumeClaim/llama-pvc" in names(synced({**KSERVE, **CLAIM}, made(CLAIM)))


def test_the_endpoint_picker_is_no_workload_to_wait():
    expose = {
        "router": {
            "eppConfig": {
                "containerSpec": {"name": "epp", "image": {"repository": "epp", "tag": "1"}},
                "configMapRef": {"name": "c", "key": "k"},
            }
        }
    }
    assert "Deployment/llama-epp" in names(synced({"expose": expose}, [], [OF_KSERVE]))


def without(kind):
    return {"manages": [each for each in kinds.MANAGED if each is not kind]}


def test_what_cannot_be_replaced_keeps_running():
    """A kind that is not managed never costs the former workload, nor what leads to it."""
    before = made({**STANDALONE, **SCALE})
    answer = synced({**KSERVE, **SCALE}, before, **without(kinds.INFERENCE_SERVICE))
    assert names(answer) == names({"children": before})
    state, reason, message, progress = verdict(answer)
    assert (state, reason, progress) == ("Failed", "KindNotManaged", {"Stalled"})
    assert message.endswith("Deployment llama keeps running until then; add the component kserve")


def test_nor_does_a_model_that_is_not_there():
    before = made(STANDALONE)
    answer = synced({**KSERVE, "storage": {"nimCache": {"name": "cache"}}}, before)
    assert names(answer) == names({"children": before})
    state, reason, message, progress = verdict(answer)
    assert (state, reason, progress) == ("NotReady", "NIMCacheNotFound", {"Reconciling"})
    assert ". Deployment llama keeps running until then" in message


def test_a_former_kind_that_is_not_managed_has_to_be_deleted_by_hand():
    """Its workload is not observed, so nothing else would tell why the new one does not come."""
    answer = synced(STANDALONE, [], [OF_KSERVE], **without(kinds.INFERENCE_SERVICE))
    assert "; delete the InferenceService, because " in verdict(answer)[2]


def test_without_pods_to_look_at_the_workload_alone_is_waited_for():
    assert "InferenceService/llama" in names(synced(KSERVE, settings=Settings(pod_causes=False)))
