"""``nimservice simulate --kubeconfig``: Metacontroller played on a real cluster, from the command line."""

import pytest
import yaml

from hooks.cli import main
from hooks.nimservice import kinds
from tests.control_plane.cluster import USER
from tests.control_plane.situations import nimservice
from tests.control_plane.stage import COMPOSITE_CONTROLLER


@pytest.fixture
def simulate(plane, namespace, tmp_path, capsys):
    """Return a function that plays a NIMService of the test's namespace, and returns exit code, output and errors."""

    def run(*arguments, **spec):
        path = tmp_path / "nim.yaml"
        path.write_text(yaml.safe_dump(nimservice(namespace, **spec)))
        code = main(
            ["simulate", "--kubeconfig", str(plane.kubeconfig), "-f", str(path), *arguments]
        )
        return code, *capsys.readouterr()

    return run


@pytest.mark.usefixtures("controller_manager")
@pytest.mark.parametrize("engine", ["dynamic-apply", "server-side-apply"])
def test_it_makes_the_children_there_and_prints_them(simulate, cluster, namespace, engine):
    code, out, err = simulate("--engine", engine, "-o", "names", replicas=0)
    assert (code, err) == (0, "")
    assert sorted(out.splitlines()) == [
        "Deployment/llama",
        "NIMService/llama",
        "Service/llama",
        "ServiceAccount/llama",
    ]
    nim = cluster.get(kinds.NIM_SERVICE, namespace, "llama")
    assert nim["status"]["state"] == "Ready"
    assert "finalizers" not in nim["metadata"], "nobody would take it off again"


def test_what_is_not_ready_in_time_is_printed_as_it_stands(simulate):
    code, out, _ = simulate("--for", "1")
    assert code == 1
    assert next(yaml.safe_load_all(out))["status"]["state"] != "Ready"


def test_it_does_not_meddle_where_metacontroller_is_at_work(
    simulate, cluster, namespace, composite
):
    if not cluster.served(COMPOSITE_CONTROLLER):
        pytest.skip("only with the real Metacontroller's CustomResourceDefinitions")
    cluster.create({**composite, "metadata": {"name": "at-work"}}, manager=USER)
    try:
        code, _, err = simulate()
    finally:
        cluster.delete(COMPOSITE_CONTROLLER, "", "at-work")
    assert code == 1
    assert "CompositeController at-work" in err
    assert cluster.find(kinds.NIM_SERVICE, namespace, "llama") is None


def test_a_kubeconfig_that_is_not_there_is_named(tmp_path, capsys):
    path = tmp_path / "nim.yaml"
    path.write_text(yaml.safe_dump(nimservice("models")))
    assert main(["simulate", "--kubeconfig", "/nowhere", "-f", str(path)]) == 1
    assert "/nowhere" in capsys.readouterr().err
