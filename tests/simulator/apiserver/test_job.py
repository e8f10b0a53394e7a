"""Job: what the API server makes of one; compared with kube-apiserver 1.36."""

from collections.abc import Callable
from typing import Any

import pytest

from hooks.cluster.api import Invalid, Object
from nimservice_simulator.apiserver.server import ApiServer
from nimservice_simulator.controllers.jobs import JOB
from nimservice_simulator.metacontroller.children import Engine
from tests.jobs import IGNORE_DISRUPTION, job
from tests.simulator.lab import Lab, returning


def stored(**given: Any) -> Object:
    made = job(**given)
    return ApiServer().create({**made, "metadata": {**made["metadata"], "namespace": "default"}})


def test_it_gets_its_defaults() -> None:
    spec = stored()["spec"]
    del spec["template"], spec["selector"]
    assert spec == {
        "backoffLimit": 6,
        "completionMode": "NonIndexed",
        "completions": 1,
        "manualSelector": False,
        "parallelism": 1,
        "podReplacementPolicy": "TerminatingOrFailed",
        "suspend": False,
    }


def test_a_work_queue_gets_no_completions() -> None:
    assert "completions" not in stored(parallelism=2)["spec"]


def test_a_pod_failure_policy_replaces_pods_that_failed_alone() -> None:
    spec = stored(podFailurePolicy=IGNORE_DISRUPTION)["spec"]
    assert spec["podReplacementPolicy"] == "Failed"
    (rule,) = spec["podFailurePolicy"]["rules"]
    assert rule["onPodConditions"] == [{"type": "DisruptionTarget", "status": "True"}]


def test_it_gets_a_selector_and_the_labels_that_fit() -> None:
    made = stored()
    uid = made["metadata"]["uid"]
    labels = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": "j",
        "controller-uid": uid,
        "job-name": "j",
    }
    assert made["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    assert made["spec"]["template"]["metadata"]["labels"] == labels
    assert made["metadata"]["labels"] == labels


def test_labels_of_its_own_are_all_it_has() -> None:
    given = job()
    metadata = {**given["metadata"], "namespace": "default", "labels": {"a": "b"}}
    made = ApiServer().create({**given, "metadata": metadata})
    assert made["metadata"]["labels"] == {"a": "b"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"restart": "Always"}, 'restartPolicy: Required value: valid values: "OnFailure"'),
        ({"name": "n" * 64}, "must be no more than 63 bytes"),
        (
            {"podFailurePolicy": IGNORE_DISRUPTION, "restart": "OnFailure"},
            'only "Never" is supported when podFailurePolicy is specified',
        ),
        (
            {
                "podFailurePolicy": IGNORE_DISRUPTION,
                "podReplacementPolicy": "TerminatingOrFailed",
            },
            "spec.podReplacementPolicy: Unsupported value",
        ),
    ],
)
def test_it_has_its_rules(given: Any, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        stored(**given)


def _image(spec: Object) -> None:
    spec["template"]["spec"]["containers"][0]["image"] = "image:2"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (_image, "spec.template"),
        (lambda spec: spec.update(completions=2), "spec.completions"),
        (lambda spec: spec.update(podFailurePolicy=None), "spec.podFailurePolicy"),
        (lambda spec: spec.update(backoffLimit=9, activeDeadlineSeconds=60), ""),
    ],
)
def test_most_of_it_never_changes(change: Callable[[Object], Any], path: str) -> None:
    server = ApiServer()
    made = job(podFailurePolicy=IGNORE_DISRUPTION)
    server.create({**made, "metadata": {**made["metadata"], "namespace": "default"}})
    if path:
        with pytest.raises(Invalid, match=f"{path}: Invalid value: field is immutable"):
            server.edit(JOB, "default", "j", lambda obj: change(obj["spec"]))
    else:
        server.edit(JOB, "default", "j", lambda obj: change(obj["spec"]))
        assert server.get(JOB, "default", "j")["metadata"]["generation"] == 2


@pytest.mark.parametrize("method", ["InPlace", "OnDelete"])
def test_as_a_child_it_rests(engine: Engine, method: str) -> None:
    lab = Lab(returning(job(backoffLimit=2)), engine=engine, rules={JOB: method})
    lab.widget()
    lab.run()
    made = lab.get("j", JOB)
    assert made["metadata"]["labels"]["controller-uid"] == lab.parent()["metadata"]["uid"]
    assert not lab.loop.warnings
    lab.writes()
    lab.loop.resync()
    lab.run()
    assert not lab.writes()
