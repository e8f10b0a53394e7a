"""The status of a model that KServe runs."""

import pytest

from hooks.kernel import resource
from hooks.kernel.condition import timestamp as stamp
from hooks.nimservice import children, kinds
from hooks.nimservice.children.kserve import inferenceservice
from hooks.nimservice.status import endpoint
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored

URL, ADDRESS = "https://llama-nim.example.com", "http://llama-predictor.nim.svc.cluster.local"


def service(status=None, *, ready="True", reason="", copies=1, mode="Standard", **spec):
    """Return the InferenceService as KServe reports on it."""
    (made,) = stored.built(inferenceservice, situation.context(inferencePlatform="kserve", **spec))
    said = {
        # KServe writes the generation of the Deployment here, whatever that of the InferenceService
        # is.
        "observedGeneration": 1,
        "deploymentMode": mode,
        "url": URL,
        "address": {"url": ADDRESS},
        "conditions": [{"type": "PredictorReady", "status": ready, "reason": reason}],
        "modelStatus": {
            "transitionStatus": "UpToDate",
            "copies": {"failedCopies": 0, "totalCopies": copies},
        },
    }
    observed = situation.applied(made, status=said if status is None else status)
    observed["metadata"]["generation"] = 4
    return observed


def pod(number, *, ready="True", **metadata):
    labels = {"app": "isvc.llama-predictor", "serving.kserve.io/inferenceservice": "llama"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"llama-predictor-{number}",
            "namespace": "nim",
            "labels": labels,
            **metadata,
        },
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]},
    }


def deployment(
    replicas=1, updated=None, available=None, *, reason="NewReplicaSetAvailable", **changes
):
    """Return KServe's Deployment as its controller reports on it; all replicas are available."""
    updated = replicas if updated is None else updated
    counts = {
        "replicas": replicas,
        "updatedReplicas": updated,
        "availableReplicas": updated if available is None else available,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "llama-predictor", "namespace": "nim", "generation": 1},
        "spec": {"replicas": replicas, "template": {"metadata": {}, "spec": {}}, **changes},
        "status": {
            "observedGeneration": 1,
            **counts,
            "conditions": [{"type": "Progressing", "status": "True", "reason": reason}],
        },
    }


ROLLING = "ReplicaSetUpdated"


def synced(observed, related=None, ask=lambda _: None, *, settings=None, status=None, **spec):
    before = status or {"observedGeneration": 1}
    nim = situation.nimservice(inferencePlatform="kserve", status=before, **spec)
    related = [deployment()] if related is None else related
    request = stored.request(nim, [observed] if observed else [], related)
    return situation.named(
        resource.sync(NIM_SERVICE, request, settings or Settings(), stored.NOW), ask
    )["status"]


def said(status):
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    return status["state"], ready["reason"], ready["message"]


def test_before_there_is_any_it_is_being_created():
    assert said(synced(None)) == ("Pending", "Creating", "The InferenceService is being created")


def test_kserves_readiness_and_its_replicas_count():
    status = synced(service())
    assert said(status) == ("Ready", "Ready", "1 of 1 replicas are available")
    assert (status["replicas"], status["availableReplicas"]) == (1, 1)


def test_a_generation_that_is_not_its_own_does_not_matter():
    """KServe reports that of the Deployment: compared with its own, it would be behind for ever."""
    assert synced(service())["state"] == "Ready"


@pytest.mark.parametrize(
    "status",
    [{}, {"conditions": [{"type": "PredictorReady", "status": "Unknown"}]}],
    ids=["nothing", "unknown"],
)
def test_nothing_is_ready_before_kserve_says_so(status):
    assert said(synced(service(status)))[:2] == ("NotReady", "RollingOut")


def test_a_ready_predictor_without_a_ready_pod_is_not_ready():
    """A Deployment of one replica that adds none for an update is available without any, and KServe
    believes it."""
    assert said(synced(service(), [deployment(available=0)]))[0] == "NotReady"
    assert said(synced(service(), []))[2] == "KServe has made no Deployment yet"


def test_a_rollout_is_not_ready_while_old_replicas_serve():
    """The predictor is: KServe takes any available replica, whatever its template."""
    observed = service(copies=3, replicas=3)
    for counts, words in (
        ((4, 1, 3), "1 of 3 replicas are updated"),
        ((4, 3, 3), "1 old replicas still exist"),
        ((3, 3, 2), "2 of 3 replicas are available"),
    ):
        rolling = {**deployment(*counts, reason=ROLLING)}
        rolling["spec"]["replicas"] = 3
        status = synced(observed, [rolling], replicas=3)
        assert said(status) == ("NotReady", "RollingOut", words)


def test_an_edit_that_kserve_has_still_to_bring_to_its_deployment_is_a_rollout():
    observed, before = service(), deployment()
    (model,) = observed["spec"]["predictor"]["containers"]
    before["spec"]["template"]["spec"]["containers"] = [{**model, "image": "nim:old"}]
    observed["metadata"]["managedFields"] = [
        {"manager": "metacontroller", "operation": "Update", "time": stamp(stored.NOW)}
    ]
    assert said(synced(observed, [before]))[:2] == ("NotReady", "RollingOut")
    (entry,) = observed["metadata"]["managedFields"]
    entry["time"] = stamp(stored.ago(seconds=60))
    assert said(synced(observed, [before]))[0] == "Ready", "a policy may rewrite images for good"


def test_the_wanted_number_is_the_autoscalers():
    hpa = {"minReplicas": 2, "maxReplicas": 5, "metrics": []}
    scaled = {"scale": {"enabled": True, "hpa": hpa}}
    observed = service(**scaled)
    for current, wanted in ((1, 2), (4, 4)):  # before it has spoken, its minimum counts
        grown = deployment(current, available=1)
        status = synced(observed, [grown], **scaled)
        assert said(status) == ("Ready", "ScalingUp", f"1 of {wanted} replicas are available")


def test_the_model_is_up_while_further_replicas_start():
    status = synced(service(replicas=2), replicas=2)
    assert said(status) == ("Ready", "ScalingUp", "1 of 2 replicas are available")


def test_a_scaling_edit_keeps_it_ready():
    observed = service(replicas=1)
    before = {"observedGeneration": 0, "workloadHash": "another", "replicas": 1}
    status = synced(observed, status=before, replicas=3)
    assert said(status) == ("Ready", "ScalingUp", "1 of 3 replicas are available")


def test_a_deadline_of_kserves_does_not_fail_it():
    """Q33: KServe's Deployment has ten minutes, which is less than a large model takes to load."""
    late = deployment(available=0, reason="ProgressDeadlineExceeded")
    assert (
        said(synced(service(ready="False", reason="ProgressDeadlineExceeded"), [late]))[0]
        == "NotReady"
    )


@pytest.mark.parametrize(("seconds", "state"), [(2099, "NotReady"), (2100, "Failed")])
def test_it_fails_after_the_time_that_a_deployment_has(seconds, state):
    spec = {
        "startupProbe": {
            "enabled": True,
            "probe": {
                "httpGet": {"path": "/", "port": 8000},
                "periodSeconds": 10,
                "failureThreshold": 150,
            },
        }
    }
    observed, stuck = service(ready="False", **spec), [deployment(available=0, reason=ROLLING)]
    first = synced(observed, stuck, **spec)
    assert first["lastProgressTime"] == stamp(stored.NOW)
    status = synced(
        observed,
        stuck,
        status={
            **first,
            "observedGeneration": 1,
            "lastProgressTime": stamp(stored.ago(seconds=seconds)),
        },
        **spec,
    )
    assert said(status)[0] == state
    more = synced(
        observed,
        [deployment(2, available=1, reason=ROLLING)],
        status={
            **first,
            "observedGeneration": 1,
            "lastProgressTime": stamp(stored.ago(seconds=seconds)),
        },
        **spec,
    )
    assert more["lastProgressTime"] == stamp(stored.NOW), "a replica more is progress"
    assert "lastProgressTime" not in synced(
        service(**spec), status={**first, "observedGeneration": 1}, **spec
    )


def test_knative_may_run_no_replica():
    annotations = {"serving.kserve.io/deploymentMode": "Knative"}
    status = synced(
        service(copies=0, mode="Knative", annotations=annotations), annotations=annotations
    )
    assert said(status) == (
        "Ready",
        "Ready",
        "KServe reports a ready predictor with 0 replicas",
    )


def test_it_is_scaled_to_zero_when_kserve_has_stopped_it():
    stopped = service(ready="False", reason="Stopped", copies=0, replicas=0)
    assert said(synced(stopped, replicas=0))[:2] == ("Ready", "ScaledToZero")
    assert said(synced(stopped, [pod(1)], replicas=0))[0] == "NotReady", "while a pod is left"
    assert said(synced(service(replicas=0), replicas=0))[0] == "NotReady", (
        "while KServe does not say so"
    )


def test_the_endpoints_are_kserves():
    status = synced(service(), ask=lambda address: f"model at {address}")
    assert status["model"] == {
        "name": f"model at {ADDRESS}",
        "clusterEndpoint": ADDRESS,
        "externalEndpoint": URL,
    }


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://kubernetes.default.svc",
        "http://llama.other.svc.cluster.local",
        "http://nim.svc.example.com",
        "http://a.b.nim.svc",
        "http://llama.nim.svc.@evil.example.com",
        "http://evil.example.com/.nim.svc",
        "http://[::1",
        "llama.nim.svc",
    ],
)
def test_a_url_of_nobody_in_the_namespace_is_reported_and_not_asked(url):
    """Whoever may write that status could have the hooks call any address."""
    observed = service()
    observed["status"]["address"]["url"] = url
    model = synced(observed, ask=lambda _: "asked")["model"]
    assert model["clusterEndpoint"] == url
    assert "name" not in model


def test_what_a_terminal_would_obey_is_no_part_of_a_url():
    observed = service()
    observed["status"] |= {"url": "\x1b[2J" + URL, "address": {"url": ADDRESS + "\x1b]0;x\x07\n"}}
    model = synced(observed)["model"]
    assert "\x1b" not in str(model)
    assert model["clusterEndpoint"].isprintable()
    assert model["externalEndpoint"] == URL


def test_a_url_within_the_cluster_is_no_external_endpoint():
    observed = service()
    observed["status"]["url"] = ADDRESS
    assert endpoint.external(situation.context([observed], inferencePlatform="kserve")) == ""


def test_without_urls_there_is_no_model_to_reach():
    observed = service()
    del observed["status"]["url"], observed["status"]["address"]
    assert "model" not in synced(observed)


def test_the_selector_is_kserves_label():
    """KServe changes the label ``app``, which `kubectl scale` and autoscalers would look for."""
    assert synced(service())["selector"] == "serving.kserve.io/inferenceservice=llama"


def test_what_kserve_cannot_express_is_a_condition():
    status = synced(service(), expose={"service": {"type": "NodePort"}})
    degraded = next(each for each in status["conditions"] if each["type"] == "Degraded")
    assert (degraded["status"], degraded["reason"]) == ("True", "KServeCannotExpress")
    assert "spec.expose.service.type" in degraded["message"]


def test_an_installation_without_kserve_says_which_component_to_add():
    manages = [kind for kind in kinds.MANAGED if kind is not kinds.INFERENCE_SERVICE]
    ctx = situation.context(manages=manages, inferencePlatform="kserve")
    assert [each.reason for each in children.plan(ctx).findings] == ["KindNotManaged"]
