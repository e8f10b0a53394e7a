"""Rights: Metacontroller works with the installation's ClusterRole alone: nothing is forbidden to
it, and no right is left over."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from hooks.cluster.api import Forbidden, NotFound, Object, Resource, controller_of
from hooks.nimcache.kinds import JOB
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds
from hooks.preview import render
from hooks.resources import Settings
from tests.control_plane import situations
from tests.control_plane.account import RBAC
from tests.control_plane.cluster import USER, Cluster
from tests.control_plane.server import Server
from tests.metacontroller.rights import Right, rights_of, rules_of
from tests.nimcache import cluster as caches
from tests.situations.nimservice import BASE_SPEC

EVERY_VERB = ("get", "list", "watch", "create", "update", "patch", "delete")
READ = (kinds.POD, kinds.NIM_CACHE, kinds.RESOURCE_CLAIM)
MADE = (*kinds.MANAGED, kinds.NIM_SERVICE, JOB)
CHILDREN = {(kind.api_version.rpartition("/")[0], kind.plural) for kind in MADE}
BLOCKS_DELETION = {
    Right("apps.nvidia.com", f"{parents}/finalizers", "update")
    for parents in ("nimservices", "nimpipelines", "nimcaches")
}
"""Asked for by admission, whatever the request."""


CONFIG = {
    "plugins": [{"type": "queue-scorer"}],
    "schedulingProfiles": [{"name": "default", "plugins": [{"pluginRef": "queue-scorer"}]}],
}


def rendered(situation: situations.Situation) -> list[Object]:
    return render.render(
        situation.nim, situation.others, Settings(openshift=True), now=datetime.now(UTC)
    )["children"]


def every(namespace: str) -> list[situations.Situation]:
    """Return the situations at hand, and one with what these lack: a ComputeDomain, and an endpoint
    picker that elects its leader."""
    wide = {
        "multiNode": {
            "parallelism": {"pipeline": 2, "tensor": 8},
            "computeDomain": {"create": True},
        }
    }
    elects = {
        "name": "epp",
        "image": {"repository": "example.com/epp", "tag": "1"},
        "args": ["--ha-enable-leader-election"],
    }
    picker = {"containerSpec": elects, "config": CONFIG}
    added = (
        situations.nimservice(namespace, "wide", **wide),
        situations.nimservice(namespace, "routed", expose={"router": {"eppConfig": picker}}),
    )
    return [
        *situations.every(namespace),
        *(situations.Situation(nim["metadata"]["name"], nim, []) for nim in added),
    ]


def handed_out() -> set[Right]:
    """Return what the Roles allow that the hooks make."""
    roles = [
        child
        for situation in every("any")
        for child in rendered(situation)
        if child["kind"] == "Role"
    ]
    return {right for role in roles for right in rights_of(role)}


def for_itself(right: Right) -> bool:
    """Tell whether Metacontroller asks for something itself, with one of the engines."""
    reads = {(kind.api_version.rpartition("/")[0], kind.plural) for kind in READ}
    own = {(*each, verb) for each in CHILDREN for verb in EVERY_VERB} | {
        (*each, verb) for each in reads for verb in ("list", "watch")
    }
    return right[:3] in own or right == Right("", "events", right.verb)


def few(cluster: Cluster, namespace: str) -> list[situations.Situation]:
    """Return as few situations as make every kind that the cluster serves."""
    wanted = {kind.kind for kind in kinds.MANAGED if cluster.served(kind)}
    made = [({child["kind"] for child in rendered(each)}, each) for each in every(namespace)]
    chosen = []
    while wanted:
        has, situation = max(made, key=lambda pair: len(pair[0] & wanted))
        assert has & wanted, wanted
        chosen.append(situation)
        wanted -= has
    return chosen


def test_every_right_is_needed_and_none_is_missing(stage, account, installed):
    cluster, since = stage.cluster, account.now()
    for situation in few(cluster, stage.namespace):
        for obj in (*situation.others, situation.nim):
            cluster.put(obj)
    cluster.put(pipeline(stage.namespace, True))
    stage.restart()  # what watches there are began before
    stage.settle()
    cluster.put(nimcache(stage.namespace))
    stage.manage(installed["nimcache"])  # last: it says itself what state NIMCaches are in
    stage.settle()
    estranged = [
        obj
        for kind in MADE
        if cluster.served(kind)
        for obj in owned(cluster, stage.namespace, kind)[:1]
    ]
    for obj in estranged:
        label(cluster, obj, "nobody")
    stage.settle()
    for obj in estranged:
        label(cluster, obj, obj["metadata"]["labels"]["controller-uid"])
    stage.settle()
    for changes in ({"replicas": 2}, {}):
        cluster.put(pipeline(stage.namespace, bool(changes), **changes))
        stage.settle()
    edited = nimcache(stage.namespace)  # its probe is replaced
    cluster.put({**edited, "spec": {**edited["spec"], "nodeSelector": {"zone": "a"}}})
    stage.settle()
    cluster.delete(kinds.NIM_CACHE, stage.namespace, "filled")
    for nim in cluster.list(kinds.NIM_SERVICE, stage.namespace):
        cluster.delete(kinds.NIM_SERVICE, stage.namespace, nim["metadata"]["name"])
    stage.until(
        lambda: not cluster.list(kinds.NIM_SERVICE, stage.namespace),
        "every NIMService is gone",
        seconds=60,
    )

    requests = list(account.asked(since))
    assert {right for right, allowed in requests if not allowed} == set()
    asked = {right for right, _ in requests}
    unasked = {right for right in account.rights - asked - handed_out() if not unseen(right, stage)}
    assert unasked == BLOCKS_DELETION


def nimcache(namespace: str) -> Object:
    """Return a NIMCache that has to choose among the profiles of its image."""
    made = caches.nimcache(name="filled")
    made["metadata"] = {"name": "filled", "namespace": namespace}
    return made


def pipeline(namespace: str, enabled: bool, **spec: object) -> Object:
    """Return a pipeline with one service, which is made, changed and deleted by turns."""
    entry = {"name": "piped", "enabled": enabled, "spec": {**BASE_SPEC, **spec}}
    return {
        "apiVersion": NIM_PIPELINE.api_version,
        "kind": NIM_PIPELINE.kind,
        "metadata": {"name": "pipeline", "namespace": namespace},
        "spec": {"services": [entry]},
    }


def unseen(right, stage):
    """Tell whether something is needed although this engine, or who plays Metacontroller here, does
    not ask for it in so many words."""
    if right.verb == "list" and stage.real:
        return True  # a watch can begin with all there is, but not on every API server
    if (
        right.verb == ("patch" if stage.engine == "dynamic-apply" else "create")
        and (right.group, right.resource) in CHILDREN
    ):
        return True  # an object that does not exist yet is applied with the right to create it
    return not stage.real and (
        right.group in ("metacontroller.k8s.io", "apiextensions.k8s.io")
        or right.resource == "events"
    )


def owned(cluster, namespace, kind):
    return [obj for obj in cluster.list(kind, namespace) if controller_of(obj)]


def label(cluster, obj, uid):
    """Give an object to a NIMService, or to nobody, by the label that says whose it is."""
    with suppress(NotFound):
        meta = obj["metadata"]
        cluster.edit(
            Resource(obj["apiVersion"], obj["kind"], ""),
            meta["namespace"],
            meta["name"],
            lambda live: live["metadata"]["labels"].update({"controller-uid": uid}),
        )


def test_roles_can_be_handed_out_and_not_with_a_right_less(account, namespace):
    """Nobody may hand out a right that he lacks, so it is held for that alone."""
    needed = {right for right in handed_out() if not for_itself(right)}
    with (
        Server(account.kubeconfig) as allowed,
        account.without(needed | BLOCKS_DELETION) as lesser,
    ):
        for right in sorted(handed_out()):
            role = {
                "apiVersion": f"{RBAC}/v1",
                "kind": "Role",
                "metadata": {"name": "trial", "namespace": namespace},
                "rules": rules_of({right}),
            }
            allowed.apply(role, manager=USER, dry_run=True)
            if right in needed:
                with pytest.raises(
                    Forbidden, match="attempting to grant RBAC permissions not currently held"
                ):
                    lesser.apply(role, manager=USER, dry_run=True)
