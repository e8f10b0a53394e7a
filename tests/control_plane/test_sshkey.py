"""SSH key of a group: made once, and in nothing that ``kubectl describe`` prints."""

import base64
import json

import pytest

from hooks.kernel import lastapplied
from hooks.nimservice import kinds
from tests.control_plane.cluster import readable
from tests.control_plane.situations import nimservice
from tests.control_plane.stage import writes_at_rest

GROUPS = {"multiNode": {"parallelism": {"pipeline": 2, "tensor": 8}}}


@pytest.fixture
def grouped(world):
    """Return the world with a NIMService of several nodes, at rest."""
    if not world.cluster.served(kinds.LEADER_WORKER_SET):
        pytest.skip("needs the CustomResourceDefinition of LeaderWorkerSets")
    world.apply(nimservice(world.namespace, **GROUPS))
    return world


def test_the_key_is_in_the_data_and_in_no_record(grouped):
    before = grouped.get(kinds.SECRET, "llama-ssh-pk")
    assert_hidden(before)
    written = writes_at_rest(grouped.stage)
    assert not written, readable(written)
    grouped.edit(lambda nim: nim["spec"].update(replicas=2))
    after = grouped.get(kinds.SECRET, "llama-ssh-pk")
    assert after["data"] == before["data"]
    assert_hidden(after)


def test_a_key_that_is_recorded_is_kept_and_leaves_the_record(grouped):
    """As it was made by dynamic apply in one go."""
    before = grouped.get(kinds.SECRET, "llama-ssh-pk")

    def record(secret):
        wanted = {"metadata": {}, "type": "Opaque", "data": secret["data"]}
        annotations = secret["metadata"].setdefault("annotations", {})
        annotations[lastapplied.LAST_APPLIED] = json.dumps(wanted)

    grouped.cluster.edit(kinds.SECRET, grouped.namespace, "llama-ssh-pk", record)
    grouped.stage.settle()
    grouped.stage.resync()
    after = grouped.get(kinds.SECRET, "llama-ssh-pk")
    assert after["data"] == before["data"]
    assert_hidden(after)


def assert_hidden(secret):
    """Check that a Secret has a key, and that its metadata has none."""
    key = secret["data"]["private.key"]
    assert base64.b64decode(key).startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    told = json.dumps(secret["metadata"])
    assert key not in told
    assert "PRIVATE KEY" not in told
