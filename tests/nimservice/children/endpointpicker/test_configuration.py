"""Configuration: the picker's file, from the spec or from a ConfigMap of the user's."""

import base64

import pytest
import yaml

from hooks.kernel import resource
from hooks.kernel.finding import Finding
from hooks.nimservice.children import endpointpicker
from hooks.resources import NIM_SERVICE, Settings
from tests.nimservice.children.endpointpicker.picked import CONFIG, expose, picked
from tests.situations import nimservice as situation
from tests.situations import stored


def found(children=(), **picker):
    ctx = situation.context(children, expose=expose(**picker))
    return [each for each in endpointpicker.build(ctx) if isinstance(each, Finding)]


def configuration(**picker):
    return yaml.safe_load(picked(**picker)["ConfigMap"]["data"]["default-plugins.yaml"])


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


@pytest.mark.parametrize("given", ["200", "200 ms", "soon", ""])
def test_a_stored_duration_that_cannot_be_read_is_told_and_holds_what_runs(given):
    """R1: the reference then reads no NIMService at all."""
    detector = {"metricsStalenessThreshold": given}
    nim = situation.nimservice(expose=expose(config={**CONFIG, "saturationDetector": detector}))
    before = resource.sync(
        NIM_SERVICE, stored.request(situation.nimservice()), Settings(), stored.NOW
    ).body["children"]
    answer = resource.sync(
        NIM_SERVICE,
        stored.request(nim, [situation.applied(each) for each in before]),
        Settings(),
        stored.NOW,
    )
    assert {each["kind"] for each in answer.body["children"]} == {each["kind"] for each in before}
    ready, *_ = answer.body["status"]["conditions"]
    assert ready["reason"] == "InvalidSpec"
    assert "saturationDetector.metricsStalenessThreshold" in ready["message"]


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
