"""Verdict: what its message tells beyond the reason."""

import orjson
import pytest

from hooks.kernel import protocol, resource
from hooks.nimservice import children, kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.nimservice.status.judged import CACHED, WITHOUT_DEPLOYMENT, said
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import applied, rolled_out

JOB_FAILED = {"type": "NIM_CACHE_JOB_COMPLETED", "status": "False", "message": "401 from nvcr.io"}


def test_an_edit_that_does_not_get_through_is_told_with_what_tells_why():
    def stuck(since):
        ready = {
            "type": "Ready",
            "status": "False",
            "reason": "Updating",
            "message": "The latest edit is on its way to the Deployment",
        }
        status = {
            "observedGeneration": 2,
            "conditions": [{**ready, "lastTransitionTime": stored.stamp(since)}],
        }
        return said(
            counts=rolled_out(), before={}, generation=2, status=status, nodeSelector={"gpu": "a b"}
        )

    assert stuck(stored.ago(seconds=4))[:4] == (
        "NotReady",
        "Updating",
        "The latest edit is on its way to the Deployment",
        "Reconciling",
    )
    assert stuck(stored.ago(seconds=5)) == (
        "NotReady",
        "ChangeNotApplied",
        "The API server refuses the latest edit, so the Deployment runs unchanged",
        "Reconciling",
        "correct the field in the events of kubectl describe nims llama -n nim",
    )


def test_scaled_to_zero_says_how_to_start_it():
    """Q49: in the reference it is not ready for ever."""
    assert said(counts=rolled_out(0), replicas=0).remedy == "set spec.replicas to start the model"


@pytest.mark.parametrize(
    ("related", "words"),
    [
        ([], "NIMCache cache does not exist"),
        ([nimcache(state="InProgress")], "(state InProgress)"),
        ([nimcache(state="Failed", conditions=[JOB_FAILED])], "401 from nvcr.io"),
    ],
)
@pytest.mark.parametrize("running", [True, False])
def test_the_message_quotes_the_nimcaches_own_trouble(related, words, running):
    """Q22, I-42."""
    message = said(counts=rolled_out() if running else None, related=related, **CACHED).message
    assert words in message
    assert message.startswith("1 of 1 replicas are available. The hooks keep") == running


def test_the_counts_are_in_the_message():
    assert (
        said(counts=rolled_out(3, updatedReplicas=1), replicas=3).message
        == "1 of 3 replicas are updated"
    )
    assert said(counts=rolled_out(3), replicas=3).message == "3 of 3 replicas are available"
    assert said(counts=rolled_out(1), replicas=3).message == "1 of 3 replicas are available"


def test_a_workload_that_cannot_be_made_names_its_component():
    found = said(manages=WITHOUT_DEPLOYMENT)
    assert " Deployment" in found.message
    assert found.remedy == "add the component base"


def test_of_several_kinds_that_are_not_managed_the_workload_counts():
    router = {"router": {"gateway": {"namespace": "gw", "name": "gw"}}}
    base = tuple(kind for kind in kinds.MANAGED if "base" in kind.components)
    several = said(
        manages=base,
        multiNode={"parallelism": {"pipeline": 2}, "ray": {"rayPort": 6379}},
        expose=router,
    )
    assert " LeaderWorkerSet" in several.message


@pytest.mark.parametrize(
    ("spec", "kind", "waiting"),
    [
        (
            {"multiNode": {"parallelism": {"pipeline": 2}, "ray": {"rayPort": 6379}}},
            "LeaderWorkerSet",
            "0 of 1 groups are updated",
        ),
        (
            {"inferencePlatform": "kserve"},
            "InferenceService",
            "KServe reports that its predictor is not ready",
        ),
    ],
)
def test_pods_that_nobody_creates_are_looked_for_where_the_cluster_tells_why(spec, kind, waiting):
    """A quota or a policy that refuses them is told by a StatefulSet or a Deployment of somebody
    else, in events."""
    key = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "llama-ssh-pk", "namespace": "nim"},
            "data": {"private.key": "x"},
        }
    ]
    made = next(
        child
        for child in children.plan(situation.context(key, **spec)).children
        if child["kind"] == kind
    )
    nim = situation.nimservice(status={"observedGeneration": 1}, **spec)
    request = stored.body(nim, [applied(made, status={"replicas": 0})])
    request["related"] = {"Pod.v1": {}}
    answer = resource.sync(
        NIM_SERVICE, protocol.decode(orjson.dumps(request)), Settings(), stored.NOW
    ).body
    ready = answer["status"]["conditions"][0]
    assert (
        ready["message"]
        == f"{waiting}. No pod exists yet; see kubectl get events -n nim if this lasts"
    )
