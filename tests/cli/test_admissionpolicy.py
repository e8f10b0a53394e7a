"""What doctor says of the admission policy of ``base``."""

import copy
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from hooks.cli.admissionpolicy import NAME, faults
from hooks.cluster.api import Forbidden, NotFound

BASE = Path(__file__).parents[2] / "metacontroller" / "base" / "admissionpolicy.yaml"
OURS = "system:serviceaccount:metacontroller:nimservice-metacontroller"


class Served:
    """An API server with some policies and bindings."""

    def __init__(self, *objects):
        self.objects = {f"{each['kind'].lower()}": each for each in objects}
        self.connection = SimpleNamespace(request=self.request)

    def request(self, verb, path):
        assert verb == "GET"
        plural, name = path.split("/")[-2:]
        assert name == NAME
        kind = plural.removesuffix("ies") + "y" if plural.endswith("ies") else plural[:-1]
        if kind not in self.objects:
            raise NotFound(path)
        return self.objects[kind]


@pytest.fixture
def objects():
    """Return the policy and the binding that are installed."""
    return copy.deepcopy(list(yaml.safe_load_all(BASE.read_text())))


def told(*objects, account=OURS):
    return [f"{each.subject}: {each.message}" for each in faults(Served(*objects), [account])]


def test_of_the_policy_of_base_nothing_is_said(objects):
    assert told(*objects) == []


def test_a_missing_policy_is_told_once(objects):
    assert told() == told(objects[1])
    (line,) = told()
    assert line.startswith(f"ValidatingAdmissionPolicy {NAME}: does not exist, so Metacontroller")


def test_a_missing_binding_is_told(objects):
    (line,) = told(objects[0])
    assert line.startswith(f"ValidatingAdmissionPolicyBinding {NAME}: does not exist")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("validationActions", ["Warn"], "does not deny"),
        ("policyName", "another", "binds another policy"),
    ],
)
def test_a_binding_that_does_not_work_is_told(objects, field, value, words):
    objects[1]["spec"][field] = value
    (line,) = told(*objects)
    assert words in line


def test_a_policy_that_lets_pass_what_it_cannot_judge_is_told(objects):
    objects[0]["spec"]["failurePolicy"] = "Ignore"
    (line,) = told(*objects)
    assert "has not the failurePolicy Fail" in line


def test_an_account_that_the_policy_does_not_ask_about_is_told(objects):
    (line,) = told(*objects, account="system:serviceaccount:platform:mc")
    assert "does not ask about system:serviceaccount:platform:mc, as which Metacontroller" in line


def test_who_may_not_read_policies_learns_nothing():
    def forbidden(*_):
        raise Forbidden("no")

    server = Served()
    server.connection.request = forbidden
    assert list(faults(server, [OURS])) == []
