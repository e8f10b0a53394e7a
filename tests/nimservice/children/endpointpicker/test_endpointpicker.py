"""Endpoint picker: its Deployment, Service, rights and configuration."""

import pytest

from hooks.nimservice import kinds
from hooks.nimservice.children import endpointpicker
from hooks.nimservice.children.endpointpicker import port
from tests.nimservice.children.endpointpicker.picked import IMAGE, container, expose, picked
from tests.situations import nimservice as situation
from tests.situations import stored


def test_absent_by_default():
    assert not stored.built(endpointpicker, situation.context())


def test_absent_where_kserve_runs_the_model():
    assert not stored.built(
        endpointpicker, situation.context(inferencePlatform="kserve", expose=expose())
    )


def test_absent_where_no_pool_can_be_made():
    """A picker without its pool would crash for ever."""
    assert not picked(manages=[kind for kind in kinds.MANAGED if kind is not kinds.INFERENCE_POOL])


def test_all_of_it_has_one_name():
    made = picked()
    assert {kind: child["metadata"]["name"] for kind, child in made.items()} == {
        "ServiceAccount": "llama-epp",
        "Role": "llama-epp",
        "RoleBinding": "llama-epp",
        "Service": "llama-epp",
        "ConfigMap": "llama-epp-config",
        "Deployment": "llama-epp",
    }
    spec = made["Deployment"]["spec"]
    assert (
        spec["selector"]["matchLabels"]
        == made["Service"]["spec"]["selector"]
        == {"app": "llama-epp"}
    )
    assert spec["template"]["metadata"]["labels"]["app"] == "llama-epp"
    assert spec["template"]["spec"]["serviceAccountName"] == "llama-epp"


def test_its_arguments_name_pool_and_configuration():
    assert container()["args"] == [
        *(
            "--pool-name",
            "llama",
            "--pool-namespace",
            "nim",
            "--pool-group",
            "inference.networking.k8s.io",
            "--zap-encoder",
            "json",
        ),
        *(
            "--config-file",
            "/config/default-plugins.yaml",
            "--v",
            "6",
            "--model-server-metrics-path",
            "/v1/metrics",
        ),
    ]


def test_the_users_arguments_take_their_place():
    assert container(container={"args": ["--v", "4"]})["args"] == ["--v", "4"]


def test_its_image_is_pulled_as_it_says():
    """Q32: the reference takes policy and secrets from the model's image, and drops the working
    directory and the name."""
    image = {**IMAGE, "pullPolicy": "Always", "pullSecrets": ["mine", "ngc-secret"]}
    pod = picked(container={"name": "scheduler", "image": image, "workingDir": "/srv"})[
        "Deployment"
    ]["spec"]["template"]["spec"]
    assert pod["imagePullSecrets"] == [{"name": "mine"}, {"name": "ngc-secret"}]
    made = pod["containers"][0]
    assert (made["name"], made["imagePullPolicy"], made["workingDir"]) == (
        "scheduler",
        "Always",
        "/srv",
    )


def test_it_is_admitted_by_pod_security_restricted():
    """Q37: without a security context it is refused. The model's user is not the picker's."""
    assert container(spec={"userID": 0})["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsNonRoot": True,
    }


def ports(made):
    return {each["name"]: each["port"] for each in made["Service"]["spec"]["ports"]}


def test_it_is_asked_on_9002_and_scraped_on_9090():
    assert ports(picked()) == {"grpc-ext-proc": 9002, "http-metrics": 9090}


def test_service_probes_and_flags_follow_the_containers_ports():
    """I-28, Q32: the reference probes 9003 and leads the pool to 9002 whatever the container
    says."""
    given = [
        {"name": "grpc", "containerPort": 9102},
        {"name": "grpc-health", "containerPort": 9103},
        {"name": "web", "containerPort": 80},
    ]
    made = picked(ports=given)
    assert ports(made) == {"grpc": 9102, "grpc-health": 9103, "web": 80}
    picker = made["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert (
        picker["readinessProbe"]["grpc"]["port"] == picker["livenessProbe"]["grpc"]["port"] == 9103
    )
    assert picker["args"][-4:] == ["--grpc-port", "9102", "--grpc-health-port", "9103"]
    assert [each["protocol"] for each in picker["ports"]] == ["TCP"] * 3


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ([], 9002),
        ([{"containerPort": 9100}], 9100),
        ([{"containerPort": 9090}, {"containerPort": 9100}], 9100),
        ([{"containerPort": 9090}], 9002),
        ([{"containerPort": 1}, {"containerPort": 9002}], 9002),
    ],
    ids=["none", "the only one", "the one that is not for metrics", "metrics alone", "by number"],
)
def test_the_port_that_gateways_ask_is_found_without_its_name(given, number):
    made = picked(ports=given)
    assert number in ports(made).values()
    assert (
        port.number(
            situation.context(expose=expose(ports=given)).nim.spec.expose.router.epp_config,
            port.PICK,
        )
        == number
    )


def test_no_port_of_it_is_taken_for_the_models():
    """Q42: the model's ServiceMonitor selects the picker's Service too, which has the same labels;
    the names of the ports differ."""
    assert ports(picked(ports=[{"name": "metrics", "containerPort": 9090}])) == {
        "grpc-ext-proc": 9002,
        "epp-metrics": 9090,
    }


def test_probes_can_be_given():
    probe = {"httpGet": {"path": "/", "port": 80}}
    made = container(readinessProbe=probe, livenessProbe=probe, startupProbe=probe)
    assert made["readinessProbe"] == made["livenessProbe"] == made["startupProbe"] == probe


def test_it_has_a_grace_of_its_own():
    own, models = (
        picked(**given)["Deployment"]["spec"]["template"]["spec"]
        for given in (
            {"terminationGracePeriodSeconds": 120},
            {"spec": {"terminationGracePeriodSeconds": 600}},
        )
    )
    assert own["terminationGracePeriodSeconds"] == 120
    assert "terminationGracePeriodSeconds" not in models
