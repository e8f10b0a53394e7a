"""Resource: what a pipeline makes of each published case is what a NIMService by itself makes."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from hooks.kernel.lastapplied import LAST_APPLIED
from hooks.nimpipeline import kinds
from nimservice_simulator.metacontroller.children import ENGINES
from tests import simulated
from tests.situations.nimpipeline import nimpipeline

CASES = Path(__file__).parents[3] / "shared" / "conformance" / "cases"
NAMES = sorted(path.parent.name for path in CASES.glob("*/input.yaml"))

NUMBERS = re.compile(r'0{8}-0000-4000-8000-\d{12}|10\.96\.\d+\.\d+|"nodePort": \d+')
"""What the simulated API server assigns in the order of creation."""

both_engines = pytest.mark.parametrize("engine", ENGINES)
every_case = pytest.mark.parametrize(
    "case",
    NAMES
    or [pytest.param("none", marks=pytest.mark.skip(reason="no ../shared/conformance/cases"))],
)


def without_server(obj):
    """Return an object as text, without what the server alone decides."""
    metadata = {key: obj["metadata"].get(key) for key in ("name", "labels")}
    annotations = obj["metadata"].get("annotations") or {}
    metadata["annotations"] = {
        key: value for key, value in annotations.items() if key != LAST_APPLIED
    }
    kept = {key: value for key, value in obj.items() if key not in ("metadata", "status", "data")}
    return NUMBERS.sub("(assigned)", json.dumps({**kept, "metadata": metadata}, sort_keys=True))


@both_engines
@every_case
def test_a_nimservice_in_a_pipeline_is_made_of_what_one_by_itself_is(case, engine):
    objects = list(
        yaml.load_all((CASES / case / "input.yaml").read_text(), Loader=yaml.CSafeLoader)
    )
    (nim,) = [each for each in objects if each["kind"] == "NIMService"]
    others = [each for each in objects if each is not nim]
    name, namespace = nim["metadata"]["name"], nim["metadata"].get("namespace", "default")
    entry = {"name": name, "enabled": True, "spec": nim["spec"]}
    pipeline = {**nimpipeline(entry), "metadata": {"name": "p", "namespace": namespace}}
    alone, together = (simulated.simulation([each, *others], engine) for each in (nim, pipeline))
    alone.settle()
    together.settle()
    ours = [sim.get(kinds.NIM_SERVICE, name, namespace) for sim in (alone, together)]
    assert ours[0]["spec"] == ours[1]["spec"]
    made = [
        list(map(without_server, sim.children(each)))
        for sim, each in zip((alone, together), ours, strict=True)
    ]
    assert made[0] == made[1]
    assert made[0]
    state = ours[0]["status"]["state"]
    (pipeline,) = together.server.list(kinds.NIM_PIPELINE)
    assert pipeline["status"]["states"] == {name: state}
    assert together.writes_at_rest() == Counter()
