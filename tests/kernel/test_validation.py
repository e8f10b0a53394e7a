"""Validation: a CRD that was installed by hand may lack what the hooks rely on; such a spec is
refused in one sentence."""

import pytest

from hooks.kernel import resource
from hooks.nimservice import children
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored

SETTINGS = Settings()
ODD = {
    "spec.env[0].name: is required": {"env": [{"value": "x"}]},
    "spec.env[0].value: must be text, is the number 8": {"env": [{"name": "A", "value": 8}]},
    "spec.env[0].valueFrom.fieldRef: must be an object, is a list": {
        "env": [{"name": "A", "valueFrom": {"fieldRef": []}}]
    },
    "spec.resources.limits: must be an object, is": {"resources": {"limits": "x"}},
    "spec.resources.requests[cpu]: must be a whole number or text, is the number 0.5": {
        "resources": {"requests": {"cpu": 0.5}}
    },
    "spec.startupProbe.probe.periodSeconds: must be a whole number": {
        "startupProbe": {"probe": {"periodSeconds": [1]}}
    },
    "spec.livenessProbe.probe.grpc.port: is required": {"livenessProbe": {"probe": {"grpc": {}}}},
    "spec.scale.hpa.metrics[0].type: is required": {
        "scale": {"enabled": True, "hpa": {"maxReplicas": 2, "metrics": [{}]}}
    },
    "spec.scale.hpa.behavior.scaleUp: must be an object": {
        "scale": {"enabled": True, "hpa": {"maxReplicas": 2, "behavior": {"scaleUp": 1}}}
    },
    "spec.tolerations[0]: must be an object": {"tolerations": ["gpu"]},
    "spec.image.tag: must be text, is the number 1.8": {"image": {"repository": "x", "tag": 1.8}},
}


@pytest.mark.parametrize("words", ODD)
def test_a_spec_that_breaks_its_schema_is_refused_and_everything_is_held(words):
    observed = [situation.applied(each) for each in children.plan(situation.context()).children]
    request = stored.request(situation.nimservice(**ODD[words]), observed)
    answer = resource.sync(NIM_SERVICE, request, SETTINGS, stored.NOW).body
    assert len(answer["children"]) == len(observed)
    ready = answer["status"]["conditions"][0]
    assert (ready["reason"], ready["status"]) == ("InvalidSpec", "False")
    assert ready["message"].startswith(words)


@pytest.mark.parametrize("words", ODD)
def test_customize_asks_for_nothing_for_such_a_spec(words):
    request = stored.request(situation.nimservice(**ODD[words]))
    assert resource.customize(NIM_SERVICE, request, SETTINGS).body == {"relatedResources": []}


def test_an_amount_of_the_endpoint_pickers_container_is_looked_at_too():
    variable = {"name": "A", "valueFrom": {"resourceFieldRef": {"divisor": "much"}}}
    container = {
        "name": "epp",
        "image": {"repository": "epp", "tag": "1"},
        "env": [variable],
    }
    picker = {"containerSpec": container, "configMapRef": {"name": "epp", "key": "config.yaml"}}
    nim = situation.nimservice(expose={"router": {"eppConfig": picker}})
    answer = resource.sync(NIM_SERVICE, stored.request(nim), SETTINGS, stored.NOW).body
    ready = answer["status"]["conditions"][0]
    assert ready["reason"] == "InvalidSpec"
    assert "eppConfig.containerSpec.env[0].valueFrom.resourceFieldRef.divisor" in ready["message"]
