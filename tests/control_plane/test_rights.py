"""Rights: Metacontroller works with the installation's ClusterRole alone: nothing is forbidden to it, and no right is left over."""

from datetime import UTC, datetime

import pytest

from hooks import kinds
from hooks.local import offline
from hooks.local.api import Forbidden, Object, controller_of
from hooks.local.kube.server import KubeServer
from hooks.settings import Settings
from tests.control_plane import situations
from tests.control_plane.account import CLUSTER_ROLE
from tests.control_plane.cluster import USER, Cluster
from tests.metacontroller.rights import Right, rights_of

CHILDREN = {(kind.api_version.rpartition("/")[0], kind.plural) for kind in kinds.MANAGED}
BLOCKS_DELETION = Right("apps.nvidia.com", "nimservices/finalizers", "update")
"""Asked for by admission, whatever the request."""


def rendered(situation: situations.Situation) -> list[Object]:
    return offline.render(situation.nim, situation.others, Settings(openshift=True), now=datetime.now(UTC))["children"]


def handed_out() -> set[Right]:
    """Return what the Roles allow that the hooks make."""
    roles = [child for situation in situations.every("any") for child in rendered(situation) if child["kind"] == "Role"]
    return {right for role in roles for right in rights_of(role)}


def only_the_program(right: Right) -> bool:
    """Tell whether only the real program asks for something, and not its loop."""
    return right.group in ("metacontroller.k8s.io", "apiextensions.k8s.io") or right.resource == "events"


def few(cluster: Cluster, namespace: str) -> list[situations.Situation]:
    """Return as few situations as make every kind that the cluster serves."""
    wanted = {kind.kind for kind in kinds.MANAGED if cluster.served(kind)}
    made = [({child["kind"] for child in rendered(each)}, each) for each in situations.every(namespace)]
    chosen = []
    while wanted:
        has, situation = max(made, key=lambda pair: len(pair[0] & wanted))
        assert has & wanted, wanted
        chosen.append(situation)
        wanted -= has
    return chosen


def test_every_right_is_needed_and_none_is_missing(stage, account):
    cluster, since = stage.cluster, account.now()
    for situation in few(cluster, stage.namespace):
        for obj in (*situation.others, situation.nim):
            cluster.put(obj)
    stage.settle()
    for kind in kinds.MANAGED:
        give_up_one_child(cluster, stage.namespace, kind)
    stage.settle()
    stage.restart()
    stage.settle()
    for nim in cluster.list(kinds.NIM_SERVICE, stage.namespace):
        cluster.delete(kinds.NIM_SERVICE, stage.namespace, nim["metadata"]["name"])
    stage.until(lambda: not cluster.list(kinds.NIM_SERVICE, stage.namespace), "every NIMService is gone", seconds=60)

    requests = list(account.asked(since))
    assert {right for right, allowed in requests if not allowed} == set()
    asked = {right for right, _ in requests}
    elsewhere = {right for right in account.rights if right.verb == "patch" and stage.engine == "dynamic-apply"}
    elsewhere |= {right for right in account.rights if only_the_program(right) and not stage.real}
    assert account.rights - asked - elsewhere - handed_out() == {BLOCKS_DELETION}


def give_up_one_child(cluster, namespace, kind):
    """Take away from a child the label by which it belongs to its NIMService."""
    owned = [obj for obj in cluster.list(kind, namespace) if controller_of(obj)] if cluster.served(kind) else []
    for obj in owned[:1]:
        cluster.edit(kind, namespace, obj["metadata"]["name"], lambda obj: obj["metadata"]["labels"].update({"controller-uid": "nobody"}))


@pytest.fixture
def restricted(cluster, plane, account):
    """Return a function that tells what an account with some of Metacontroller's rights is refused."""
