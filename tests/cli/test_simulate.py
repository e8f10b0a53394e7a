"""What the status says, from the first moment to the last, in every situation that ``simulate
--scenario`` plays."""

import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from hooks.cli import main, simulate
from hooks.cli.render import PARENTS
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.controllers.scenarios import SCENARIOS
from nimservice_simulator.story import STORIES
from tests.cli.manifest import manifest
from tests.nimcache import manifests
from tests.nimcache.cluster import nimcache
from tests.situations.nimpipeline import nimpipeline, service
from tests.situations.nimservice import BASE_SPEC

CASES = Path(__file__).parents[1] / "cases" / "nimservice" / "simulate"
SAMPLES = Path(__file__).parents[2] / "metacontroller" / "samples"

CACHES = [name for name, story in STORIES.items() if story.about]
SHOWN_BY = {
    "claim-pending": "06-devices",
    **dict.fromkeys(CACHES, "02-from-a-cache"),
    "gpu-unknown": "08-cache-by-gpu",
    "no-profile": "08-cache-by-gpu",
}


def played(name, capsys, *, engine="dynamic-apply"):
    """Return what the timeline tells of the status, and how the NIMService stands in the end."""
    sample = SAMPLES / f"{SHOWN_BY.get(name, '01-documented-example')}.yaml"
    if name == "group-crash":
        sample = CASES / "group.yaml"
    main(
        [
            "simulate",
            "-f",
            str(sample),
            "--scenario",
            name,
            "--engine",
            engine,
            "--timeline",
            "-o",
            "json",
        ]
    )
    out, told = capsys.readouterr()
    lines = [
        line.strip() for line in told.splitlines() if line.split()[1:2] in (["status"], ["you"])
    ]
    for nim in (each for each in json.loads(out)["items"] if each["kind"] in PARENTS):
        lines += ["", f"{nim['kind']} state: {nim['status']['state']}"]
        lines += [
            f"{each['type']} {each['status']} {each['reason']}: {each['message']}"
            for each in nim["status"]["conditions"]
        ]
    return "\n".join(line.rstrip() for line in lines or ["nothing is left"]) + "\n"


@pytest.mark.parametrize("name", [*SCENARIOS, *STORIES])
def test_the_status_is_what_a_person_would_want(name, capsys, request):
    case = CASES / f"{name}.txt"
    found = played(name, capsys)
    if request.config.getoption("--regenerate"):
        case.parent.mkdir(exist_ok=True)
        case.write_text(found)
    assert found == case.read_text()


@pytest.mark.parametrize(
    "name", ["crash", "claim-lost", "download-401", "platform-switch", "autoscaling"]
)
def test_it_is_the_same_with_both_engines(name, capsys):
    """But for the record of dynamic apply, which KServe copies to the pods."""
    dynamic, server_side = (
        played(name, capsys, engine=engine).split("\n\n")[-1]
        for engine in ("dynamic-apply", "server-side-apply")
    )
    assert dynamic.partition(". KServe copies the annotation ")[0].strip() == server_side.strip()


def ending(name, capsys):
    """Return the condition Ready of the NIMCache, and the state of its NIMService, in the end."""
    sample = SAMPLES / f"{SHOWN_BY[name]}.yaml"
    code = main(["simulate", "-f", str(sample), "--scenario", name, "-o", "json"])
    items = json.loads(capsys.readouterr().out)["items"]
    (cache,) = [each for each in items if each["kind"] == "NIMCache"]
    (nim,) = [each for each in items if each["kind"] == "NIMService"]
    ready = next(each for each in cache["status"]["conditions"] if each["type"] == "Ready")
    return code, cache["status"]["state"], ready, nim["status"]["state"]


ENDINGS = {
    "download": ("Ready", "Ready", "", "Ready"),
    "download-401": ("Failed", "DownloadUnauthorized", "put a valid key into Secret", "Failed"),
    "disk-full": ("Failed", "ClaimFull", "raise spec.storage.pvc.size", "Failed"),
    "gpu-unknown": ("NotReady", "GPUUnknown", "set spec.source.ngc.model.gpus", "Pending"),
    "no-profile": ("Failed", "NoProfileMatches", "create another NIMCache", "Failed"),
    "drained": ("Ready", "Ready", "", "Ready"),
    "claim-lost": ("Ready", "Ready", "", "Ready"),
}
"""State, reason and remedy of the NIMCache in each scenario, and the state of its NIMService."""


@pytest.mark.parametrize("name", CACHES)
def test_a_nimcache_ends_with_its_reason_and_its_remedy(name, capsys):
    state, reason, remedy, service = ENDINGS[name]
    code, has, ready, waits = ending(name, capsys)
    assert (has, ready["reason"], waits) == (state, reason, service)
    assert remedy in ready["message"]
    assert code == (state != "Ready")


def test_a_drain_costs_no_attempt_and_alarms_nobody(capsys):
    told = played("drained", capsys)
    assert "had to leave node" in told
    assert "attempt 2" not in told.lower()
    assert "FailedCreate" not in told


@pytest.mark.parametrize(
    ("sample", "name", "needs"),
    [
        ("01-documented-example", "download", "needs a NIMCache"),
        ("02-from-a-cache", "gpu-unknown", "needs a NIMCache that filters profiles"),
        ("01-documented-example", "no-profile", "needs a NIMCache that names or filters profiles"),
    ],
)
def test_a_story_about_a_cache_needs_one(sample, name, needs, capsys):
    assert main(["simulate", "-f", str(SAMPLES / f"{sample}.yaml"), "--scenario", name]) == 2
    assert needs in capsys.readouterr().err


SERVICE = {
    "apiVersion": "apps.nvidia.com/v1alpha1",
    "kind": "NIMService",
    "metadata": {"name": "llm", "namespace": "nim"},
    "spec": {
        **BASE_SPEC,
        "storage": {"pvc": {"create": True, "size": "5Gi", "storageClass": "fast"}},
    },
}
ALONE = {
    "service": SERVICE,
    "cache": nimcache(),
    "pipeline": nimpipeline(service(spec=SERVICE["spec"])),
    "idle": nimpipeline(service(enabled=False)),
}
EVERY = {*SCENARIOS, *STORIES}
OF_SERVICES = {
    "crash",
    "oom",
    "deadline",
    "scaled-to-zero",
    "autoscaling",
    "platform-switch",
    "delete",
}
OF_OTHERS = {"claim-pending", "group-crash"}
"""Of devices, and of several nodes."""
REFUSED = {
    "service": {*CACHES, *OF_OTHERS},
    "cache": {*OF_SERVICES, *OF_OTHERS},
    "pipeline": {*CACHES, *OF_OTHERS},
    "idle": EVERY - {"ready"},
}
"""The scenarios that make no difference to objects on their own."""


@pytest.mark.parametrize("name", sorted(EVERY))
@pytest.mark.parametrize("alone", ALONE)
def test_a_scenario_that_makes_no_difference_is_refused(alone, name, capsys, tmp_path, monkeypatch):
    """Elsewhere, what is played would be that all goes well."""
    monkeypatch.setattr(simulate, "settle", lambda *_: None)
    manifest = {**ALONE[alone], "metadata": {"name": "llm", "namespace": "nim"}}
    (tmp_path / "nim.yaml").write_text(yaml.safe_dump(manifest))
    code = main(["simulate", "-f", str(tmp_path / "nim.yaml"), "--scenario", name])
    says = f"scenario {name} needs a"
    assert (code == 2, says in capsys.readouterr().err) == (name in REFUSED[alone],) * 2


def test_the_help_says_that_a_pipeline_makes_deleted_nimservices_anew(capsys):
    assert main(["simulate", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "the NIMServices are deleted; a NIMPipeline makes its own anew" in told


def test_a_nimcache_that_another_operator_fills_counts_as_ready(capsys):
    sample = str(SAMPLES / "02-from-a-cache.yaml")
    assert main(["simulate", "-f", sample, "--without", "NIMCache", "-o", "names"]) == 0
    out, told = capsys.readouterr()
    assert "Deployment/llama-3-1-8b-cached" in out.splitlines()
    assert "PersistentVolumeClaim" not in out
    assert "NIMCache/llama-3-1-8b: has no status; it counts as ready" in told


def test_the_manifest_of_the_image_decides_what_is_downloaded(capsys, tmp_path):
    manifest = tmp_path / "model_manifest.yaml"
    manifest.write_text(manifests.listed(30))
    sample = str(SAMPLES / "02-from-a-cache.yaml")
    code = main(["simulate", "-f", sample, "--manifest", str(manifest), "-o", "json"])
    items = json.loads(capsys.readouterr().out)["items"]
    (cache,) = [each for each in items if each["kind"] == "NIMCache"]
    assert (code, cache["status"]["conditions"][0]["reason"]) == (1, "UnknownProfile")


def test_a_pipeline_is_shown_with_the_nimservices_that_it_makes(capsys, tmp_path):
    spec = {
        "image": {"repository": "example.com/nim", "tag": "1"},
        "authSecret": "key",
        "storage": {"emptyDir": {}},
        "expose": {"service": {"port": 8000}},
    }
    pipeline = {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMPipeline",
        "metadata": {"name": "rag"},
        "spec": {"services": [{"name": "llm", "enabled": True, "spec": spec}]},
    }
    file = tmp_path / "pipeline.json"
    file.write_text(json.dumps(pipeline))
    assert main(["simulate", "-f", str(file), "-o", "names"]) == 0
    assert set(capsys.readouterr().out.split()) == {
        "NIMPipeline/rag",
        "NIMService/llm",
        "Deployment/llm",
        "Service/llm",
        "ServiceAccount/llm",
    }


def test_without_the_simulator_a_line_says_how_to_get_it(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "hooks.cli.simulate", raising=False)
    monkeypatch.setitem(sys.modules, "nimservice_simulator", None)
    assert main(["simulate", "--help"]) == 2
    assert capsys.readouterr() == (
        "",
        "nimservice: the simulator is not installed; run: pip install 'nimservice-hooks[simulate]'\n",
    )


@pytest.mark.parametrize("form", ["names", "yaml", "tree"])
def test_what_is_not_ready_is_named_with_its_reason(form, capsys):
    sample = str(SAMPLES / "01-documented-example.yaml")
    assert main(["simulate", sample, "--scenario", "crash", "-o", form]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("NIMService/meta-llama3-8b-instruct: Failed: ProgressDeadlineExceeded: ")


@pytest.mark.parametrize(
    ("name", "sample", "needs"),
    [
        ("claim-pending", "01-documented-example", "a NIMService with spec.draResources"),
        ("pvc-pending", "keyless", "an object with spec.storage.pvc.create"),
        ("platform-switch", "02-from-a-cache", ""),
        *((name, "cache", needs) for name, needs in {
            "scaled-to-zero": "a NIMService with replicas",
            "autoscaling": "a NIMService that can be autoscaled",
            "platform-switch": "a NIMService on plain Kubernetes that KServe can run",
            "delete": "a NIMService",
        }.items()),
        ("autoscaling", "groups", "a NIMService that can be autoscaled"),
        ("platform-switch", "groups", "a NIMService on plain Kubernetes that KServe can run"),
        ("missing-secret", "keyless", "an object with an authSecret"),
    ],
)  # fmt: skip
def test_a_scenario_that_makes_no_difference_says_what_it_needs(
    name, sample, needs, tmp_path, capsys
):
    texts = {
        "cache": manifest(kind="NIMCache"),
        "groups": manifest("multiNode: {parallelism: {pipeline: 2}}"),
        "keyless": manifest('authSecret: ""'),
    }
    file = SAMPLES / f"{sample}.yaml"
    if sample in texts:
        file = tmp_path / "nim.yaml"
        file.write_text(texts[sample])
    code = main(["simulate", "-f", str(file), "--scenario", name, "-o", "names"])
    printed = capsys.readouterr()
    if needs:
        told = f"nimservice: scenario {name} needs {needs}; add one to the files\n"
        assert (code, printed.out, printed.err) == (2, "", told)
    else:
        assert code in (0, 1)
        assert "needs" not in printed.err


@pytest.mark.parametrize("name", STORIES)
def test_a_story_leaves_alone_what_the_api_server_would_refuse(name, tmp_path, capsys):
    file = tmp_path / "nim.yaml"
    groups = manifest("multiNode: {parallelism: {pipeline: 2}}").replace("llama", "groups")
    cache = manifest("storage: {nimCache: {name: llama}}")
    file.write_text("---\n".join((groups, cache, manifest(kind="NIMCache"))))
    assert main(["simulate", "-f", str(file), "--scenario", name, "-o", "names"]) in (0, 1, 2)
    assert "a bug" not in capsys.readouterr().err


def test_times_in_messages_conditions_and_the_timeline_come_from_one_clock(capsys):
    sample = str(SAMPLES / "08-cache-by-gpu.yaml")
    main(["simulate", sample, "--scenario", "download-401", "--timeline", "-o", "json"])
    out, told = capsys.readouterr()
    start = VirtualClock().start
    times = [datetime.fromisoformat(each) for each in re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", out)]
    assert min(times) == start
    assert max(times) < start + timedelta(hours=1)
    (cache,) = [each for each in json.loads(out)["items"] if each["kind"] == "NIMCache"]
    ended = next(each for each in cache["status"]["conditions"] if each["type"] == "Failed")
    failed = datetime.fromisoformat(ended["lastTransitionTime"])
    anew = re.search(r"starts anew at (\S+Z)", ended["message"])
    assert datetime.fromisoformat(anew[1]) - failed == timedelta(minutes=10)
    line = next(
        each for each in told.splitlines() if each.split()[1:4] == ["status", "Failed", "NIMCache"]
    )
    assert line.split()[0] == f"{(failed - start).total_seconds()}s"
