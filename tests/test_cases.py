"""Golden cases: situations that a user would name, what Metacontroller sends in them, and the exact
answer.

``pytest --regenerate`` writes the responses anew.
"""

import json

import pytest

from hooks.kernel import protocol
from hooks.kernel.crd import admission
from hooks.kernel.lastapplied import LAST_APPLIED, OWNER_LABEL
from hooks.kernel.owner import owner_reference
from tests import invariants
from tests.golden import CASES, FOLDERS, now, request_of, settings_of
from tests.situations import stored

every_case = pytest.mark.parametrize(
    "folder", FOLDERS, ids=lambda folder: folder.relative_to(CASES).as_posix()
)


@every_case
def test_the_answer_is_the_expected_one(folder, pytestconfig):
    request = request_of(folder)
    answer = invariants.answered(folder.parent.name, request, settings_of(folder), now(request))
    expected = folder / "response.json"
    if pytestconfig.getoption("regenerate"):
        expected.write_text(json.dumps(answer, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    assert json.loads(protocol.encode(answer)) == json.loads(expected.read_text())


@every_case
def test_the_invariants_hold(folder):
    request = request_of(folder)
    assert (
        invariants.violations(folder.parent.name, request, settings_of(folder), now(request)) == []
    )


@every_case
def test_the_request_is_one_that_metacontroller_could_send(folder):
    request, hook = request_of(folder), folder.parent.name
    keys = (
        {"controller", "parent"}
        if hook == "customize"
        else {"controller", "parent", "children", "related", "finalizing"}
    )
    assert set(request) == keys
    assert request.get("finalizing", False) == (hook == "finalize")
    assert request["controller"]["kind"] == "CompositeController"
    rules = {
        (rule["apiVersion"], rule["resource"])
        for rule in request["controller"]["spec"]["childResources"]
    }
    served = stored.SERVED[request["parent"]["kind"]]
    assert served.path == folder.parents[1].name
    managed = {
        kind.group_key
        for kind in served.context.CHILDREN
        if (kind.api_version, kind.plural) in rules
    }
    assert len(managed) == len(rules), "every rule is one of a kind that we make"
    if hook != "customize":
        assert set(request["children"]) == managed, (
            "there is a group for every rule, and for nothing else"
        )
        deleted = "deletionTimestamp" in request["parent"]["metadata"]
        assert (hook == "finalize") == deleted or "finalize" not in served.hooks


@every_case
def test_the_parent_is_one_that_the_api_server_stores(folder):
    parent = request_of(folder)["parent"]
    assert admission.problems(parent) == []
    assert {"uid", "resourceVersion", "generation", "creationTimestamp"} <= set(parent["metadata"])


@every_case
def test_children_and_related_objects_are_plausible(folder):
    request = request_of(folder)
    parent = request["parent"]
    for groups, ours in ((request.get("children", {}), True), (request.get("related", {}), False)):
        for group, objects in groups.items():
            for key, item in objects.items():
                metadata = item["metadata"]
                assert group == f"{item['kind']}.{item['apiVersion']}"
                assert key == f"{metadata['namespace']}/{metadata['name']}"
                assert metadata["namespace"] == parent["metadata"]["namespace"], (
                    "the parent has a namespace, and we ask for nothing outside of it"
                )
                assert {"uid", "resourceVersion", "creationTimestamp"} <= set(metadata)
                if ours:
                    assert_child_of(parent, item)


def assert_child_of(parent, child):
    (owner,) = [owner for owner in child["metadata"]["ownerReferences"] if owner.get("controller")]
    assert owner == owner_reference(parent)
    assert child["metadata"]["labels"][OWNER_LABEL] == parent["metadata"]["uid"]
    applied = child["metadata"].get("annotations", {}).get(LAST_APPLIED)
    managers = {
        (entry["manager"], entry["operation"])
        for entry in child["metadata"].get("managedFields", ())
    }
    assert bool(applied) != (("metacontroller", "Apply") in managers), (
        "one engine has applied it, and recorded so"
    )
    if applied:
        record = json.loads(applied)
        assert (record["kind"], record["metadata"]["name"]) == (
            child["kind"],
            child["metadata"]["name"],
        )


def test_no_two_objects_of_a_case_share_a_uid():
    for folder in FOLDERS:
        request = request_of(folder)
        # A rule for related objects may select children, too.
        groups = {**request.get("related", {}), **request.get("children", {})}
        uids = [
            request["parent"]["metadata"]["uid"],
            *(item["metadata"]["uid"] for group in groups.values() for item in group.values()),
        ]
        assert len(uids) == len(set(uids)), folder.name


def test_every_case_has_its_answer():
    assert {path.parent for path in CASES.glob("*/*/*/response.json")} == set(FOLDERS)
    assert len(FOLDERS) >= 16
