"""Takeovers: a NIMService that has the name of what is somebody else's neither takes it over nor
deletes it, and what Metacontroller has to write it may still write."""

from copy import deepcopy

import pytest

from hooks.cluster.api import Forbidden
from hooks.kernel.lastapplied import OWNER_LABEL
from hooks.kernel.owner import owner_reference
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds
from tests.control_plane.account import BINDING, POLICY
from tests.control_plane.cluster import USER, readable
from tests.control_plane.server import Server
from tests.control_plane.situations import full, nimservice
from tests.control_plane.stage import writes_at_rest

POD = {
    "metadata": {"labels": {"app": "theirs"}},
    "spec": {"containers": [{"name": "theirs", "image": "example.com/theirs:1"}]},
}
PORTS = [{"name": "web", "port": 80}]
NAMED = {
    "a Service with the name that was chosen": (
        "payments",
        {"expose": {"service": {"name": "payments-api"}}},
        kinds.SERVICE,
        "payments-api",
        {"selector": {"app": "theirs"}, "ports": PORTS},
    ),
    "a Service of its name": (
        "frontend",
        {},
        kinds.SERVICE,
        "frontend",
        {"selector": {"app": "theirs"}, "ports": PORTS},
    ),
    "a Deployment of its name": (
        "checkout",
        {},
        kinds.DEPLOYMENT,
        "checkout",
        {"selector": {"matchLabels": {"app": "checkout"}}, "template": POD},
    ),
    "an Ingress of its name": (
        "shop",
        {"expose": {"router": {"hostDomainName": "x.com", "ingress": {"ingressClass": "nginx"}}}},
        kinds.INGRESS,
        "shop",
        {"defaultBackend": {"service": {"name": "theirs", "port": {"number": 80}}}},
    ),
    "the ServiceAccount of all pods": ("default", {}, kinds.SERVICE_ACCOUNT, "default", None),
}
LEFT = [
    "a Service with the name that was chosen",
    *(case for case in NAMED if "ServiceAccount" in case),
]
"""What the hooks ask for by name, and leave to whoever has it."""


def theirs(world, kind, name, spec):
    """Return an object of another team, which is made where the cluster has none."""
    obj = {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"name": name, "namespace": world.namespace},
    }
    if kind is kinds.DEPLOYMENT:
        spec["template"]["metadata"]["labels"] = spec["selector"]["matchLabels"]
    if spec is not None:
        obj["spec"] = spec
    there = world.cluster.find(kind, world.namespace, name)
    return there or world.cluster.create(deepcopy(obj), manager=USER)


def attack(world, case):
    """Apply a NIMService that wants what is somebody else's, and return that before and after."""
    nim, spec, kind, name, contents = NAMED[case]
    before = theirs(world, kind, name, contents)
    world.apply(nimservice(world.namespace, nim, **spec))
    return before, world.get(kind, name)


def contents(obj):
    """Return an object without what its own controllers write."""
    kept = {key: value for key, value in obj.items() if key not in ("status", "metadata")}
    meta = obj["metadata"]
    return kept, meta["uid"], meta.get("labels"), meta.get("ownerReferences")


@pytest.fixture
def unrestrained(account):
    """Take the policy away for a test."""
    account.restrain(False)
    yield
    account.restrain(True)


@pytest.mark.parametrize("case", NAMED)
def test_what_is_somebody_elses_is_neither_taken_nor_deleted(world, case):
    before, after = attack(world, case)
    assert contents(after) == contents(before)
    nim, _, kind, name, _ = NAMED[case]
    world.cluster.delete(kinds.NIM_SERVICE, world.namespace, nim)
    world.stage.until(
        lambda: not world.cluster.list(kinds.NIM_SERVICE, world.namespace), "the NIMService is gone"
    )
    assert contents(world.get(kind, name)) == contents(before)


@pytest.mark.usefixtures("unrestrained")
@pytest.mark.parametrize("case", [case for case in NAMED if case not in LEFT])
def test_without_the_policy_server_side_apply_takes_it(world, case):
    """Or the test above would show nothing. The hooks themselves leave some alone."""
    before, after = attack(world, case)
    taken = contents(after) != contents(before)
    assert taken == (world.stage.engine == "server-side-apply")


def test_a_claim_that_another_nimservice_chose_the_name_of_is_left_to_it(world):
    claim = {"pvc": {"create": True, "size": "1Gi"}}
    named = {"pvc": {**claim["pvc"], "name": "alice-pvc"}}
    world.apply(nimservice(world.namespace, "bob", storage=named))
    bobs = {kind: world.get(kind, name)["metadata"]["uid"] for kind, name in BOBS.items()}
    world.apply(nimservice(world.namespace, "alice", storage=claim))
    for kind, name in BOBS.items():
        meta = world.get(kind, name)["metadata"]
        assert meta["uid"] == bobs[kind]
        assert [each["name"] for each in meta["ownerReferences"]] == ["bob"]
    world.cluster.delete(kinds.NIM_SERVICE, world.namespace, "alice")
    world.stage.until(lambda: not world.get(kinds.NIM_SERVICE, "alice"), "alice is gone")
    for kind, name in BOBS.items():
        assert world.get(kind, name)["metadata"]["uid"] == bobs[kind]


BOBS = {kinds.PERSISTENT_VOLUME_CLAIM: "alice-pvc"}


def test_a_pipeline_does_not_take_a_nimservice_that_nobody_owns(world):
    world.apply(nimservice(world.namespace, "chat"))
    before = world.get(kinds.NIM_SERVICE, "chat")
    entry = {"name": "chat", "enabled": True, "spec": nimservice("", replicas=3)["spec"]}
    world.apply(
        {
            "apiVersion": NIM_PIPELINE.api_version,
            "kind": NIM_PIPELINE.kind,
            "metadata": {"name": "pipeline", "namespace": world.namespace},
            "spec": {"services": [entry]},
        }
    )
    after = world.get(kinds.NIM_SERVICE, "chat")
    assert after["spec"] == before["spec"]
    assert not after["metadata"].get("ownerReferences")


def test_a_child_of_before_is_adopted_once_it_has_the_label_of_its_new_owner(world):
    """What is left by --cascade=orphan has the label of a NIMService that is gone."""
    world.apply(full(world.namespace))
    kept = {child["kind"]: child for child in world.cluster.children(world.nim())}
    world.cluster.delete(kinds.NIM_SERVICE, world.namespace, "llama", propagation="Orphan")
    world.stage.until(lambda: world.nim() is None, "the NIMService is gone")
    world.apply(full(world.namespace))
    uid = world.nim()["metadata"]["uid"]
    for kind in (each for each in kinds.MANAGED if each.kind in kept):
        left = world.get(kind, kept[kind.kind]["metadata"]["name"])
        assert left["metadata"]["uid"] == kept[kind.kind]["metadata"]["uid"]
        assert not left["metadata"].get("ownerReferences")
        # One command labels them all, see docs/removal.md.
        assert left["metadata"]["labels"]["app.kubernetes.io/instance"] == "llama"
        assert OWNER_LABEL in left["metadata"]["labels"]
        world.cluster.edit(
            kind,
            world.namespace,
            left["metadata"]["name"],
            lambda obj: obj["metadata"]["labels"].update({OWNER_LABEL: uid}),
        )
    world.stage.settle()
    world.stage.resync()
    adopted = {
        child["kind"]: child["metadata"]["uid"] for child in world.cluster.children(world.nim())
    }
    assert adopted == {kind: child["metadata"]["uid"] for kind, child in kept.items()}
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


def test_a_child_that_has_lost_its_label_is_let_go(world):
    """Metacontroller takes its owner reference off, which is an update without the label."""
    world.apply(nimservice(world.namespace))
    world.cluster.edit(
        kinds.SERVICE,
        world.namespace,
        "llama",
        lambda obj: obj["metadata"]["labels"].pop(OWNER_LABEL),
    )
    world.stage.settle()
    world.stage.until(
        lambda: not world.get(kinds.SERVICE)["metadata"].get("ownerReferences"), "it is let go"
    )


def test_children_of_other_products_are_none_of_its_business(cluster, account, namespace):
    """The same Metacontroller may work for controllers whose children have other labels."""
    owner = cluster.create(config_map("owner", namespace), manager=USER)
    reference = {**owner_reference(owner), "blockOwnerDeletion": False}
    cluster.create(config_map("child", namespace), manager=USER)
    with Server(account.kubeconfig) as metacontroller:
        taken = config_map(
            "child", namespace, ownerReferences=[reference], labels={OWNER_LABEL: "x"}
        )
        metacontroller.apply(taken, manager="metacontroller", force=True)
        metacontroller.apply(
            config_map("child", namespace, ownerReferences=[reference]),
            manager="metacontroller",
            force=True,
        )
        metacontroller.delete(kinds.CONFIG_MAP, namespace, "child")
        cluster.create(config_map("child", namespace), manager=USER)
        with pytest.raises(Forbidden, match="ConfigMap child is left alone, because it belongs to"):
            metacontroller.delete(kinds.CONFIG_MAP, namespace, "child")


def config_map(name, namespace, **meta):
    metadata = {"name": name, "namespace": namespace, **meta}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def test_others_than_metacontroller_write_what_they_like(cluster, namespace):
    cluster.create(config_map("free", namespace), manager=USER)
    cluster.apply(
        config_map("free", namespace, labels={OWNER_LABEL: "x"}), manager=USER, force=True
    )
    cluster.delete(kinds.CONFIG_MAP, namespace, "free")


def test_the_api_server_has_nothing_to_say_against_the_expressions(cluster, account):
    """It checks their types against every kind that it serves."""
    name = next(obj for obj in account.installed if obj["kind"] == BINDING.kind)["spec"][
        "policyName"
    ]
    policy = cluster.get(POLICY, "", name)
    assert not ((policy.get("status") or {}).get("typeChecking") or {}).get("expressionWarnings")
