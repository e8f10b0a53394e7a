"""``nimservice diff`` against a real cluster: what applying a file would change, under the engine
that made what is there."""

import re

import pytest
import yaml

from hooks.cli import main
from tests.control_plane.situations import full


@pytest.fixture
def diff(world, written, tmp_path, capsys):
    """Return a function that compares a NIMService with the cluster, and returns the exit code, the
    headlines and all lines."""

    def run(**spec):
        path = tmp_path / "nim.yaml"
        path.write_text(yaml.safe_dump(full(world.namespace, **spec)))
        written.clear()
        code = main(["diff", "--kubeconfig", str(world.cluster.plane.kubeconfig), "-f", str(path)])
        assert written == []
        lines = capsys.readouterr().out.splitlines()
        return (
            code,
            [line for line in lines if re.match("[+~-] (create|update|delete) ", line)],
            lines,
        )

    return run


def test_of_a_new_nimservice_every_child_would_be_made(diff):
    code, headlines, _ = diff()
    assert code == 1
    assert headlines == [
        f"+ create {kind}/llama" for kind in ("Deployment", "HorizontalPodAutoscaler", "Ingress")
    ] + [
        "+ create PersistentVolumeClaim/llama-pvc",
        "+ create Service/llama",
        "+ create ServiceAccount/llama",
    ]


def test_what_is_applied_already_would_change_nothing(world, diff):
    world.apply(full(world.namespace))
    assert diff() == (0, [], ["NIMService/llama: nothing would change"])


def test_an_edit_is_told_child_by_child_with_the_pods_that_restart(world, diff):
    world.apply(
        full(world.namespace, env=[{"name": "MODE", "value": "a"}, {"name": "DEPTH", "value": "1"}])
    )
    code, headlines, lines = diff(
        env=[{"name": "MODE", "value": "b"}],
        expose={"service": {"port": 9000}},
        scale={"enabled": True, "hpa": {"maxReplicas": 6}},
    )
    assert code == 1
    assert headlines == [
        "~ update Deployment/llama  ! its pods restart",
        "~ update HorizontalPodAutoscaler/llama",
        "- delete Ingress/llama",
        "~ update Service/llama",
    ]
    assert [line for line in lines if "DEPTH" in line] == ["-        - name: DEPTH"]
    assert "+    port: 9000" in lines
