"""InferenceServices: what KServe makes of them, and when it says that they are ready."""

import json

import pytest

from hooks.kernel.observed import condition
from tests.simulator.inside import INFERENCE, Cluster, inference
from tests.simulator.lab import DEPLOYMENT


def test_kserve_stops_a_predictor() -> None:
    cluster = Cluster()
    cluster.make(inference())
    cluster.settle()
    stop = {"serving.kserve.io/stop": "true"}
    cluster.server.edit(
        INFERENCE, "default", "i", lambda obj: obj["metadata"].update(annotations=stop)
    )
    cluster.settle()
    assert not cluster.pods()
    assert condition(cluster.get(INFERENCE, "i"), "PredictorReady")["reason"] == "Stopped"


def test_kserve_makes_a_deployment_and_says_when_the_predictor_is_ready() -> None:
    cluster = Cluster()
    cluster.make(inference(**{"serving.kserve.io/deploymentMode": "Knative"}))
    cluster.kubelet.step()
    assert condition(cluster.get(INFERENCE, "i"), "PredictorReady")["status"] == "False"
    cluster.settle()
    found = cluster.get(INFERENCE, "i")
    assert condition(found, "PredictorReady")["status"] == "True"
    assert found["status"]["deploymentMode"] == "Knative"
    assert found["status"]["address"]["url"] == "http://i-predictor.default.svc.cluster.local"
    assert found["status"]["modelStatus"]["copies"]["totalCopies"] == 2
    made = cluster.get(DEPLOYMENT, "i-predictor")
    assert made["spec"]["strategy"] == {"type": "Recreate"}
    assert cluster.pods()[0]["metadata"]["labels"]["serving.kserve.io/inferenceservice"] == "i"
    assert cluster.pods()[0]["metadata"]["labels"]["team"] == "x"


def test_kserve_copies_annotations_and_labels_to_the_pods() -> None:
    cluster = Cluster()
    own = inference(
        **{"example.com/edit": "1", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
    )
    own["spec"]["predictor"]["annotations"] = {"example.com/edit": "2"}
    cluster.make(own)
    cluster.settle()
    meta = cluster.pods()[0]["metadata"]
    assert meta["annotations"] == {"example.com/edit": "2"}, "what the predictor has goes before"


def configured(**lists: list[str]) -> Cluster:
    """Return a cluster in which KServe has lists of what it does not copy."""
    cluster = Cluster()
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kserve"}}
    cluster.server.create(space)
    cluster.server.create(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "inferenceservice-config", "namespace": "kserve"},
            "data": {"inferenceService": json.dumps(lists)},
        }
    )
    return cluster


def test_what_its_configuration_lists_is_copied_to_no_pod() -> None:
    cluster = configured(serviceAnnotationDisallowedList=["example.com/edit"])
    own = inference(**{"example.com/edit": "1", "example.com/note": "2", "modelFormat": "x"})
    own["spec"]["predictor"]["annotations"] = {"example.com/edit": "3"}
    cluster.make(own)
    cluster.settle()
    assert cluster.pods()[0]["metadata"]["annotations"] == {"example.com/note": "2"}


@pytest.mark.parametrize(("mode", "copied"), [("Standard", True), ("Knative", False)])
def test_labels_that_are_listed_stay_away_from_the_pods_of_knative_alone(
    mode: str, copied: bool
) -> None:
    cluster = configured(serviceLabelDisallowedList=["team"])
    cluster.make(inference(**{"serving.kserve.io/deploymentMode": mode}))
    cluster.settle()
    assert ("team" in cluster.pods()[0]["metadata"]["labels"]) is copied


@pytest.mark.parametrize("listed", [False, True])
def test_an_annotation_that_changes_makes_new_pods_unless_it_is_listed(listed: bool) -> None:
    cluster = configured(serviceAnnotationDisallowedList=["example.com/edit"] * listed)
    cluster.make(inference(**{"example.com/edit": "1"}))
    cluster.settle()
    before = {pod["metadata"]["uid"] for pod in cluster.pods()}
    edit = {"example.com/edit": "2"}
    cluster.server.edit(
        INFERENCE, "default", "i", lambda obj: obj["metadata"].update(annotations=edit)
    )
    cluster.settle()
    assert ({pod["metadata"]["uid"] for pod in cluster.pods()} == before) is listed
