"""The orders of ``docs/removal.md``, on a real API server with its garbage collector: what goes,
and what runs on."""

import pytest

from hooks.nimservice import kinds
from tests.control_plane.cluster import readable
from tests.control_plane.stage import COMPOSITE_CONTROLLER, writes_at_rest

NIM = {
    "apiVersion": kinds.NIM_SERVICE.api_version,
    "kind": kinds.NIM_SERVICE.kind,
    "metadata": {"name": "llama"},
    "spec": {
        "image": {"repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct", "tag": "1.8.4"},
        "authSecret": "ngc-api-secret",
        "storage": {"pvc": {"create": True, "size": "1Gi"}},
        "expose": {"service": {"port": 8000}},
    },
}
MADE = (kinds.SERVICE_ACCOUNT, kinds.SERVICE, kinds.PERSISTENT_VOLUME_CLAIM, kinds.DEPLOYMENT)


@pytest.fixture
def running(stage):
    """Return the stage with a model that is made and at rest, and the uids of its objects."""
    stage.cluster.put({**NIM, "metadata": {**NIM["metadata"], "namespace": stage.namespace}})
    stage.settle()
    stage.cluster.until(lambda: len(uids(stage)) == len(MADE), "every child exists")
    return stage, uids(stage)


def remove_controller(stage):
    """Delete the CompositeController; the stand-in works only while it is waited for, so there is
    nothing to delete."""
    if stage.real:
        stage.cluster.delete(COMPOSITE_CONTROLLER, "", "nimservice")


def install_controller(stage):
    if stage.real:
        stage._program.resync_every(None)
    else:
        stage.restart()


def nim(stage):
    return stage.cluster.find(kinds.NIM_SERVICE, stage.namespace, "llama")


def uids(stage):
    objects = (obj for kind in MADE for obj in stage.cluster.list(kind, stage.namespace))
    return {
        (obj["kind"], obj["metadata"]["name"]): obj["metadata"]["uid"]
        for obj in objects
        if obj["metadata"]["name"].startswith("llama")
    }


def test_without_its_controller_a_model_runs_on_and_is_taken_up_again_as_it_was(running):
    stage, before = running
    remove_controller(stage)
    assert nim(stage)["metadata"]["finalizers"], "the NIMService stays, with the finalizer"
    assert uids(stage) == before
    install_controller(stage)
    stage.settle()
    assert uids(stage) == before
    written = writes_at_rest(stage)
    assert not written, readable(written)


def test_deleted_with_cascade_orphan_a_nimservice_leaves_everything_of_it_behind(running):
    stage, before = running
    stage.cluster.delete(kinds.NIM_SERVICE, stage.namespace, "llama", propagation="Orphan")
    stage.until(lambda: nim(stage) is None, "the NIMService is gone")
    assert uids(stage) == before
    owned = [
        obj["metadata"].get("ownerReferences")
        for kind in MADE
        for obj in stage.cluster.list(kind, stage.namespace)
    ]
    assert not any(owned)


def test_deleted_a_nimservice_takes_everything_of_it_along(running):
    stage, _ = running
    stage.cluster.delete(kinds.NIM_SERVICE, stage.namespace, "llama")
    stage.until(lambda: nim(stage) is None and not uids(stage), "nothing is left", seconds=60)


def test_deleted_without_a_controller_a_nimservice_hangs_until_its_finalizer_is_taken_off(running):
    stage, before = running
    remove_controller(stage)
    stage.cluster.delete(kinds.NIM_SERVICE, stage.namespace, "llama")
    assert nim(stage)["metadata"]["deletionTimestamp"]
    assert uids(stage) == before
    stage.cluster.edit(
        kinds.NIM_SERVICE, stage.namespace, "llama", lambda obj: obj["metadata"].pop("finalizers")
    )
    stage.cluster.until(
        lambda: nim(stage) is None and not uids(stage), "its children go with it", seconds=60
    )
    install_controller(stage)
