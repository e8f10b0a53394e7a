"""What the status says, from the first moment to the last, in every situation that ``simulate
--scenario`` plays."""

import json
import sys
from pathlib import Path

import pytest

from hooks.cli import main
from nimservice_simulator.controllers.scenarios import SCENARIOS
from nimservice_simulator.story import STORIES

CASES = Path(__file__).parents[1] / "cases" / "nimservice" / "simulate"
SAMPLES = Path(__file__).parents[2] / "metacontroller" / "samples"

SHOWN_BY = {"cache": "02-from-a-cache", "claim-pending": "06-devices"}


def played(name, capsys, *, engine="dynamic-apply"):
    """Return what the timeline tells of the status, and how the NIMService stands in the end."""
    sample = SAMPLES / f"{SHOWN_BY.get(name, '01-documented-example')}.yaml"
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
    nims = [each for each in json.loads(out)["items"] if each["kind"] == "NIMService"]
    for nim in nims:
        lines += ["", f"state: {nim['status']['state']}"]
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


@pytest.mark.parametrize("name", ["crash", "cache", "platform-switch", "autoscaling"])
def test_it_is_the_same_with_both_engines(name, capsys):
    last = [
        played(name, capsys, engine=engine).split("\n\n")[-1]
        for engine in ("dynamic-apply", "server-side-apply")
    ]
    assert last[0] == last[1]


def test_a_story_about_a_cache_needs_one(capsys):
    assert (
        main(["simulate", "-f", str(SAMPLES / "01-documented-example.yaml"), "--scenario", "cache"])
        == 1
    )
    assert "needs a NIMCache" in capsys.readouterr().err


def test_a_nimcache_without_a_status_counts_as_ready(capsys):
    assert main(["simulate", "-f", str(SAMPLES / "02-from-a-cache.yaml"), "-o", "names"]) == 0
    out, told = capsys.readouterr()
    assert "Deployment/llama-3-1-8b-cached" in out.splitlines()
    assert "NIMCache/llama-3-1-8b" in told


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
    assert main(["simulate", "--help"]) == 1
    assert capsys.readouterr() == (
        "",
        "nimservice: the simulator is not installed; run: pip install 'nimservice-hooks[simulate]'\n",
    )
