"""InferenceService: the model as KServe is asked to run it, and what it is told that KServe cannot do."""

import pytest

from hooks import handlers, hold, refusal
from hooks.api.nimservice import NIMService
from hooks.children import inferenceservice, servicemonitor
from hooks.finding import Finding
from hooks.settings import Settings
from tests import situation
from tests.children.test_endpointpicker import expose as picking

MODE = "serving.kserve.io/deploymentMode"
KNATIVE = {"annotations": {MODE: "Knative"}}


def context(children=(), **spec):
    return situation.context(children, **{"inferencePlatform": "kserve", **spec})


def service(children=(), **spec):
    (made,) = situation.built(inferenceservice, context(children, **spec))
    return made


def predictor(children=(), **spec):
    return service(children, **spec)["spec"]["predictor"]


def server(**spec):
    return predictor(**spec)["containers"][0]


def findings(children=(), **spec):
    return {each.reason: each.message for each in inferenceservice.build(context(children, **spec)) if isinstance(each, Finding)}


def inexpressible(**spec):
    """Return the fields that the finding lists."""
    message = findings(**spec).get("KServeCannotExpress", "")
    return message.partition(" has no place for ")[2].partition(": ")[0].split(", ") if message else []


def scaled(*metrics, **hpa):
    return {"scale": {"enabled": True, "hpa": {"maxReplicas": 3, "metrics": list(metrics), **hpa}}}


def metric(name="cpu", **target):
    kind = {"averageUtilization": "Utilization", "averageValue": "AverageValue", "value": "Value"}[next(iter(target))]
    return {"type": "Resource", "resource": {"name": name, "target": {"type": kind, **target}}}


def running(mode=None, **predictor):
    """Return the InferenceService that exists, as KServe has changed it."""
    observed = situation.applied(service())
    return {
        **observed,
        "spec": {"predictor": {**observed["spec"]["predictor"], **predictor}},
        "status": {"deploymentMode": mode} if mode else {},
    }


def test_absent_by_default():
    assert not situation.built(inferenceservice, situation.context())


def test_absent_while_the_model_is_not_there():
    assert not situation.built(inferenceservice, context(storage={"nimCache": {"name": "cache"}}))


# Mode


@pytest.mark.parametrize(
    ("children", "annotations", "setting", "mode"),
    [
        ((), {}, "Standard", "Standard"),
        ((), {}, "Knative", "Knative"),
        ((), {MODE: "Standard"}, "Knative", "Standard"),
        ((), {MODE: "RawDeployment"}, "Standard", "RawDeployment"),
        (["Knative"], {MODE: "Standard"}, "Standard", "Knative"),
    ],
    ids=["default", "installation", "user", "older name", "what exists"],
)
def test_the_mode_is_what_exists_then_what_the_user_then_what_the_installation_says(children, annotations, setting, mode):
    """B31. A changed annotation must not reach the InferenceService: KServe refuses every update that carries one (I-9)."""
    ctx = situation.context(
        map(running, children), settings=Settings(kserve_deployment_mode=setting), inferencePlatform="kserve", annotations=annotations
    )
    (made,) = situation.built(inferenceservice, ctx)
    assert made["metadata"]["annotations"][MODE] == mode


def test_a_mode_that_cannot_change_any_more_is_said():
    assert "DeploymentModeFixed" in findings([running("Standard")], **KNATIVE)
    assert "DeploymentModeFixed" not in findings([running("Standard")], annotations={MODE: "RawDeployment"})


# Metadata


def test_users_labels_and_annotations_are_on_the_service_and_on_the_pods():
    made = service(labels={"team": "nlp", "app": "x"}, annotations={"note": "a"})
    assert made["metadata"]["labels"].items() >= {"team": "nlp", "app.kubernetes.io/managed-by": "nimservice-hooks"}.items()
    assert made["spec"]["predictor"]["labels"] == {"app": "llama"}
    assert made["spec"]["predictor"]["annotations"] == {"note": "a"}
    assert made["metadata"]["annotations"]["note"] == "a"


def test_metrics_are_found_unless_the_user_says_otherwise():
    """I-9: the reference forces them on."""
    key = "serving.kserve.io/enable-prometheus-scraping"
    assert service()["metadata"]["annotations"][key] == "true"
    assert service(annotations={key: "false"})["metadata"]["annotations"][key] == "false"


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
    """B21, I-9: in the reference a gateway makes it local."""
    assert "networking.kserve.io/visibility" not in service(expose=expose)["metadata"]["labels"]


def test_any_other_model_is_local_unless_the_user_says_otherwise():
    key = "networking.kserve.io/visibility"
    assert service()["metadata"]["labels"][key] == "cluster-local"
    assert service(labels={key: "exposed"})["metadata"]["labels"][key] == "exposed"


# Pod


def test_nothing_of_the_pod_is_dropped():
    """I-9: the reference drops command and arguments; I-3: a selector's "true" and tolerationSeconds."""
    toleration = {"key": "gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}
    made = predictor(command=["serve"], args=["--fast"], nodeSelector={"gpu": "true"}, tolerations=[toleration], userID=7)
    assert (made["containers"][0]["command"], made["containers"][0]["args"]) == (["serve"], ["--fast"])
    assert (made["nodeSelector"], made["tolerations"]) == ({"gpu": "true"}, [toleration])
    assert made["securityContext"]["runAsUser"] == 7
    assert made["deploymentStrategy"]["rollingUpdate"] == {"maxUnavailable": "25%", "maxSurge": 0}


def test_extra_containers_have_the_models_variables_and_none_of_several_nodes():
    """I-15: the reference gives them NIM_MULTI_NODE. I-40: it discards the user's NGC_API_KEY and sets empty proxies."""
    first, beside = ({"name": name, "image": {"repository": "busybox", "tag": "1"}} for name in ("first", "beside"))
    spec = {"env": [{"name": "NGC_API_KEY", "value": "mine"}], "proxy": {"httpProxy": "http://proxy"}}
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


# The container's name, which KServe's webhook changes


def test_the_container_keeps_the_name_that_kserve_gave_it():
    """Its old name beside the new one would be a second model server: lists are merged by name."""
    assert server()["name"] == "llama-ctr"
    renamed = [{"name": "kserve-container", "image": "x"}]
    assert predictor([running(containers=renamed)])["containers"][0]["name"] == "kserve-container"


def test_beside_sidecars_it_has_the_name_by_which_kserve_finds_it():
    sidecar = [{"name": "extra", "image": {"repository": "busybox", "tag": "1"}}]
    assert [each["name"] for each in predictor(sidecarContainers=sidecar)["containers"]] == ["kserve-container", "extra"]


def test_a_held_service_keeps_the_name_too():
    observed = running(containers=[{"name": "kserve-container", "image": "x"}])
    (container,) = hold.last_applied(observed, "metacontroller")["spec"]["predictor"]["containers"]
    assert (container["name"], container["image"]) == ("kserve-container", server()["image"])


# Replicas


def test_a_number_of_replicas_is_both_bounds():
    assert {key: predictor(replicas=3)[key] for key in ("minReplicas", "maxReplicas")} == {"minReplicas": 3, "maxReplicas": 3}
    assert "minReplicas" not in predictor()


@pytest.mark.parametrize("annotations", [{}, {MODE: "Knative"}])
def test_no_replicas_stop_the_model(annotations):
    """I-41: KServe takes a maximum of 0 for none given, and its autoscaler keeps one replica."""
    made = service(replicas=0, annotations=annotations)
    assert made["metadata"]["annotations"]["serving.kserve.io/stop"] == "true"
    assert "maxReplicas" not in made["spec"]["predictor"]
    assert "serving.kserve.io/stop" not in service(replicas=1)["metadata"]["annotations"]


def test_one_utilization_stays_where_the_reference_has_it():
    made = service(**scaled(metric(averageUtilization=80), minReplicas=2))
    assert made["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] == "hpa"
    scaling = {key: value for key, value in made["spec"]["predictor"].items() if "Replicas" in key or "cal" in key[:6]}
    assert scaling == {"minReplicas": 2, "maxReplicas": 3, "scaleMetric": "cpu", "scaleMetricType": "Utilization", "scaleTarget": 80}


@pytest.mark.parametrize(
    "metrics",
    [
        [metric("memory", averageValue="4Gi")],
        [metric(averageUtilization=80), metric("memory", averageUtilization=70)],
        [metric("memory", averageUtilization=150)],
    ],
    ids=["an amount", "several", "more than KServe's webhook admits in scaleTarget"],
)
def test_any_other_metrics_are_a_list(metrics):
    """I-9: the reference keeps the first metric only, and 4Gi overflows its 32 bits."""
    made = predictor(**scaled(*metrics))
    assert made["autoScaling"]["metrics"] == metrics
    assert "scaleTarget" not in made


# What Knative wants otherwise


def test_knative_gets_one_port_without_a_name():
    """I-9: it refuses a second one."""
    assert server(**KNATIVE, expose={"service": {"grpcPort": 9001, "metricsPort": 9002}})["ports"] == [
        {"containerPort": 8000, "protocol": "TCP"}
    ]


def test_knative_gets_user_and_group_on_each_container():
    """The reference drops them; without a user, runAsNonRoot keeps an image from starting whose user is a name."""
    made = predictor(**KNATIVE, userID=7, groupID=8, proxy={"certConfigMap": "ca"})
    assert "securityContext" not in made
    assert made["containers"][0]["securityContext"].items() >= {"runAsUser": 7, "runAsGroup": 8, "runAsNonRoot": True}.items()
    assert made["initContainers"][0]["securityContext"].items() >= {"runAsUser": 0, "runAsNonRoot": False}.items()


def test_knative_probes_a_number_and_for_five_minutes():
    made = server(**KNATIVE)
    assert made["livenessProbe"]["httpGet"] == {"path": "/v1/health/live", "port": 8000, "scheme": "HTTP"}
    assert made["startupProbe"]["httpGet"]["port"] == 8000
    assert made["startupProbe"]["failureThreshold"] == 30
    assert "deploymentStrategy" not in predictor(**KNATIVE)


def test_knative_probes_by_grpc_where_there_is_a_port_for_it():
    made = server(**KNATIVE, expose={"service": {"grpcPort": 9001}}, readinessProbe={"enabled": False})
    assert made["livenessProbe"]["grpc"] == {"port": 9001, "service": ""}
    assert "httpGet" not in made["livenessProbe"]
    assert "readinessProbe" not in made


def test_a_users_probe_finds_its_port_by_number():
    probe = {"httpGet": {"path": "/up", "port": "api"}, "failureThreshold": 9}
    made = server(**KNATIVE, startupProbe={"probe": probe}, livenessProbe={"probe": {"exec": {"command": ["true"]}}})
    assert made["startupProbe"] == {"httpGet": {"path": "/up", "port": 8000}, "failureThreshold": 9}
    assert made["livenessProbe"] == {"exec": {"command": ["true"]}}


# What KServe cannot express


@pytest.mark.parametrize(
    ("fields", "spec"),
    [
        (["spec.expose.service.type"], {"expose": {"service": {"type": "LoadBalancer"}}}),
        (["spec.expose.service.name"], {"expose": {"service": {"name": "chat"}}}),
        (["spec.expose.service.labels"], {"expose": {"service": {"labels": {"a": "b"}}}}),
        (["spec.expose.service.annotations"], {"expose": {"service": {"annotations": {"a": "b"}}}}),
        (["spec.expose.ingress.spec"], {"expose": {"ingress": {"enabled": True, "spec": {"rules": []}}}}),
        (
            ["spec.expose.router.hostDomainName", "spec.expose.router.gateway"],
            {"expose": {"router": {"hostDomainName": "example.com", "gateway": {"name": "gw", "namespace": "infra"}}}},
        ),
        (["spec.expose.router.ingress"], {"expose": {"router": {"ingress": {"ingressClass": "nginx"}}}}),
        (["spec.expose.router.eppConfig"], {"expose": picking()}),
        (["spec.scale.hpa.behavior"], scaled(behavior={"scaleDown": {"stabilizationWindowSeconds": 5}})),
        (["spec.scale.hpa.metrics[1]"], scaled(metric(averageUtilization=80), {"type": "Pods", "pods": {}})),
        (["spec.scale.hpa.metrics[0]"], scaled(metric(averageValue="1"))),
        (["spec.scale.annotations"], {"scale": {"enabled": True, "hpa": {"maxReplicas": 2}, "annotations": {"a": "b"}}}),
        (["spec.replicas"], {**KNATIVE, "replicas": 2}),
        (["spec.groupID"], {**KNATIVE, "groupID": 5}),
        (["spec.metrics"], {**KNATIVE, "metrics": {"enabled": True}}),
        (["spec.draResources"], {**KNATIVE, "draResources": [{"resourceClaimTemplateName": "gpu"}]}),
        (["spec.expose.service.grpcPort"], {**KNATIVE, "expose": {"service": {"grpcPort": 9001}}}),
        (["spec.expose.service.metricsPort"], {**KNATIVE, "expose": {"service": {"metricsPort": 9002}}}),
    ],
)
def test_what_kserve_cannot_express_is_said(fields, spec):
    """B21, I-9: the reference drops all of it in silence."""
    assert inexpressible(**spec) == fields


@pytest.mark.parametrize(
    "spec",
    [
        {"expose": {"service": {"type": "ClusterIP", "name": "llama", "grpcPort": 9001}}, "replicas": 2, "metrics": {"enabled": True}},
        {**KNATIVE, "replicas": 1},
        {**KNATIVE, "replicas": 0},
        scaled(metric(averageUtilization=80), metric("memory", averageValue="4Gi")),
    ],
)
def test_what_it_can_express_is_not(spec):
    assert not findings(**spec)


def test_nothing_scales_on_a_metric_that_kserve_does_not_know():
    """KServe refuses an InferenceService that lists one."""
    made = predictor(**scaled({"type": "External", "external": {}}))
    assert "autoScaling" not in made
    assert "scaleMetric" not in made


def test_metrics_are_scraped_where_kserve_makes_a_deployment_and_not_where_knative_runs():
    """Q18, I-26: nor does a ServiceMonitor stay behind."""
    assert situation.built(servicemonitor, context(metrics={"enabled": True}))
    assert not situation.built(servicemonitor, context(**KNATIVE, metrics={"enabled": True}))


# What is refused


@pytest.mark.parametrize(
    ("path", "spec"),
    [
        ("spec.multiNode", {"multiNode": {"parallelism": {"pipeline": 2}}}),
        ("spec.sidecarContainers[0].name", {"sidecarContainers": [{"name": "kserve-container", "image": {"repository": "x", "tag": "1"}}]}),
        (f"spec.annotations[{MODE}]", {"annotations": {MODE: "ModelMesh"}}),
        (f"spec.annotations[{MODE}]", {"annotations": {MODE: "standard"}}),
    ],
)
def test_what_kserve_cannot_run_is_refused(path, spec):
    finding = refusal.of(NIMService.parse(situation.nimservice(inferencePlatform="kserve", **spec)))
    assert finding is not None
    assert finding.message.startswith(f"{path}: ")


def test_a_name_that_kserve_does_not_admit_is_refused():
    nim = situation.nimservice(inferencePlatform="kserve")
    nim["metadata"]["name"] = "llama-3.1"
    finding = refusal.of(NIMService.parse(nim))
    assert finding is not None
    assert finding.message.startswith("metadata.name: llama-3.1 ")


def test_kserves_pods_are_asked_for_by_its_own_label():
    """KServe changes the label ``app``, so that it does not tell which pods are the model's."""
    rules = handlers.customize(situation.request(situation.nimservice()), Settings())["relatedResources"]
    assert {"matchLabels": {"serving.kserve.io/inferenceservice": "llama"}} in [rule.get("labelSelector") for rule in rules]
