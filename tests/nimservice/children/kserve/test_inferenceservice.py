"""InferenceService: the model as KServe is asked to run it."""

import pytest

from hooks.kernel import lastapplied
from hooks.nimservice import validation
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import servicemonitor
from hooks.nimservice.children.kserve import inferenceservice
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.kserve import KNATIVE, MODE, context, predictor, running, server, service


def test_absent_by_default():
    assert not stored.built(inferenceservice, situation.context())


def test_absent_while_the_model_is_not_there():
    assert not stored.built(inferenceservice, context(storage={"nimCache": {"name": "cache"}}))


def test_users_labels_and_annotations_are_on_the_service_and_on_the_pods():
    made = service(labels={"team": "nlp", "app": "x"}, annotations={"note": "a"})
    assert (
        made["metadata"]["labels"].items()
        >= {"team": "nlp", "app.kubernetes.io/managed-by": "nimservice-hooks"}.items()
    )
    assert made["spec"]["predictor"]["labels"] == {"app": "llama"}
    assert made["spec"]["predictor"]["annotations"] == {"note": "a"}
    assert made["metadata"]["annotations"]["note"] == "a"


def test_metrics_are_found_unless_the_user_says_otherwise():
    """I-9: the reference forces them on."""
    key = "serving.kserve.io/enable-prometheus-scraping"
    assert service()["metadata"]["annotations"][key] == "true"
    assert service(annotations={key: "false"})["metadata"]["annotations"][key] == "false"


VISIBILITY = "networking.kserve.io/visibility"


@pytest.mark.parametrize(
    "expose",
    [
        {"router": {"ingress": {"ingressClass": "nginx"}}},
        {"router": {"gateway": {"name": "gw", "namespace": "infra"}}},
        {"ingress": {"enabled": True}},
    ],
    ids=["ingress", "gateway", "deprecated ingress"],
)
def test_a_routed_model_is_not_local_to_the_cluster(expose):
    """I-9: in the reference a gateway makes it local."""
    assert service(expose=expose)["metadata"]["labels"][VISIBILITY] == "exposed"


def test_any_other_model_is_local_unless_the_user_says_otherwise():
    assert service()["metadata"]["labels"][VISIBILITY] == "cluster-local"
    assert service(labels={VISIBILITY: "mine"})["metadata"]["labels"][VISIBILITY] == "mine"


def test_nothing_of_the_pod_is_dropped():
    """I-9: the reference drops command and arguments; I-3: a selector's "true" and
    tolerationSeconds."""
    toleration = {
        "key": "gpu",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": 60,
    }
    made = predictor(
        command=["serve"],
        args=["--fast"],
        nodeSelector={"gpu": "true"},
        tolerations=[toleration],
        userID=7,
    )
    assert (made["containers"][0]["command"], made["containers"][0]["args"]) == (
        ["serve"],
        ["--fast"],
    )
    assert (made["nodeSelector"], made["tolerations"]) == ({"gpu": "true"}, [toleration])
    assert made["securityContext"]["runAsUser"] == 7
    assert made["deploymentStrategy"]["rollingUpdate"] == {"maxUnavailable": "25%", "maxSurge": 0}


def test_extra_containers_have_the_models_variables_and_none_of_several_nodes():
    """I-15: the reference gives them NIM_MULTI_NODE. I-40: it discards the user's NGC_API_KEY and
    sets empty proxies."""
    first, beside = (
        {"name": name, "image": {"repository": "busybox", "tag": "1"}}
        for name in ("first", "beside")
    )
    spec = {
        "env": [{"name": "NGC_API_KEY", "value": "mine"}],
        "proxy": {"httpProxy": "http://proxy"},
    }
    made = predictor(initContainers=[first], sidecarContainers=[beside], **spec)
    for each in (*made["initContainers"], *made["containers"]):
        names = {variable["name"]: variable.get("value") for variable in each["env"]}
        assert names["NGC_API_KEY"] == "mine"
        assert names["HTTP_PROXY"] == "http://proxy"
        assert not {"NIM_MULTI_NODE", "NIM_NODE_RANK", "HTTPS_PROXY"} & set(names)


def test_ports_have_names_where_kserve_makes_a_deployment():
    expose = {"service": {"port": 9000, "grpcPort": 9001, "metricsPort": 9002}}
    ports = {each["name"]: each["containerPort"] for each in server(expose=expose)["ports"]}
    assert ports == {"api": 9000, "grpc": 9001, "metrics": 9002}


def test_the_container_keeps_the_name_that_kserve_gave_it():
    """Its old name beside the new one would be a second model server: lists are merged by name."""
    assert server()["name"] == "llama-ctr"
    renamed = [{"name": "kserve-container", "image": "x"}]
    assert predictor([running(containers=renamed)])["containers"][0]["name"] == "kserve-container"


def test_beside_sidecars_it_has_the_name_by_which_kserve_finds_it():
    sidecar = [{"name": "extra", "image": {"repository": "busybox", "tag": "1"}}]
    assert [each["name"] for each in predictor(sidecarContainers=sidecar)["containers"]] == [
        "kserve-container",
        "extra",
    ]


def test_a_held_service_keeps_the_name_too():
    observed = running(containers=[{"name": "kserve-container", "image": "x"}])
    (container,) = lastapplied.last_applied(observed, "metacontroller")["spec"]["predictor"][
        "containers"
    ]
    assert (container["name"], container["image"]) == ("kserve-container", server()["image"])


def test_metrics_are_scraped_where_kserve_makes_a_deployment_and_not_where_knative_runs():
    """Q18, I-26: nor does a ServiceMonitor stay behind."""
    assert stored.built(servicemonitor, context(metrics={"enabled": True}))
    assert not stored.built(servicemonitor, context(**KNATIVE, metrics={"enabled": True}))


@pytest.mark.parametrize(
    ("path", "spec"),
    [
        ("spec.multiNode", {"multiNode": {"parallelism": {"pipeline": 2}}}),
        (
            "spec.sidecarContainers[0].name",
            {
                "sidecarContainers": [
                    {"name": "kserve-container", "image": {"repository": "x", "tag": "1"}}
                ]
            },
        ),
        (f"spec.annotations[{MODE}]", {"annotations": {MODE: "ModelMesh"}}),
        (f"spec.annotations[{MODE}]", {"annotations": {MODE: "standard"}}),
    ],
)
def test_what_kserve_cannot_run_is_refused(path, spec):
    finding = validation.of(
        NIMService.parse(situation.nimservice(inferencePlatform="kserve", **spec))
    )
    assert finding is not None
    assert finding.text.startswith(f"{path}: ")


def test_a_name_that_kserve_does_not_admit_is_refused():
    nim = situation.nimservice(inferencePlatform="kserve")
    nim["metadata"]["name"] = "llama-3.1"
    finding = validation.of(NIMService.parse(nim))
    assert finding is not None
    assert finding.text.startswith("metadata.name: llama-3.1 ")
