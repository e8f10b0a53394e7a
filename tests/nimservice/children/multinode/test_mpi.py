"""MPI: who the members of a group are, and the script that its leader runs."""

import os
import subprocess

import pytest

from hooks.nimservice import children, kinds
from hooks.nimservice.children.multinode import mpi
from tests.situations import nimservice as situation

MULTI_NODE = {"parallelism": {"pipeline": 2, "tensor": 8}}
PYTHON = "/opt/nim/llm/.venv/bin/python3"


def plan(observed=(), manages=kinds.MANAGED, **spec):
    return children.plan(
        situation.context(observed, manages=manages, **{"multiNode": MULTI_NODE, **spec})
    ).children


def config_maps(observed=(), **spec):
    return {
        child["metadata"]["name"]: child
        for child in plan(observed, **spec)
        if child["kind"] == "ConfigMap"
    }


def hostfiles(observed=(), **spec):
    return config_maps(observed, **spec)["llama-mpi-config"].get("data", {})


def script():
    return config_maps()["llama-mpi-start-script"]["data"]["start-mpi-cluster.sh"]


@pytest.mark.parametrize(
    "multi", [None, {"parallelism": {"pipeline": 1}}, {**MULTI_NODE, "ray": {"rayPort": 6379}}]
)
def test_absent_on_one_node_and_where_ray_starts_the_group(multi):
    assert config_maps(multiNode=multi) == {}


@pytest.mark.parametrize("multi", [MULTI_NODE, {**MULTI_NODE, "mpi": {"mpiStartTimeout": 600}}])
def test_mpi_starts_a_group_where_nothing_is_said(multi):
    assert set(config_maps(multiNode=multi)) == {"llama-mpi-config", "llama-mpi-start-script"}


def test_without_leaderworkersets_nothing_of_theirs_is_made():
    managed = [kind for kind in kinds.MANAGED if kind is not kinds.LEADER_WORKER_SET]
    assert {child["kind"] for child in plan(manages=managed)}.isdisjoint(
        {"ConfigMap", "Secret", "LeaderWorkerSet"}
    )


def test_a_hostfile_lists_the_leader_and_its_workers():
    assert hostfiles(replicas=2, multiNode={"parallelism": {"pipeline": 3, "tensor": 4}}) == {
        "hostfile-0": "localhost slots=4\nllama-lws-0-1.llama-lws.nim.svc slots=4\nllama-lws-0-2.llama-lws.nim.svc slots=4\n",
        "hostfile-1": "localhost slots=4\nllama-lws-1-1.llama-lws.nim.svc slots=4\nllama-lws-1-2.llama-lws.nim.svc slots=4\n",
    }


@pytest.mark.parametrize(
    ("replicas", "names"),
    [(None, ["hostfile-0"]), (0, []), (3, ["hostfile-0", "hostfile-1", "hostfile-2"])],
)
def test_there_is_a_hostfile_for_each_group(replicas, names):
    """Q2, Q11: in the reference there is none without ``replicas``, and none for groups that come
    later."""
    assert list(hostfiles(replicas=replicas)) == names


def test_a_group_that_still_runs_keeps_its_hostfile():
    running = situation.applied(group(), replicas=3)
    assert list(hostfiles([running], replicas=1)) == ["hostfile-0", "hostfile-1", "hostfile-2"]


def test_no_more_groups_are_listed_than_there_is_room_for_however_many_run():
    """A group is scaled by its scale subresource too, to any number."""
    running = situation.applied(group(), replicas=2**31 - 1)
    assert len(hostfiles([running], replicas=1)) < 5000


def test_a_pod_runs_one_process_where_no_parallelism_is_given():
    """Q15: in the reference it is none."""
    assert "slots=1\n" in hostfiles(multiNode={"parallelism": {"pipeline": 2}})["hostfile-0"]


def test_annotations_of_the_nimservice_are_not_copied():
    """Q31: the reference copies them all, kubectl's record of the whole NIMService included."""
    nim = situation.nimservice(multiNode=MULTI_NODE)
    nim["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    made = [
        child
        for child in children.plan(situation.context(nim=nim)).children
        if child["kind"] in ("ConfigMap", "Secret")
    ]
    assert len(made) == 3
    assert all("annotations" not in child["metadata"] for child in made)


def test_labels_follow_the_nimservice():
    """Q11: the reference never updates them."""
    assert (
        config_maps(labels={"team": "nlp"})["llama-mpi-config"]["metadata"]["labels"]["team"]
        == "nlp"
    )


@pytest.fixture
def run(tmp_path):
    """Run the script with a python of our own, which tells how it was called, and return what was
    printed and the exit status."""

    def call(jsonl=None, *, packs=True, status=0):
        python = tmp_path / "python3"
        python.write_text(
            "#!/bin/bash\n"
            'case "$*" in\n'
            f'  "-c import nim_llm_sdk.logging.pack_all_logs_into_json") echo not there >&2; exit {0 if packs else 1};;\n'
            '  "-m nim_llm_sdk.logging.pack_all_logs_into_json") sed "s/^/packed /";;\n'
            f'  "-m nim_llm_sdk.entrypoints.openai.api_server") echo out; echo err >&2; exit {status};;\n'
            "  *) exit 99;;\n"
            "esac\n"
        )
        python.chmod(0o755)
        env = {"PATH": os.environ["PATH"], **({"NIM_JSONL_LOGGING": jsonl} if jsonl else {})}
        command = ["bash", "-c", script().replace(PYTHON, str(python))]
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=20, check=False
        )
        return sorted(done.stdout.split("\n")[:-1]), done.stderr, done.returncode

    return call


def test_the_server_runs_alone_unless_its_log_is_to_be_json(run):
    assert run() == run("0") == (["out"], "err\n", 0)


def test_the_server_runs_alone_where_the_image_cannot_pack_its_log(run):
    assert run("1", packs=False) == (["out"], "err\n", 0)


def test_all_that_the_server_prints_is_packed(run):
    assert run("1") == (["packed err", "packed out"], "", 0)


@pytest.mark.parametrize("jsonl", ["0", "1"])
def test_the_script_ends_as_the_server_does(run, jsonl):
    """A group restarts when its server has failed, whether or not its log was packed."""
    assert run(jsonl, status=3)[2] == 3


def test_the_script_is_a_program():
    assert script().startswith("#!/bin/bash\n")
    assert script().endswith("\n")
    assert PYTHON in script()
    assert mpi.SCRIPT == "start-mpi-cluster.sh"


def group():
    return {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": {"name": "llama-lws", "namespace": "nim"},
        "spec": {},
    }
