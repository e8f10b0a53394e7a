"""Rewording: texts are for people alone. With every sentence replaced by its reason, two syncs
decide the same.

The second sync reads the status that the first one wrote, once with the children as they were,
since the API server may have refused the answer, and once with those of the answer.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import orjson
import pytest

from hooks.kernel import condition, protocol, resource
from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.kernel.resource import Answer
from hooks.kernel.verdict import Verdict
from hooks.nimcache.status import kept
from hooks.nimpipeline.status.report import Report
from hooks.nimservice import kinds
from hooks.nimservice.children.multinode import sshkey
from hooks.nimservice.status import rollout
from hooks.resources import RESOURCES, Settings
from tests import invariants
from tests.golden import FOLDERS, now, request_of, settings_of
from tests.nimservice.status.cause import troubled
from tests.situations import nimpipeline as pipelines
from tests.situations import nimservice as situation
from tests.situations import pods, stored
from tests.situations.nimcache import nimcache

LATER = timedelta(minutes=2)
"""From one sync to the next: longer than the hooks wait for anything before they call it
missing."""


class Case(NamedTuple):
    """A request to sync, and what it is answered with."""

    body: JSON
    settings: Settings = Settings()
    now: datetime = stored.NOW


def edited(**spec: Any) -> Case:
    """Return an edit of a NIMService whose Deployment is rolled out."""
    nim = situation.nimservice(status={"observedGeneration": 1}, generation=2, **spec)
    before = pods.deployment(situation.nimservice(), **situation.rolled_out())
    return Case(stored.body(nim, [before]))


def of_pod(pod: JSON) -> Case:
    nim = situation.nimservice(status={"observedGeneration": 1})
    return Case(stored.body(nim, [pods.deployment(nim)], [pod]))


def synced(nim: JSON, *observed: JSON, related: tuple[JSON, ...] = (), **options: Any) -> Case:
    return Case(stored.body(nim, observed, related, **options))


CACHED = {"storage": {"nimCache": {"name": "cache"}}}
RUNNING = pods.deployment(situation.nimservice(), **situation.rolled_out())
PICKER = pods.pod(pods.crashing(1, name="epp"), name="llama-epp-5d-x", labels={"app": "llama-epp"})
PICKING = situation.applied(
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "llama-epp", "namespace": stored.NAMESPACE},
        "spec": {},
    }
)
WITHOUT_DEPLOYMENT = tuple(kind for kind in kinds.MANAGED if kind is not kinds.DEPLOYMENT)
FAILED = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "quota"}
TIMED_OUT = situation.progressing("ProgressDeadlineExceeded", status="False", message="timed out")
TAKEN = situation.applied(
    {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "models", "namespace": stored.NAMESPACE},
        "spec": {},
    },
    owner={**situation.nimservice(), "metadata": {"name": "other", "uid": "other"}},
)


def first() -> JSON:
    return situation.nimservice()


SITUATIONS: dict[str, Case] = {
    "first sync": synced(first()),
    "an edit of the pod template": edited(env=[{"name": "A", "value": "1"}]),
    "an edit that scales to zero": edited(replicas=0),
    "an edit that scales up": edited(replicas=3),
    "an edit of the platform": edited(inferencePlatform="kserve"),
    "a refused spec": synced(situation.nimservice(storage={}), RUNNING),
    "no NIMCache": synced(situation.nimservice(**CACHED)),
    "no NIMCache any more": synced(situation.nimservice(**CACHED), RUNNING),
    "a NIMCache in progress": synced(
        situation.nimservice(**CACHED), related=(nimcache(state="InProgress"),)
    ),
    "a failed NIMCache": synced(
        situation.nimservice(**CACHED), RUNNING, related=(nimcache(state="Failed"),)
    ),
    "a kind that is not managed": synced(first(), manages=WITHOUT_DEPLOYMENT),
    "a name that is taken": synced(
        situation.nimservice(storage={"pvc": {"create": True, "name": "models", "size": "1Gi"}}),
        related=(TAKEN,),
    ),
    "pods that the API server refuses": synced(
        first(), pods.deployment(conditions=[FAILED], replicas=0, updatedReplicas=0)
    ),
    "no progress for too long": synced(first(), pods.deployment(conditions=[TIMED_OUT])),
    "replicas that are being added": synced(
        situation.nimservice(replicas=2, status={"observedGeneration": 1}),
        pods.deployment(
            situation.nimservice(replicas=2),
            **situation.rolled_out(2, availableReplicas=1),
        ),
    ),
    "a change that is not noticed": synced(
        first(), pods.deployment(**situation.rolled_out(1, observedGeneration=0))
    ),
    "an endpoint picker in trouble": synced(
        first(), pods.deployment(**situation.rolled_out()), PICKING, related=(PICKER,)
    ),
    "groups": synced(situation.nimservice(multiNode={"parallelism": {"pipeline": 2}})),
    "KServe": synced(situation.nimservice(inferencePlatform="kserve")),
    **{f"pod: {reason}": of_pod(pod("a")) for reason, pod in troubled.SYMPTOMS.items()},
    "a pipeline": synced(pipelines.nimpipeline()),
    "a pipeline whose NIMService waits": synced(
        pipelines.nimpipeline(), pipelines.nimservice(state="NotReady", reason="RollingOut")
    ),
    "a pipeline whose edit is on its way": synced(
        pipelines.nimpipeline(
            pipelines.service(spec={**situation.BASE_SPEC, "replicas": 2}),
            status={"observedGeneration": 1},
            generation=2,
        ),
        pipelines.nimservice(),
    ),
    "a pipeline with a name that is taken": synced(
        pipelines.nimpipeline(), related=(pipelines.others(),)
    ),
}


def golden() -> Iterator[tuple[str, Case]]:
    for folder in FOLDERS:
        if folder.parent.name == "sync":
            body = request_of(folder)
            case = Case(body, settings_of(folder), now(body))
            yield f"golden: {folder.name}", case


CASES = {**SITUATIONS, **dict(golden())}


def sync(case: Case) -> Answer:
    served = stored.SERVED[case.body["parent"]["kind"]]
    decoded = protocol.decode(orjson.dumps(case.body))
    return resource.sync(served, decoded, case.settings, case.now)


def refused(case: Case, answer: JSON) -> Case:
    """Return the next request if the API server refused every child of an answer."""
    after = invariants.applied(case.body, answer)
    return case._replace(body={**case.body, "parent": after["parent"]}, now=case.now + LATER)


def taken(case: Case, answer: JSON) -> Case:
    """Return the next request once every child of an answer is applied."""
    return case._replace(body=invariants.applied(case.body, answer), now=case.now + LATER)


def played(case: Case) -> list[Answer]:
    """Return what a sync answers, and each of the syncs that may follow it."""
    answer = sync(case)
    following = [sync(follow(case, copy.deepcopy(answer.body))) for follow in (refused, taken)]
    return [answer, *following]


@cache  # two tests look at it
def played_as_it_is(name: str) -> list[Answer]:
    return played(CASES[name])


def decided(answer: Answer) -> Answer:
    """Return an answer without the messages of its conditions: state, reasons, times, children."""
    body = copy.deepcopy(answer.body)
    for each in body["status"]["conditions"]:
        del each["message"]
    return replace(answer, body=body)


@contextmanager
def reworded() -> Iterator[None]:
    """Replace every sentence by its reason, where a fact is made and where a condition is."""
    with pytest.MonkeyPatch.context() as patch:
        for told in (Finding, Verdict, Report):
            patch.setattr(told, "__new__", _by_reason(told.__new__))
        patch.setattr(rollout, "_observed", _without_words(rollout._observed))
        for module in (condition, kept):
            patch.setattr(module, "condition", _with_its_reason(condition.condition))
        yield


def _with_its_reason(make: Callable[..., JSON]) -> Callable[..., JSON]:
    return lambda kind, status, reason, message: make(kind, status, reason, message and reason)


def _by_reason(make: Callable[..., Any]) -> Any:
    def made(cls: Any, *args: Any, **fields: Any) -> Any:
        given = make(cls, *args, **fields)
        words = {name: given.reason for name in ("message", "remedy") if hasattr(given, name)}
        return make(cls, **{**given._asdict(), **words})

    return staticmethod(made)


def _without_words(observe: Callable[..., Any]) -> Any:
    def observed(ctx: Any) -> Any:
        found = observe(ctx)
        told = ("waiting", "overdue", "complete")
        return found and replace(found, **{name: getattr(found, name) and "x" for name in told})

    return observed


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sshkey, "_private_key", lambda: "a2V5")


REASONS = {reason.name for each in RESOURCES for reason in each.reasons}


@pytest.mark.parametrize("name", CASES)
def test_no_decision_depends_on_a_sentence(name: str) -> None:
    """A reworded message once called models Ready that did not run their spec."""
    before = played_as_it_is(name)
    with reworded():
        after = played(CASES[name])
    for answer, other in zip(before, after, strict=True):
        assert decided(answer) == decided(other)
        conditions = other.body["status"]["conditions"]
        assert all(each["message"] in ("", each["reason"]) for each in conditions)


def test_an_edit_that_the_api_server_refuses_is_told_however_it_is_worded() -> None:
    case = edited(env=[{"name": "A", "value": "1"}])
    for wording in (reworded, _as_it_is):
        with wording():
            first_answer, second, third = played(case)
        states = [each.body["status"]["state"] for each in (first_answer, second)]
        reasons = [_ready(each)["reason"] for each in (first_answer, second)]
        assert (states, reasons) == (["NotReady"] * 2, ["Updating", "ChangeNotApplied"])
        assert _ready(third)["reason"] == "Ready"


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


def _ready(answer: Answer) -> JSON:
    found: JSON = answer.body["status"]["conditions"][0]
    return found


def test_the_situations_have_many_reasons() -> None:
    """So that the test above has something to look at."""
    seen = {
        each["reason"]
        for name in CASES
        for answer in played_as_it_is(name)
        for each in answer.body["status"]["conditions"]
    }
    assert len(seen & REASONS) > 40, sorted(REASONS - seen)
