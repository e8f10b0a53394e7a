"""Migration: what is recognised as NVIDIA's operator's, what a child remembers of it, and the words for what differs."""

import json
from copy import deepcopy
from datetime import UTC, datetime

import pytest

from hooks.kernel import lastapplied
from hooks.kernel.owner import owner_reference
from hooks.migration import back, operator, plan, record, words
from hooks.resources import Settings

UID = "5a0a4b3e-6d1c-4f0e-9d57-2f6b7c1f0a11"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LABELS = {
    "app.kubernetes.io/name": "llama",
    "app.kubernetes.io/instance": "llama",
    "app.kubernetes.io/operator-version": "",
    "app.kubernetes.io/part-of": "nim-service",
    operator.MANAGED_BY: operator.NAME,
}
MADE = {"openshift.io/required-scc": "nonroot", **dict.fromkeys(operator.HASHES, "6bb8bf548c")}


def nimservice(**spec):
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": {
            "name": "llama",
            "namespace": "models",
            "uid": UID,
            "generation": 1,
            "finalizers": [operator.FINALIZER, "a.b/c"],
        },
        "spec": {
            "image": {"repository": "nim", "tag": "1"},
            "authSecret": "ngc",
            "storage": {"pvc": {"create": True, "size": "1Gi"}},
            **spec,
        },
    }


def child(kind, name="llama", api_version="v1", annotations=MADE, **fields):
    metadata = {
        "name": name,
        "namespace": "models",
        "labels": dict(LABELS),
        "ownerReferences": [owner_reference(nimservice())],
    }
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {**metadata, "annotations": dict(annotations)},
        **deepcopy(fields),
    }


def deployment():
    container = {
        "name": "llama-ctr",
        "image": "nim:1",
        "env": [{"name": "HTTP_PROXY", "value": ""}],
    }
    metadata = {
        "labels": {**LABELS, "app": "llama"},
        "annotations": {"openshift.io/required-scc": "nonroot"},
    }
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "llama"}},
        "strategy": {"type": "RollingUpdate"},
    }
    return child(
        "Deployment",
        api_version="apps/v1",
        spec={**spec, "template": {"metadata": metadata, "spec": {"containers": [container]}}},
    )


def everything():
    claim = child(
        "PersistentVolumeClaim",
        "llama-pvc",
        annotations={},
        spec={"accessModes": ["ReadWriteOnce"]},
    )
    service = child(
        "Service",
        spec={"ports": [{"name": "api", "port": 8000, "targetPort": "api", "protocol": "TCP"}]},
    )
    role = child("Role", api_version="rbac.authorization.k8s.io/v1", annotations={}, rules=[])
    return [
        nimservice(),
        child("ServiceAccount", annotations={}),
        role,
        service,
        claim,
        deployment(),
    ]


@pytest.fixture
def found():
    return migrated()


def migrated(objects=None, **options):
    objects = objects or everything()
    return plan.of(
        objects[0], objects, Settings(), now=NOW, **{"without": ["RoleBinding", "Role"], **options}
    )


def steps(found):
    return {step.kind: step for step in found.steps}


def patches(found):
    return {write.target["kind"]: write.patch for write in found.writes}


def test_each_child_has_its_fate(found):
    assert {kind: step.action for kind, step in steps(found).items()} == {
        "ServiceAccount": "update",
        "Role": "leave",
        "Service": "update",
        "PersistentVolumeClaim": "keep",
        "Deployment": "update",
    }
    assert steps(migrated(without=[]))["Role"].action == "delete"
    assert steps(migrated(everything()[:-1]))["Deployment"].action == "create"


def test_whose_pods_restart_and_why(found):
    assert [kind for kind, step in steps(found).items() if step.restarts] == ["Deployment"]
    reasons = steps(found)["Deployment"].restarts
    assert "container llama-ctr securityContext added" in reasons
    assert "container llama-ctr variable HTTP_PROXY removed" in reasons
    assert "annotation openshift.io/required-scc removed" in reasons
    assert "label app.kubernetes.io/operator-version removed" in reasons


def test_every_child_is_labelled_and_what_is_never_rewritten_gets_nothing_else(found):
    labelled = {
        kind: patch["metadata"]["labels"]
        for kind, patch in patches(found).items()
        if kind != "NIMService"
    }
    assert labelled == {kind: {lastapplied.OWNER_LABEL: UID} for kind in steps(found)}
    assert patches(found)["PersistentVolumeClaim"] == {
        "metadata": {"labels": {lastapplied.OWNER_LABEL: UID}}
    }


def test_only_the_operators_finalizer_goes_and_it_goes_last(found):
    assert found.writes[-1].patch == {"metadata": {"finalizers": ["a.b/c"]}}


def test_a_pause_is_written_where_pods_would_restart_and_nowhere_else():
    found = migrated(pause=True)
    assert [kind for kind, patch in patches(found).items() if "spec" in patch] == ["Deployment"]
    assert steps(found)["Deployment"].waits


def test_once_it_is_written_nothing_is_left_to_do(found):
    after = [plan.merged(each, patches(found).get(each["kind"], {})) for each in everything()]
    assert operator.nimservices(everything()) == [nimservice()]
    assert operator.nimservices(after) == []
    assert migrated(after).writes == ()


def test_the_record_is_what_the_operator_set_but_for_its_hashes_and_the_defaults():
    desired = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"ports": [{"name": "api", "port": 8000}]},
    }
    written = record.of(everything()[3], desired, "metacontroller")
    kept = json.loads(written["annotations"].pop(lastapplied.LAST_APPLIED))
    assert kept["spec"] == {"ports": [{"name": "api", "port": 8000}]}
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


def test_one_that_is_being_deleted_is_left_to_whoever_deletes_it():
    objects = everything()
    objects[0]["metadata"]["deletionTimestamp"] = "2026-03-01T00:00:00Z"
    assert migrated(objects).writes == ()
    assert "being deleted" in migrated(objects).remark
    assert back.of(objects[0], objects)[0] == []


def test_a_spec_that_the_hooks_refuse_is_named_and_its_pods_run_on():
    objects = everything()
    objects[0] = nimservice(image={"repository": "nim"})
    found = migrated(objects)
    assert "spec.image.tag" in found.remark
    assert not any(step.restarts for step in found.steps)


def test_a_running_operator_is_found_wherever_it_is_and_a_model_is_no_operator():
    manager = deployment()
    manager["spec"]["template"]["spec"]["containers"][0]["image"] = (
        "registry:5000/nvidia/k8s-nim-operator:v3"
    )
    assert operator.running([deployment(), manager]) == ["models/llama"]
    manager["spec"]["replicas"] = 0
    assert operator.running([manager]) == []
    manager["status"] = {"replicas": 1}
    assert operator.running([manager]) == ["models/llama"], "its pods are still going"


def test_a_webhook_counts_that_refuses_nimservices_when_it_does_not_answer():
    hook = {
        "failurePolicy": "Fail",
        "rules": [{"apiGroups": ["apps.nvidia.com"], "resources": ["nimservices"]}],
    }
    other = {"rules": [{"apiGroups": ["apps"], "resources": ["deployments"]}]}
    named = [
        {"metadata": {"name": name}, "webhooks": [each]}
        for name, each in (("nim", hook), ("other", other))
    ]
    named.append(
        {"metadata": {"name": "lenient"}, "webhooks": [{**hook, "failurePolicy": "Ignore"}]}
    )
    assert operator.webhooks(named) == ["nim"]


def test_back_again_names_what_the_operator_cannot_update(found):
    objects = [plan.merged(each, patches(found).get(each["kind"], {})) for each in everything()]
    objects[0]["metadata"]["finalizers"] = [
        "metacontroller.io/compositecontroller-nimservice",
        "a.b/c",
    ]
    pool = child("InferencePool", api_version="inference.networking.k8s.io/v1", annotations={})
    pool["metadata"]["labels"][lastapplied.OWNER_LABEL] = UID
    writes, remarks = back.of(objects[0], [*objects, pool])
    assert writes[-1].patch == {"metadata": {"finalizers": ["a.b/c"]}}
    assert len(remarks) == 1
    assert remarks[0].startswith("InferencePool/llama")


def test_back_again_names_a_deployment_that_is_still_paused(found):
    objects = [plan.merged(each, patches(found).get(each["kind"], {})) for each in everything()]
    objects[-1]["spec"]["paused"] = True
    _, remarks = back.of(objects[0], objects)
    (remark,) = remarks
    assert remark.startswith(
        "Deployment/llama is paused, so edits do not reach its pods; run kubectl"
    )


def test_differences_are_named_by_what_they_are_in():
    before = {
        "spec": {"containers": [{"name": "a", "image": "x"}], "labels": {"b": "c"}, "args": [1]}
    }
    after = {"spec": {"containers": [{"name": "a", "image": "y"}, {"name": "d"}], "args": [2]}}
    assert list(words.differences(before, after)) == [
        "container a image changed",
        "label b removed",
        "args changed",
        "container d added",
    ]


def test_a_service_that_the_hooks_name_otherwise_is_replaced_and_the_plan_says_so():
    objects = everything()
    objects[0] = nimservice(expose={"service": {"port": 8000, "name": "front"}})
    found = [(step.action, step.name) for step in migrated(objects).steps if step.kind == "Service"]
    assert found == [("delete", "llama"), ("create", "front")]


def test_one_that_metacontroller_has_let_go_is_still_recognised():
    objects = everything()
    for each in objects[1:]:
        each["metadata"]["ownerReferences"] = []
    assert {step.action for step in migrated(objects).steps} == {"update", "keep", "leave"}
    assert operator.nimservices(objects) == objects[:1]
