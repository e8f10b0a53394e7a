"""Record: what a child remembers of who set it."""

import json

from hooks.kernel import lastapplied
from hooks.migration import operator, record
from tests.migration.operated import LABELS, child, everything


def test_the_record_is_what_the_operator_set_but_for_its_hashes_and_the_defaults():
    desired = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"ports": [{"name": "api", "port": 8000}]},
    }
    written = record.of(everything()[3], desired, "metacontroller")
    kept = json.loads(written["annotations"].pop(lastapplied.LAST_APPLIED))
    # An entry of a list changes hands whole, with what the API server has added to it.
    port = {"name": "api", "port": 8000, "protocol": "TCP", "targetPort": "api"}
    assert kept["spec"] == {"ports": [port]}
    assert kept["metadata"]["labels"] == LABELS
    assert written == {"annotations": {"openshift.io/required-scc": None}}


def test_under_server_side_apply_the_fields_change_hands():
    fields = {
        "f:metadata": {"f:labels": {".": {}, f"f:{operator.MANAGED_BY}": {}, "f:old": {}}},
        "f:spec": {"f:type": {}, "f:size": {}},
    }
    entry = {
        "manager": "manager",
        "operation": "Update",
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    edit = {
        "manager": "kubectl-edit",
        "operation": "Update",
        "apiVersion": "v1",
        "fieldsV1": {"f:spec": {"f:mine": {}}},
    }
    observed = child("Service", spec={"type": "ClusterIP", "size": 1, "mine": 2})
    observed["metadata"]["managedFields"] = [edit, entry]
    desired = {"metadata": {"labels": {operator.MANAGED_BY: "ours"}}, "spec": {"type": "ClusterIP"}}
    mine, theirs, ours = record.of(observed, desired, "metacontroller")["managedFields"]
    assert mine == edit
    assert (theirs["manager"], theirs["fieldsV1"]) == ("manager", {"f:spec": {"f:size": {}}})
    assert (ours["manager"], ours["operation"]) == ("metacontroller", "Apply")
    assert ours["fieldsV1"] == {
        "f:metadata": {"f:labels": {f"f:{operator.MANAGED_BY}": {}, "f:old": {}}},
        "f:spec": {"f:type": {}},
    }


def test_what_cannot_be_told_apart_is_not_recorded():
    observed = child("Service", spec={})
    observed["metadata"]["managedFields"] = [
        {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {}}}
    ]
    assert record.of(observed, {"metadata": {}}, "metacontroller") == {}


def divided(before, desired):
    """Return the fields of an operator's entry that change hands, and those that stay."""
    entry = {
        "manager": "manager",
        "operation": "Update",
        "apiVersion": "v1",
        "fieldsV1": {
            "f:metadata": {"f:labels": {f"f:{operator.MANAGED_BY}": {}}},
            "f:spec": before,
        },
    }
    observed = child("Service", spec={})
    observed["metadata"]["managedFields"] = [entry]
    metadata = {"labels": {operator.MANAGED_BY: "ours"}}
    *rest, ours = record.of(observed, {"metadata": metadata, "spec": desired}, "metacontroller")[
        "managedFields"
    ]
    return ours["fieldsV1"].get("f:spec"), [each["fieldsV1"].get("f:spec") for each in rest]


def test_an_entry_of_a_list_changes_hands_whole():
    """With its value left behind, a variable that is to come from a Secret has both, and the API
    server refuses that for ever."""
    env = {"f:env": {'k:{"name":"KEY"}': {".": {}, "f:name": {}, "f:value": {}}}}
    desired = {"env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}
    assert divided(env, desired) == (env, [])


def test_how_kserve_scales_changes_hands_even_if_it_is_not_desired():
    scaling = {"f:predictor": {"f:minReplicas": {}, "f:scaleTarget": {}, "f:timeout": {}}}
    ours, theirs = divided(scaling, {"predictor": {"containers": []}})
    assert ours == {"f:predictor": {"f:minReplicas": {}, "f:scaleTarget": {}}}
    assert theirs == [{"f:predictor": {"f:timeout": {}}}]
