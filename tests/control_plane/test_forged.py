"""Forged records: a tenant who may edit children gets nothing that he could not do himself."""

import json

import pytest

from hooks.kernel import lastapplied
from hooks.kernel.observed import condition
from hooks.nimservice import kinds
from tests.control_plane.cluster import USER
from tests.control_plane.situations import nimservice
from tests.metacontroller.rights import Right, rules_of

HARMLESS = rules_of({Right("", "pods", "get")})
WANTED = rules_of({Right("", "secrets", "list"), Right("", "secrets", "watch")})
"""What Metacontroller may do and the tenant may not."""


def forged(world, kind, name, record, **fields):
    """Create an object that belongs to llama by its label, with a record of the tenant's."""
    metadata = {
        "name": name,
        "namespace": world.namespace,
        "labels": {lastapplied.OWNER_LABEL: world.nim()["metadata"]["uid"]},
        "annotations": {lastapplied.LAST_APPLIED: json.dumps(record)},
    }
    obj = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **fields}
    return world.cluster.create(obj, manager=USER)


@pytest.fixture
def held(world):
    """Return the world with a NIMService whose children are held: it has one port twice."""
    world.apply(nimservice(world.namespace))
    world.edit(lambda nim: nim["spec"].update(expose={"service": {"grpcPort": 8000}}))
    assert condition(world.nim(), "Ready")["reason"] == "InvalidSpec"
    return world


def test_a_forged_record_does_not_become_rights(held, account):
    assert {Right("", "secrets", "list"), Right("", "secrets", "watch")} <= account.rights
    role = forged(held, kinds.ROLE, "mine", {"rules": WANTED}, rules=HARMLESS)
    subject = {"kind": "ServiceAccount", "name": "llama", "namespace": held.namespace}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "mine"}
    forged(
        held,
        kinds.ROLE_BINDING,
        "mine",
        {"roleRef": reference, "subjects": [subject, {**subject, "name": "default"}]},
        roleRef=reference,
        subjects=[subject],
    )
    held.stage.settle()
    held.stage.resync()
    now = held.get(kinds.ROLE, "mine")
    assert now["metadata"].get("ownerReferences"), "it is a child"
    assert now["rules"] == role["rules"] == HARMLESS
    assert held.get(kinds.ROLE_BINDING, "mine")["subjects"] == [subject]


def test_a_forged_record_changes_no_other_child(held):
    before = held.get(kinds.SERVICE)
    record(held, kinds.SERVICE, {"selector": {"app": "theirs"}, "type": "NodePort"})
    after = held.get(kinds.SERVICE)["spec"]
    assert after["selector"] == before["spec"]["selector"]
    assert after["type"] == before["spec"]["type"]


def test_a_forged_record_takes_no_field_away(held):
    """Server-side apply removes what an answer lacks and Metacontroller had set."""
    service, template = held.get(kinds.SERVICE), held.template()
    (container,) = template["spec"]["containers"]
    record(held, kinds.SERVICE, {"ports": service["spec"]["ports"]})
    named = {"name": container["name"], "image": container["image"]}
    record(
        held,
        kinds.DEPLOYMENT,
        {
            "selector": held.get(kinds.DEPLOYMENT)["spec"]["selector"],
            "template": {
                "metadata": {"labels": template["metadata"]["labels"]},
                "spec": {"containers": [named]},
            },
        },
    )
    assert held.get(kinds.SERVICE)["spec"] == service["spec"]
    assert held.template() == template


def record(world, kind, spec):
    """Write a record of one's own on a child of llama, and wait for what becomes of it."""

    def forge(obj):
        annotations = obj["metadata"].setdefault("annotations", {})
        annotations[lastapplied.LAST_APPLIED] = json.dumps({"spec": spec})

    world.cluster.edit(kind, world.namespace, "llama", forge)
    world.stage.settle()
    world.stage.resync()
