"""``nimservice diff``: what it says of pods that KServe runs."""

import json

import pytest

from hooks.cli import main
from nimservice_simulator.metacontroller.children import ENGINES
from tests.preview.test_difference import kserve_live
from tests.simulated import stored
from tests.situations.nimservice import nimservice

RESTART = "~ update InferenceService/llama  ! its pods restart"
KEEP = "~ update InferenceService/llama  its pods keep running"
UNLESS = (
    ", unless KServe's serviceAnnotationDisallowedList has "
    "metacontroller.k8s.io/last-applied-configuration"
)
dynamic_apply, server_side_apply = ENGINES


def told(tmp_path, capsys, observed, **edit):
    """Return what is said of the InferenceService."""
    nim, live = tmp_path / "nim.json", tmp_path / "live.json"
    spec = {"inferencePlatform": "kserve", "replicas": 2, **edit}
    nim.write_text(json.dumps(stored(nimservice(**spec))))
    live.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(observed)}))
    assert main(["diff", "-f", str(nim), "--observed", str(live)]) == 1
    return next(line for line in capsys.readouterr().out.splitlines() if "InferenceS" in line)


@pytest.mark.parametrize(
    ("engine", "listed", "words"),
    [
        (dynamic_apply, False, RESTART),
        (dynamic_apply, True, KEEP),
        (server_side_apply, False, KEEP),
    ],
    ids=["copied", "listed", "server-side apply"],
)
def test_kserves_deployment_shows_whether_pods_restart(tmp_path, capsys, engine, listed, words):
    assert told(tmp_path, capsys, kserve_live(engine, listed=listed), replicas=3) == words


def test_without_kserves_deployment_it_says_what_that_depends_on(tmp_path, capsys):
    observed = [each for each in kserve_live(dynamic_apply) if each["kind"] != "Deployment"]
    assert told(tmp_path, capsys, observed, replicas=3) == RESTART + UNLESS
    changed = {"replicas": 3, "env": [{"name": "A", "value": "b"}]}
    assert told(tmp_path, capsys, observed, **changed) == RESTART
