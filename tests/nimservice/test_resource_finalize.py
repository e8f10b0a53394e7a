"""The finalize hook of NIMService."""

from hooks.kernel import resource
from hooks.nimservice import kinds
from hooks.resources import NIM_SERVICE
from tests.nimservice.running import BROKEN, SETTINGS, conditions, running
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.stored import NOW, ago

# finalize


def finalize(observed=(), since=NOW, nim=None, **options):
    nim = nim or situation.nimservice(deleted=since)
    return resource.finalize(
        NIM_SERVICE, stored.request(nim, observed, finalizing=True, **options), SETTINGS, NOW
    ).body


def test_finalize_goes_in_order_and_says_when_it_is_done():
    observed = running(metrics={"enabled": True}, storage={"pvc": {"create": True, "size": "1Gi"}})
    stages = []
    while True:
        answer = finalize(observed)
        stages.append(sorted(child["kind"] for child in answer["children"]))
        if answer["finalized"]:
            break
        kept = {(child["kind"], child["metadata"]["name"]) for child in answer["children"]}
        observed = [
            child for child in observed if (child["kind"], child["metadata"]["name"]) in kept
        ]
    assert stages == [
        ["Deployment", "PersistentVolumeClaim", "Service", "ServiceAccount"],
        ["PersistentVolumeClaim", "Service", "ServiceAccount"],
        [],
        [],
    ]


def test_finalize_is_called_again_until_it_is_done():
    assert finalize(running())["resyncAfterSeconds"] == 30
    assert "resyncAfterSeconds" not in finalize()


def test_what_is_being_deleted_says_so():
    answer = finalize(running())
    assert answer["status"]["state"] == "NotReady"
    assert conditions(answer)["Ready"] == "Terminating"


def test_a_refused_spec_can_be_deleted():
    """I-10, Q43: in the reference a NIMService that is not valid any more cannot be deleted."""
    nim = situation.nimservice(deleted=NOW, **BROKEN)
    assert finalize(nim=nim)["finalized"]
    assert not finalize(running(), nim=nim)["finalized"]


def test_after_the_grace_it_is_done_whatever_is_left():
    assert finalize(running(), since=ago(seconds=301))["finalized"]


def test_what_leaves_the_label_selector_is_taken_apart_although_nobody_deleted_it():
    few = [kind for kind in kinds.MANAGED if kind is not kinds.DEPLOYMENT]
    answer = finalize(nim=situation.nimservice(), manages=few)
    assert answer["finalized"]
