"""Knative: what it wants otherwise of a pod."""

from tests.situations.kserve import KNATIVE, findings, predictor, server


def test_knative_gets_one_port_without_a_name():
    """I-9: it refuses a second one."""
    assert server(**KNATIVE, expose={"service": {"grpcPort": 9001, "metricsPort": 9002}})[
        "ports"
    ] == [{"containerPort": 8000, "protocol": "TCP"}]


def test_knative_gets_user_and_group_on_each_container():
    """The reference drops them; without a user, runAsNonRoot keeps an image from starting whose
    user is a name."""
    made = predictor(**KNATIVE, userID=7, groupID=8, proxy={"certConfigMap": "ca"})
    assert "securityContext" not in made
    assert (
        made["containers"][0]["securityContext"].items()
        >= {"runAsUser": 7, "runAsGroup": 8, "runAsNonRoot": True}.items()
    )
    assert (
        made["initContainers"][0]["securityContext"].items()
        >= {"runAsUser": 0, "runAsNonRoot": False}.items()
    )


def test_a_predictor_has_no_token_and_never_a_true_that_knative_refuses():
    asked = {"apps.nvidia.com/service-account-token": "true"}
    assert predictor(**KNATIVE)["automountServiceAccountToken"] is False
    assert predictor()["automountServiceAccountToken"] is False
    knative = {**KNATIVE, "annotations": {**KNATIVE["annotations"], **asked}}
    assert "automountServiceAccountToken" not in predictor(**knative)


def test_knative_probes_a_number_and_for_five_minutes():
    made = server(**KNATIVE)
    assert made["livenessProbe"]["httpGet"] == {
        "path": "/v1/health/live",
        "port": 8000,
        "scheme": "HTTP",
    }
    assert made["startupProbe"]["httpGet"]["port"] == 8000
    assert made["startupProbe"]["failureThreshold"] == 30
    assert "deploymentStrategy" not in predictor(**KNATIVE)


def test_knative_probes_by_grpc_where_there_is_a_port_for_it():
    made = server(
        **KNATIVE, expose={"service": {"grpcPort": 9001}}, readinessProbe={"enabled": False}
    )
    assert made["livenessProbe"]["grpc"] == {"port": 9001, "service": ""}
    assert "httpGet" not in made["livenessProbe"]
    assert "readinessProbe" not in made


def test_a_users_probe_finds_its_port_by_number():
    probe = {"httpGet": {"path": "/up", "port": "api"}, "failureThreshold": 9}
    made = server(
        **KNATIVE,
        startupProbe={"probe": probe},
        livenessProbe={"probe": {"exec": {"command": ["true"]}}},
    )
    assert made["startupProbe"] == {"httpGet": {"path": "/up", "port": 8000}, "failureThreshold": 9}
    assert made["livenessProbe"] == {"exec": {"command": ["true"]}}


def test_knative_ends_pods_itself():
    """It refuses a pod with a grace period or a container with a lifecycle."""
    asked = {
        "terminationGracePeriodSeconds": 600,
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    }
    assert "terminationGracePeriodSeconds" not in predictor(**KNATIVE, **asked)
    assert "lifecycle" not in server(**KNATIVE, **asked)
    told = findings(**KNATIVE, **asked)["KServeCannotExpress"]
    assert "spec.terminationGracePeriodSeconds, spec.lifecycle" in told
