"""The status of a model that KServe runs."""

import pytest

from hooks.kernel import resource
from hooks.nimservice import children, kinds
from hooks.nimservice.children.kserve import inferenceservice
from hooks.nimservice.status import endpoint, rollout
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


def synced(observed, related=(), ask=lambda _: None, *, settings=None, **spec):
    nim = situation.nimservice(inferencePlatform="kserve", status={"observedGeneration": 1}, **spec)
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
    status = synced(service(copies=1))
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
    assert said(synced(service(copies=1), [pod(1, ready="False")]))[0] == "NotReady"
    assert said(synced(service(copies=0)))[0] == "NotReady"


def test_pods_are_counted_where_they_are_known():
    leaving = pod(3, deletionTimestamp=stored.EARLIER)
    found = rollout.of(
        situation.context(
            [service(copies=9, replicas=2)],
            [pod(1), pod(2, ready="False"), leaving],
            inferencePlatform="kserve",
            replicas=2,
        )
    )
    assert (found.wanted, found.replicas, found.available) == (2, 3, 1)


def test_the_model_is_up_while_further_replicas_start():
    status = synced(service(copies=1, replicas=2), replicas=2)
    assert said(status) == ("Ready", "ScalingUp", "1 of 2 replicas are available")


def test_a_deadline_of_kserves_does_not_fail_it():
    """Q33: KServe's Deployment has ten minutes, which is less than a large model takes to load."""
    assert said(synced(service(ready="False", reason="ProgressDeadlineExceeded")))[0] == "NotReady"


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
    assert (model["name"], model["clusterEndpoint"]) == ("", url)


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
