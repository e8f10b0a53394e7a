"""Repeated: what dynamic apply would merge into copies of the last entry is refused."""

import pytest

from hooks.kernel import dynamicapply
from hooks.nimservice import validation
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.validation import repeated
from tests.situations import nimservice as situation

IMAGE = {"repository": "nvcr.io/nim/x", "tag": "1"}
DNS = [
    {"containerPort": 53, "protocol": "TCP", "name": "dns-tcp"},
    {"containerPort": 53, "protocol": "UDP", "name": "dns-udp"},
]
HEADERS = [{"name": "Accept", "value": "a"}, {"name": "Accept", "value": "b"}]
ASK = {"httpGet": {"port": 80, "path": "/", "httpHeaders": HEADERS}}
FILES = [{"key": "a", "path": "x"}, {"key": "b", "path": "x"}]
PICKER = {
    "containerSpec": {"name": "epp", "image": IMAGE},
    "configMapRef": {"name": "a", "key": "b"},
}
HEADER = "httpGet.httpHeaders[1].name"


def container(**fields):
    return [{"name": "dns", "image": IMAGE, **fields}]


def picker(**fields):
    return {"expose": {"router": {"eppConfig": {**PICKER, **fields}}}}


def path_of(**spec):
    nim = NIMService.parse(situation.nimservice(**spec))
    found = validation.of(nim)
    return found and found.path


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        (
            {"sidecarContainers": container(ports=DNS)},
            "sidecarContainers[0].ports[1].containerPort",
        ),
        ({"initContainers": container(ports=DNS)}, "initContainers[0].ports[1].containerPort"),
        (picker(ports=DNS), "expose.router.eppConfig.ports[1].containerPort"),
        (picker(readinessProbe=ASK), f"expose.router.eppConfig.readinessProbe.{HEADER}"),
        ({"lifecycle": {"preStop": ASK}}, f"lifecycle.preStop.{HEADER}"),
        ({"livenessProbe": {"probe": ASK}}, f"livenessProbe.probe.{HEADER}"),
        (
            {"sidecarContainers": container(startupProbe=ASK)},
            f"sidecarContainers[0].startupProbe.{HEADER}",
        ),
        (
            {"podSecurityContext": {"sysctls": [{"name": "a", "value": "1"}] * 2}},
            "podSecurityContext.sysctls[1].name",
        ),
        (
            {"volumes": [{"name": "v", "configMap": {"name": "a", "items": FILES}}]},
            "volumes[0].configMap.items[1].path",
        ),
    ],
)
def test_an_entry_that_cannot_be_told_from_another_is_refused(spec, path):
    assert path_of(**spec) == f"spec.{path}"


def test_the_remedy_of_a_port_says_what_else_would_do():
    nim = NIMService.parse(situation.nimservice(sidecarContainers=container(ports=DNS)))
    found = repeated.first(nim)
    assert found.text == "gives 53 a second time; give one protocol, or another number"


@pytest.mark.parametrize(
    "spec",
    [
        {"sidecarContainers": container(ports=[DNS[0], {**DNS[1], "containerPort": 54}])},
        {"sidecarContainers": container(ports=DNS[:1]), "initContainers": container(ports=DNS[1:])},
        {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
        {
            "volumes": [
                {
                    "name": "v",
                    "projected": {"sources": [{"configMap": {"name": "a", "items": FILES}}]},
                }
            ]
        },
    ],
    ids=["two numbers", "two containers", "a variable", "a list that is replaced whole"],
)
def test_what_is_merged_as_it_is_given_is_taken(spec):
    nim = NIMService.parse(situation.nimservice(**spec))
    assert repeated.first(nim) is None


def test_dynamic_apply_would_make_copies_of_them():
    """Why they are refused."""
    made = {"metadata": {"name": "a"}, "spec": {"ports": DNS}}
    observed = dynamicapply.updated({"metadata": {"name": "a"}}, made)
    assert dynamicapply.updated(observed, made)["spec"]["ports"] == [DNS[1]] * 2
