"""The admission policy: about the right user, and about all that Metacontroller may write."""

import re
from pathlib import Path

import yaml

from tests.metacontroller.rights import rights_of

README = Path(__file__).parents[2] / "metacontroller" / "README.md"
WRITES = {"update", "patch", "delete"}


def policy(build):
    (found,) = [each for each in build if each["kind"] == "ValidatingAdmissionPolicy"]
    return found


def users(build):
    (condition,) = policy(build)["spec"]["matchConditions"]
    return re.findall(r'"([^"]+)"', condition["expression"])


def test_it_is_about_every_object_that_metacontroller_may_write(everything):
    """But those that have no owner: its events, and the status of a parent."""
    written = {
        (right.group, right.resource)
        for role in everything
        if role["kind"] == "ClusterRole"
        for right in rights_of(role)
        if right.verb in WRITES and "/" not in right.resource and right.resource != "events"
    }
    handed_out = {("coordination.k8s.io", "leases")}
    guarded = [
        (group, resource)
        for rule in policy(everything)["spec"]["matchConstraints"]["resourceRules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    ]
    assert len(guarded) == len({*guarded})
    assert {*guarded} == written - handed_out


def test_it_is_bound_and_refuses(base):
    (binding,) = [each for each in base if each["kind"] == "ValidatingAdmissionPolicyBinding"]
    assert binding["spec"]["policyName"] == policy(base)["metadata"]["name"]
    assert binding["spec"]["validationActions"] == ["Deny"]
    assert policy(base)["spec"]["failurePolicy"] == "Fail"


def test_it_is_about_the_account_that_the_component_gives_metacontroller(overlay):
    build = overlay(
        "resources: [../metacontroller/base]\n"
        "components: [../metacontroller/components/metacontroller]"
    )
    (bound,) = [each for each in build if each["kind"] == "ClusterRoleBinding"]
    (subject,) = bound["subjects"]
    assert f"system:serviceaccount:{subject['namespace']}:{subject['name']}" in users(build)


def test_the_patch_of_the_readme_names_another_account(overlay):
    (block,) = re.findall(
        r"```yaml\n(# deploy[^`]*ValidatingAdmission[^`]*)```", README.read_text()
    )
    patched = {"resources": ["../metacontroller/base"], **yaml.safe_load(block)}
    assert users(overlay(yaml.safe_dump(patched))) == [
        "system:serviceaccount:platform:metacontroller"
    ]
