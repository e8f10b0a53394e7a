"""Pipelines of NVIDIA's operator: adopted by a label, and handed back."""

import json

import pytest

from hooks.cli import main
from hooks.kernel.lastapplied import LAST_APPLIED, OWNER_LABEL
from hooks.kernel.owner import owner_reference
from hooks.migration import pipelines
from hooks.migration.plan import merged
from hooks.nimpipeline import kinds
from hooks.resources import Settings
from tests import simulated
from tests.situations import nimpipeline as situation
from tests.situations.nimpipeline import UID, service
from tests.situations.nimservice import BASE_SPEC
from tests.situations.stored import NAMESPACE, NOW


def operated(*services):
    """Return a pipeline as the operator leaves it."""
    pipeline = situation.nimpipeline(*services)
    pipeline["metadata"]["finalizers"] = [pipelines.FINALIZER]
    return pipeline


def made(name, pipeline, **spec):
    """Return a NIMService as the operator made it of a pipeline."""
    return {
        "apiVersion": kinds.NIM_SERVICE.api_version,
        "kind": kinds.NIM_SERVICE.kind,
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "uid": f"of-{name}",
            "ownerReferences": [owner_reference(pipeline)],
        },
        "spec": {**BASE_SPEC, **spec},
    }


def planned(pipeline, *nims):
    return pipelines.of(pipeline, [pipeline, *nims], Settings(), now=NOW)


def test_its_nimservices_get_the_label_and_it_loses_the_finalizer():
    pipeline = operated(service("llm"))
    found = planned(pipeline, made("llm", pipeline))
    assert [
        (write.target["metadata"]["name"], write.patch["metadata"]) for write in found.writes
    ] == [
        ("llm", {"labels": {OWNER_LABEL: UID}}),
        ("rag", {"finalizers": []}),
    ]
    assert [(step.action, step.name) for step in found.steps] == [("keep", "llm")]


def test_an_edit_that_the_operator_never_passed_on_is_told():
    """P1."""
    pipeline = operated(service("llm", spec={**BASE_SPEC, "replicas": 2}))
    (step,) = planned(pipeline, made("llm", pipeline, replicas=1)).steps
    assert (step.action, step.why) == ("update", ("replicas changed",))


def test_what_the_pipeline_does_not_set_stays():
    pipeline = operated(service("llm"))
    (step,) = planned(pipeline, made("llm", pipeline, replicas=3)).steps
    assert step.action == "keep"


def test_what_is_missing_is_made_and_what_is_not_enabled_goes():
    pipeline = operated(service("llm"), service("old", enabled=False))
    found = planned(pipeline, made("old", pipeline))
    assert [(step.action, step.name) for step in found.steps] == [
        ("delete", "old"),
        ("create", "llm"),
    ]


def test_one_that_is_being_deleted_is_left_to_the_operator():
    pipeline = operated(service("llm"))
    pipeline["metadata"]["deletionTimestamp"] = "2026-03-01T11:00:00Z"
    assert planned(pipeline).writes == ()


def test_it_is_found_until_it_has_migrated():
    pipeline = operated(service("llm"))
    nim = made("llm", pipeline)
    everything = [pipeline, nim]
    assert pipelines.found(everything) == [pipeline]
    for write in planned(pipeline, nim).writes:
        everything = [
            merged(each, write.patch) if each is write.target else each for each in everything
        ]
    assert pipelines.found(everything) == []
    assert [each["metadata"]["name"] for each in pipelines.managed(everything)] == ["rag"]


def test_the_way_back_takes_label_and_record_off():
    pipeline = situation.nimpipeline(service("llm"))
    nim = situation.nimservice("llm", pipeline=pipeline)
    (write,) = pipelines.back(pipeline, [pipeline, nim])
    after = merged(nim, write.patch)
    assert OWNER_LABEL not in after["metadata"]["labels"]
    assert LAST_APPLIED not in after["metadata"]["annotations"]
    assert after["metadata"]["ownerReferences"] == [owner_reference(pipeline)]


@pytest.mark.parametrize("engine", ["dynamic-apply", "server-side-apply"])
def test_metacontroller_adopts_them_and_edits_arrive(engine):
    """No NIMService is made anew."""
    given = operated(service("llm", spec={**BASE_SPEC, "replicas": 2}))
    given["metadata"] = {"name": "rag", "namespace": NAMESPACE}
    simulation = simulated.simulation([], engine)
    pipeline = simulation.put(given)
    nim = made("llm", pipeline, replicas=1)
    del nim["metadata"]["uid"]
    stored = simulation.put(nim)
    for write in planned(pipeline, stored).writes:
        simulation.edit(
            kinds.NIM_SERVICE,
            "llm",
            lambda each, patch=write.patch: each.update(merged(each, patch)),
            NAMESPACE,
        )
    simulation.settle()
    after = simulation.get(kinds.NIM_SERVICE, "llm", NAMESPACE)
    assert after["metadata"]["uid"] == stored["metadata"]["uid"]
    assert after["spec"]["replicas"] == 2
    assert simulation.get(kinds.NIM_PIPELINE, "rag", NAMESPACE)["status"]["state"] == "Ready"
    assert not simulation.writes_at_rest()
    simulation.edit(
        kinds.NIM_PIPELINE,
        "rag",
        lambda each: each["spec"]["services"][0]["spec"].update(replicas=3),
        NAMESPACE,
    )
    simulation.settle()
    edited = simulation.get(kinds.NIM_SERVICE, "llm", NAMESPACE)
    assert (edited["metadata"]["uid"], edited["spec"]["replicas"]) == (stored["metadata"]["uid"], 3)


def test_the_command_shows_its_plan(tmp_path, capsys):
    pipeline = operated(service("llm"))
    saved = {"apiVersion": "v1", "kind": "List", "items": [pipeline, made("llm", pipeline)]}
    (tmp_path / "live.json").write_text(json.dumps(saved))
    assert main(["migrate", "--observed", str(tmp_path / "live.json")]) == 0
    said = capsys.readouterr().out
    assert "NIMPipeline nim/rag: no NIMService changes" in said
    assert "patch   NIMService/llm: label controller-uid" in said
