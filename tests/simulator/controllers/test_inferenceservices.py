"""InferenceServices: what KServe makes of them, and when it says that they are ready."""

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
