"""What the API server admits and refuses of a NIMService: the rules of the CRD, run by the server
that will run them."""

import re

import pytest

from hooks.nimservice import kinds
from hooks.preview import installation
from tests.control_plane.cluster import CRD
from tests.nimservice.api import examples


@pytest.fixture
def manifest(namespace):
    """Return a function that makes a NIMService out of fields of its spec, on top of the least that
    works."""

    def make(spec):
        image = {"repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct", "tag": "1.8.4"}
        fields = {
            "image": image,
            "authSecret": "ngc-api-secret",
            "storage": {"pvc": {"name": "models"}},
        } | spec
        return {
            "apiVersion": kinds.NIM_SERVICE.api_version,
            "kind": kinds.NIM_SERVICE.kind,
            "metadata": {"name": "llama", "namespace": namespace},
            "spec": {name: value for name, value in fields.items() if value is not None},
        }

    return make


def test_every_refusal_of_the_offline_check_is_the_servers(cluster, manifest):
    verdicts = {
        case: cluster.refusal(manifest(spec)) for case, (spec, _, _) in examples.REFUSED.items()
    }
    assert [case for case, refusal in verdicts.items() if not refusal] == []
    wrong = {
        case: refusal
        for case, refusal in verdicts.items()
        if examples.REFUSED[case][1] not in refusal
    }
    assert wrong == {}


def test_what_the_offline_check_admits_the_server_admits(cluster, manifest):
    assert {
        case: refusal
        for case, spec in examples.ADMITTED.items()
        if (refusal := cluster.refusal(manifest(spec)))
    } == {}


def test_a_name_that_no_child_could_have_is_refused_where_it_stands(cluster, manifest):
    for name, spec in {
        "l" * 60: {},
        "l" * 46: {"multiNode": {"parallelism": {}}},
    }.items():
        nim = manifest(spec)
        nim["metadata"]["name"] = name
        refusal = cluster.refusal(nim)
        # An older Kubernetes names the type of the value first.
        assert re.search(r'metadata: Invalid value: ("object": )?metadata\.name must', refusal)


def test_what_may_not_change_is_refused_as_a_change(cluster, manifest):
    verdicts = {
        case: cluster.refusal_of_change(manifest(before), manifest(after))
        for case, (before, after, _) in examples.FIXED.items()
    }
    wrong = {
        case: refusal
        for case, refusal in verdicts.items()
        if "is immutable" not in refusal or examples.FIXED[case][2] not in refusal
    }
    assert wrong == {}


def test_what_may_change_is_admitted_as_a_change(cluster, manifest):
    assert {
        case: refusal
        for case, (before, after) in examples.CHANGED.items()
        if (refusal := cluster.refusal_of_change(manifest(before), manifest(after)))
    } == {}


def test_an_empty_directory_that_loses_its_limit_is_still_one(cluster, manifest):
    """Applied by the server, as Flux does, an object without its last field would become null,
    which is no object."""
    cluster.put(manifest({"storage": {"emptyDir": {"sizeLimit": "50Gi"}}}))
    assert cluster.put(manifest({"storage": {"emptyDir": {}}}))["spec"]["storage"] == {
        "emptyDir": {}
    }


def test_an_update_of_the_status_alone_is_not_held_to_rules_of_the_spec(cluster, manifest):
    stored = cluster.put(manifest({}))
    conditions = [
        {
            "type": "Ready",
            "status": "False",
            "reason": "Creating",
            "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
    ]
    after = cluster.update_status(
        {**stored, "status": {"state": "Pending", "conditions": conditions}},
        manager="metacontroller",
    )
    assert after["status"] == {"state": "Pending", "conditions": conditions}


def test_a_second_apply_of_the_same_definitions_changes_nothing(cluster):
    for crd in installation.crds():
        before = cluster.get(CRD, "", crd["metadata"]["name"])
        assert (
            cluster.put(crd)["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
        )
