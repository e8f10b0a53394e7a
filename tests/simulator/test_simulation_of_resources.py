"""Several resources side by side: one API server, one Metacontroller, hooks at URLs of their
own."""

import pytest
import yaml

from hooks.kernel.crd import generate
from hooks.nimservice import kinds
from hooks.preview import installation
from hooks.resources import NIM_SERVICE, Settings
from nimservice_simulator import show
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.metacontroller.children import Engine
from nimservice_simulator.metacontroller.transport import InProcess
from nimservice_simulator.simulation import Simulation
from tests import pair, simulated

RESOURCES = (NIM_SERVICE, pair.RESOURCE)
CRDS = [
    *simulated.definitions(),
    *map(yaml.safe_load, generate.crds([pair.RESOURCE.definition]).values()),
]
PAIR = {
    "apiVersion": pair.KIND.api_version,
    "kind": pair.KIND.kind,
    "metadata": {"name": "twin"},
    "spec": {"repository": "example.com/nim"},
}


@pytest.fixture
def simulation(engine: Engine) -> Simulation:
    clock = VirtualClock()
    hooks = installation.Hooks(Settings(), clock.now, RESOURCES)
    found = Simulation(
        [PAIR],
        controllers=installation.controllers(resources=RESOURCES),
        transport=InProcess(hooks),
        engine=engine,
        crds=CRDS,
        clock=clock,
    )
    found.settle()
    return found


def states(simulation: Simulation) -> dict[str, str]:
    return {each["metadata"]["name"]: each["status"]["state"] for each in simulation.parents()}


def test_a_child_of_one_controller_is_the_parent_of_another(simulation: Simulation) -> None:
    assert states(simulation) == {"twin-1": "Ready", "twin-2": "Ready", "twin": "Ready"}
    first, second = simulation.children(simulation.get(pair.KIND))
    assert (first["kind"], second["kind"]) == ("NIMService", "NIMService")
    assert "Deployment" in {child["kind"] for child in simulation.children(first)}


def test_all_of_them_rest(simulation: Simulation) -> None:
    assert not simulation.writes_at_rest()
    assert not simulation.warnings


def test_an_edit_reaches_the_children_of_the_children(simulation: Simulation) -> None:
    simulation.edit(pair.KIND, "twin", lambda obj: obj["spec"].update(repository="example.com/new"))
    simulation.settle()
    workload = simulation.get(kinds.DEPLOYMENT, "twin-1")
    (container,) = workload["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "example.com/new:1"
    assert states(simulation)["twin"] == "Ready"


def test_a_deletion_leaves_nothing(simulation: Simulation) -> None:
    simulation.delete(pair.KIND, "twin")
    simulation.settle()
    assert {obj["kind"] for obj in simulation.server.everything()} == {"Namespace"}


def test_each_hook_is_called_at_its_own_url() -> None:
    urls = [
        controller["spec"]["hooks"]["sync"]["webhook"]["url"]
        for controller in installation.controllers(resources=RESOURCES)
    ]
    assert urls == ["http://hooks/nimservice/sync", "http://hooks/pair/sync"]


def test_the_timeline_names_the_parent_that_reports(simulation: Simulation) -> None:
    lines = list(show.timeline(simulation))
    assert any(
        "metacontroller" in line and "made" in line and "NIMService" in line for line in lines
    )
    reports = [line.split(maxsplit=3)[3] for line in lines if "  status  " in line]
    assert reports[-1].endswith("Pair twin Ready: both are ready")
    assert any(report.startswith("NIMService twin-1 ") for report in reports)
