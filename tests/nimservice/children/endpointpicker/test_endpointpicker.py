"""Endpoint picker: its Deployment, Service, rights and configuration."""

import base64

import pytest
import yaml

from hooks.kernel.finding import Finding
from hooks.nimservice import kinds
from hooks.nimservice.children import endpointpicker
from hooks.nimservice.children.endpointpicker import access, port
from tests.situations import nimservice as situation
from tests.situations import stored

IMAGE = {"repository": "registry.k8s.io/gateway-api-inference-extension/epp", "tag": "v1.3.1"}
CONFIG = {
    "plugins": [{"type": "queue-scorer"}],
    "schedulingProfiles": [{"name": "default", "plugins": [{"pluginRef": "queue-scorer"}]}],
}


def expose(container=(), **picker):
    given = {
        "containerSpec": {"name": "epp", "image": IMAGE, **dict(container)},
        **({"config": CONFIG} | picker),
    }
    return {
        "router": {"eppConfig": {key: value for key, value in given.items() if value is not None}}
    }


def picked(children=(), manages=kinds.MANAGED, container=(), spec=(), **picker):
    ctx = situation.context(
        children, manages=manages, expose=expose(container, **picker), **dict(spec)
    )
    return {child["kind"]: child for child in stored.built(endpointpicker, ctx)}


def container(**options):
    return picked(**options)["Deployment"]["spec"]["template"]["spec"]["containers"][0]


def found(children=(), **picker):
    ctx = situation.context(children, expose=expose(**picker))
    return [each for each in endpointpicker.build(ctx) if isinstance(each, Finding)]


def configuration(**picker):
    return yaml.safe_load(picked(**picker)["ConfigMap"]["data"]["default-plugins.yaml"])


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
    """Q32: the reference takes policy and secrets from the model's image, and drops the working directory and the name."""
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
    """I-28, Q32: the reference probes 9003 and leads the pool to 9002 whatever the container says."""
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
    """Q42: the model's ServiceMonitor selects the picker's Service too, which has the same labels; the names of the ports differ."""
    assert ports(picked(ports=[{"name": "metrics", "containerPort": 9090}])) == {
        "grpc-ext-proc": 9002,
        "epp-metrics": 9090,
    }


def test_probes_can_be_given():
    probe = {"httpGet": {"path": "/", "port": 80}}
    made = container(readinessProbe=probe, livenessProbe=probe, startupProbe=probe)
    assert made["readinessProbe"] == made["livenessProbe"] == made["startupProbe"] == probe


def test_its_rights_name_what_it_reads():
    rules = picked()["Role"]["rules"]
    assert rules == list(access.RULES)
    assert not any("*" in value for rule in rules for values in rule.values() for value in values)


def test_leases_are_its_own_only_where_it_elects_a_leader():
    rules = picked(container={"args": ["--ha-enable-leader-election"]})["Role"]["rules"]
    assert [rule["resources"] for rule in rules[len(access.RULES) :]] == [["leases"], ["events"]]


def test_the_configuration_is_complete_and_has_no_nulls():
    """Q32: the reference writes ``parameters: null`` and leaves kind and version to the user."""
    assert configuration() == {
        "apiVersion": "inference.networking.x-k8s.io/v1alpha1",
        "kind": "EndpointPickerConfig",
        **CONFIG,
    }


@pytest.mark.parametrize(
    "parameters",
    [{"size": 64}, base64.b64encode(b'{"size": 64}').decode()],
    ids=["object", "base64"],
)
def test_parameters_are_data(parameters):
    """Q32: the reference's CRD admits bytes only, which no plugin can read."""
    plugins = [{"type": "prefix-cache-scorer", "parameters": parameters}]
    assert configuration(config={**CONFIG, "plugins": plugins})["plugins"] == [
        {"type": "prefix-cache-scorer", "parameters": {"size": 64}}
    ]


def test_fields_of_a_later_release_are_handed_on():
    assert configuration(config={**CONFIG, "flowControl": {"maxBytes": 1}})["flowControl"] == {
        "maxBytes": 1
    }


def test_a_configmap_of_the_users_is_mounted_and_none_is_made():
    """Q18: the reference leaves its own ConfigMap behind."""
    made = picked(config=None, configMapRef={"name": "mine", "key": "picker.yaml"})
    assert "ConfigMap" not in made
    pod = made["Deployment"]["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "epp-config", "configMap": {"name": "mine"}}]
    assert "/config/picker.yaml" in pod["containers"][0]["args"]


@pytest.mark.parametrize(
    ("picker", "path"),
    [
        ({"config": None}, "spec.expose.router.eppConfig: "),
        (
            {"config": None, "configMapRef": {"key": "picker.yaml"}},
            "spec.expose.router.eppConfig: ",
        ),
        (
            {"config": {**CONFIG, "plugins": [{"type": "x", "parameters": "e30"}]}},
            "spec.expose.router.eppConfig.config.plugins[0].parameters: ",
        ),
    ],
    ids=["no source", "a ConfigMap without a name", "parameters that are no base64"],
)
def test_without_a_configuration_no_picker_starts(picker, path):
    """I-28, Q32: the reference makes a Deployment that the API server refuses."""
    assert "Deployment" not in picked(**picker)
    (finding,) = found(**picker)
    assert finding.reason == "EndpointPickerUnconfigured"
    assert finding.text.startswith(path)


@pytest.mark.parametrize(
    "parameters",
    ["é", "e30é", base64.b64encode(b'{"a":' * 500 + b"1" + b"}" * 500).decode()],
    ids=["no ASCII", "base64 and more", "nested too deeply"],
)
def test_parameters_that_nobody_can_read_are_told_and_are_no_bug(parameters):
    """The API server admits any text here, so whoever may write a NIMService can put it there."""
    broken = {"config": {**CONFIG, "plugins": [{"type": "x", "parameters": parameters}]}}
    assert "Deployment" not in picked(**broken)
    (finding,) = found(**broken)
    assert "plugins[0].parameters: " in finding.text


def test_a_picker_that_runs_is_held_without_a_configuration():
    before = picked()
    observed = [situation.applied(before["ConfigMap"]), situation.applied(before["Deployment"])]
    assert picked(observed, config=None)["Deployment"] == before["Deployment"]


def revision(made):
    return made["Deployment"]["spec"]["template"]["metadata"].get("annotations")


def test_a_changed_configuration_replaces_the_pickers_pods():
    first = picked()
    assert revision(first) is None
    observed = [situation.applied(first["ConfigMap"]), situation.applied(first["Deployment"])]
    changed = picked(observed, config={**CONFIG, "featureGates": ["x"]})
    assert list(revision(changed)) == ["apps.nvidia.com/endpoint-picker-config"]
    again = picked(
        [situation.applied(changed["ConfigMap"])], config={**CONFIG, "featureGates": ["x"]}
    )
    assert again == changed, "it settles"
    assert revision(picked([situation.applied(changed["ConfigMap"])])) is None, (
        "and goes back with the configuration"
    )


@pytest.mark.parametrize(
    "config", [CONFIG, {**CONFIG, "featureGates": ["x"]}], ids=["the first", "a changed one"]
)
def test_a_configuration_that_somebody_deletes_comes_back_and_replaces_no_pods(config):
    first = picked()
    running = picked(
        [situation.applied(first["ConfigMap"]), situation.applied(first["Deployment"])],
        config=config,
    )
    deployment = situation.applied(running["Deployment"])
    again = picked([deployment], config=config)
    assert again["Deployment"] == running["Deployment"]
    assert picked([deployment, situation.applied(again["ConfigMap"])], config=config) == again, (
        "it settles"
    )
