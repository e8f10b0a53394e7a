"""Forged records: whoever may edit a child writes its record, and gains nothing by it."""

import ast
import copy
import json
import time
from pathlib import Path

import pytest

import hooks
from hooks.kernel import lastapplied
from hooks.kernel.protocol import BadRequest
from tests.kernel.recorded import MANAGER, SERVICE
from tests.situations import nimservice as situation
from tests.situations.stored import DYNAMIC, SERVER_SIDE, managed

ALL = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {"name": "mine", "namespace": "nim"},
    "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
}
BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "mine", "namespace": "nim"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "mine"},
    "subjects": [{"kind": "ServiceAccount", "name": "mine", "namespace": "nim"}],
}
OTHERS = [*BINDING["subjects"], {"kind": "User", "name": "mallory"}]
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "llama", "namespace": "nim"},
    "spec": {
        "replicas": 1,
        "template": {
            "spec": {
                "containers": [{"name": "server", "image": "nim:1", "args": ["--fast"]}],
                "hostNetwork": False,
            }
        },
    },
}

FORGERIES = {
    "the rules of a Role": (ROLE, {"rules": ALL}),
    "the subjects of a RoleBinding": (BINDING, {"subjects": OTHERS}),
    "the role of a RoleBinding": (BINDING, {"roleRef": {**BINDING["roleRef"], "name": "admin"}}),
    "the selector of a Service": (SERVICE, {"spec": {"selector": {"app": "theirs"}}}),
    "a Service of another type": (
        SERVICE,
        {"spec": {"type": "ExternalName", "externalName": "example.com", "ports": []}},
    ),
    "the number of a port": (
        SERVICE,
        {"spec": {"ports": [{"name": "api", "port": 22, "targetPort": 22}]}},
    ),
    "the image of a container": (
        DEPLOYMENT,
        {"spec": {"template": {"spec": {"containers": [{"name": "server", "image": "evil"}]}}}},
    ),
    "another container": (
        DEPLOYMENT,
        {
            "spec": {
                "template": {
                    "spec": {
                        "containers": [
                            {"name": "server", "image": "nim:1"},
                            {"name": "second", "image": "evil"},
                        ]
                    }
                }
            }
        },
    ),
    "fields that are not there": (
        DEPLOYMENT,
        {"spec": {"template": {"spec": {"hostNetwork": True, "hostPID": True}}}},
    ),
    "labels, annotations, owners and finalizers": (
        SERVICE,
        {
            "metadata": {
                "labels": {"team": "theirs", "more": "x"},
                "annotations": {"note": "other"},
                "ownerReferences": [{"kind": "NIMService", "name": "theirs", "uid": "u"}],
                "finalizers": ["example.com/never"],
                "name": "theirs",
                "namespace": "kube-system",
            }
        },
    ),
    "fields of other types": (SERVICE, {"spec": {"ports": {"name": 1}, "selector": ["app"]}}),
}


def live(child):
    """Return a child as it is in the cluster, without a record."""
    observed = situation.applied(child)
    del observed["metadata"]["annotations"][lastapplied.LAST_APPLIED]
    observed["status"] = {"replicas": 1}
    return observed


def forged(child, record):
    observed = live(child)
    observed["metadata"]["annotations"][lastapplied.LAST_APPLIED] = json.dumps(record)
    return observed


def beyond(answer, observed, path=()):
    """Yield where an answer has something that is not observed."""
    if isinstance(answer, dict) and isinstance(observed, dict):
        for key, value in answer.items():
            if key not in observed:
                yield (*path, key)
            else:
                yield from beyond(value, observed[key], (*path, key))
    elif isinstance(answer, list) and isinstance(observed, list):
        for index, item in enumerate(answer):
            if all([*beyond(item, other)] for other in observed):
                yield (*path, index)
    elif answer != observed:
        yield path


@pytest.mark.parametrize(("child", "record"), FORGERIES.values(), ids=FORGERIES)
def test_a_hold_answers_only_what_is_live(child, record):
    observed = forged(child, record)
    before = copy.deepcopy(observed)
    assert not [*beyond(lastapplied.held(observed, MANAGER), observed)]
    assert observed == before


@pytest.mark.parametrize("fields", [{}, {"f:rules": {}}, {"f:metadata": {"f:labels": {}}}])
@pytest.mark.parametrize("annotation", [None, {"metadata": {}}, {"rules": ALL}, {"rules": []}])
@pytest.mark.parametrize("child", [ROLE, BINDING], ids=["Role", "RoleBinding"])
def test_rights_are_held_as_they_are_whatever_is_recorded(child, annotation, fields):
    """A record with fewer fields would take the rights of a running model away."""
    observed = live(child) if annotation is None else forged(child, annotation)
    observed["metadata"]["managedFields"] = [{**managed(child), "fieldsV1": fields}]
    held = lastapplied.held(observed, MANAGER)
    for field in ("rules", "subjects", "roleRef"):
        assert held.get(field) == child.get(field)


@pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
def test_what_somebody_changed_is_held_as_it_is(engine):
    """The value of before is in no one's record but dynamic apply's."""
    observed = situation.applied(SERVICE, engine=engine, type="LoadBalancer")
    assert lastapplied.held(observed, MANAGER)["spec"]["type"] == "LoadBalancer"


@pytest.mark.parametrize("record", [{"metadata": {}}, {"spec": {}}, {"spec": {"replicas": 1}}])
@pytest.mark.parametrize("child", [SERVICE, DEPLOYMENT], ids=lambda child: child["kind"])
def test_an_annotation_takes_no_field_from_what_the_api_server_records(child, record):
    """Server-side apply removes what an answer lacks and its manager had, such as containers."""
    observed = situation.applied(child, engine=SERVER_SIDE)
    before = lastapplied.held(observed, MANAGER)
    annotations = observed["metadata"].setdefault("annotations", {})
    annotations[lastapplied.LAST_APPLIED] = json.dumps(record)
    assert lastapplied.held(observed, MANAGER) == before == child


@pytest.mark.parametrize("fields", [{"f:metadata": {}}, {"f:spec": {"f:type": {}}}])
def test_managed_fields_take_nothing_from_the_annotation(fields):
    """They are old where server-side apply was in use before, or are as forged."""
    observed = situation.applied(SERVICE)
    observed["metadata"]["managedFields"] = [{**managed(SERVICE), "fieldsV1": fields}]
    assert lastapplied.held(observed, MANAGER) == SERVICE


def test_both_records_count_item_by_item():
    observed = live(DEPLOYMENT)
    containers = [{"name": name, "image": name, "args": [name]} for name in ("a", "b", "c")]
    observed["spec"]["template"]["spec"]["containers"] = containers
    record = {"spec": {"template": {"spec": {"containers": [{"name": "b", "image": "old"}]}}}}
    observed["metadata"]["annotations"][lastapplied.LAST_APPLIED] = json.dumps(record)
    fields = {'k:{"name":"b"}': {"f:name": {}, "f:args": {}}, 'k:{"name":"c"}': {"f:name": {}}}
    entry = {"f:spec": {"f:template": {"f:spec": {"f:containers": fields}}}}
    observed["metadata"]["managedFields"] = [{**managed(DEPLOYMENT), "fieldsV1": entry}]
    held = lastapplied.held(observed, MANAGER)["spec"]["template"]["spec"]["containers"]
    assert held == [containers[1], {"name": "c"}]


def test_many_kinds_of_keys_for_one_list_are_refused_soon():
    """Each is a search for every item."""
    fields = {f'k:{{"a{number}":"x"}}': {} for number in range(20_000)}
    observed = live(SERVICE)
    observed["spec"]["ports"] = [{"name": f"p{number}", "port": number} for number in range(5000)]
    observed["metadata"]["managedFields"] = [
        {**managed(SERVICE), "fieldsV1": {"f:spec": {"f:ports": fields}}}
    ]
    began = time.process_time()
    with pytest.raises(BadRequest, match="a record of fields"):
        lastapplied.held(observed, MANAGER)
    assert time.process_time() - began < 2


COMPARES = {
    "hooks/migration/record.py": "writes the record of a child that has none",
    "hooks/nimservice/children/strayport.py": "takes numbers and names of ports",
    "hooks/nimservice/status/rollout/arrival.py": "tells whether an edit has arrived",
    "hooks/preview/difference.py": "shows what the engine would do",
}
"""Who may read the values in a record, and what for. None of them answers such a value."""


def test_nobody_else_reads_the_values_of_a_record():
    root = Path(hooks.__file__).parents[1]
    readers = {
        str(path.relative_to(root))
        for path in root.glob("hooks/**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "last_applied"
        and isinstance(node.value, ast.Name)
        and node.value.id == "lastapplied"
    }
    assert readers == set(COMPARES)
