"""Group: what tells the leader of a group from its workers."""

import pytest

from hooks.nimservice import children
from tests.situations import nimservice as situation
from tests.situations.nimcache import nimcache

MPI = {"parallelism": {"pipeline": 2, "tensor": 8}}
RAY = {"parallelism": {"pipeline": 3, "tensor": 4}, "ray": {"rayPort": 6380}}
KEY = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "llama-ssh-pk", "namespace": "nim"},
    "type": "Opaque",
    "data": {"private.key": "a2V5"},
}


def plan(observed=(KEY,), related=(), **spec):
    return children.plan(
        situation.context(observed, related, **{"multiNode": MPI, **spec})
    ).children


def pods(**options):
    (made,) = (child for child in plan(**options) if child["kind"] == "LeaderWorkerSet")
    template = made["spec"]["leaderWorkerTemplate"]
    return template["leaderTemplate"]["spec"], template["workerTemplate"]["spec"]


def servers(**options):
    return tuple(pod["containers"][0] for pod in pods(**options))


def environments(**options):
    return tuple(
        {each["name"]: each.get("value", each.get("valueFrom")) for each in server["env"]}
        for server in servers(**options)
    )


def field(path):
    return {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}


COMMON = {
    "NIM_MPI_ALLOW_RUN_AS_ROOT": "0",
    "NIM_NUM_COMPUTE_NODES": "2",
    "NIM_MULTI_NODE": "1",
    "NIM_TENSOR_PARALLEL_SIZE": "8",
    "NIM_PIPELINE_PARALLEL_SIZE": "2",
    "NIM_NODE_RANK": field("metadata.labels['leaderworkerset.sigs.k8s.io/worker-index']"),
}
LEADER = {
    "NIM_LEADER_ROLE": "1",
    "OMPI_MCA_orte_keep_fqdn_hostnames": "true",
    "OMPI_MCA_plm_rsh_args": "-o ConnectionAttempts=20",
    "GPUS_PER_NODE": "8",
    "CLUSTER_START_TIMEOUT": "300",
    "CLUSTER_SIZE": field("metadata.annotations['leaderworkerset.sigs.k8s.io/size']"),
    "GROUP_INDEX": field("metadata.labels['leaderworkerset.sigs.k8s.io/group-index']"),
}
WORKER = {
    "NIM_LEADER_ROLE": "0",
    "LEADER_NAME": field("metadata.annotations['leaderworkerset.sigs.k8s.io/leader-name']"),
    "NAMESPACE": field("metadata.namespace"),
    "LWS_NAME": field("metadata.labels['leaderworkerset.sigs.k8s.io/name']"),
}


def test_leader_and_worker_know_their_group_and_their_role():
    leader, worker = environments()
    assert {**COMMON, **LEADER}.items() <= leader.items()
    assert {**COMMON, **WORKER}.items() <= worker.items()
    assert set(leader) ^ set(worker) == set(LEADER) ^ set(WORKER)


def test_a_variable_of_the_user_wins():
    leader, worker = environments(
        env=[{"name": "NIM_LEADER_ROLE", "value": "x"}, {"name": "GPUS_PER_NODE", "value": "2"}]
    )
    assert (leader["NIM_LEADER_ROLE"], leader["GPUS_PER_NODE"], worker["NIM_LEADER_ROLE"]) == (
        "x",
        "2",
        "x",
    )


@pytest.mark.parametrize(
    ("mpi", "seconds"),
    [
        (None, "300"),
        ({}, "300"),
        ({"mpiStartTimeout": 0}, "300"),
        ({"mpiStartTimeout": 6000}, "6000"),
    ],
)
def test_the_leader_waits_for_its_workers_as_long_as_it_is_told(mpi, seconds):
    assert (
        environments(multiNode={**MPI, **({"mpi": mpi} if mpi is not None else {})})[0][
            "CLUSTER_START_TIMEOUT"
        ]
        == seconds
    )


def test_a_stage_is_one_gpu_where_nothing_else_is_said():
    """Q15: the reference says 0."""
    leader, worker = environments(multiNode={"parallelism": {"pipeline": 2}})
    assert (
        leader["GPUS_PER_NODE"],
        leader["NIM_TENSOR_PARALLEL_SIZE"],
        worker["NIM_TENSOR_PARALLEL_SIZE"],
    ) == ("1", "1", "1")


@pytest.mark.parametrize(
    ("parallelism", "gpus"), [({"pipeline": 2, "tensor": 8}, "8"), ({"pipeline": 2}, "1")]
)
def test_a_pod_gets_a_gpu_for_each_part_of_a_tensor(parallelism, gpus):
    """Q14, Q15: the reference panics where only a limit of something else is given, and asks for
    none without ``tensor``."""
    cache = nimcache(profiles=[{"name": "tp4", "config": {"tp": "4"}}])
    storage = {"nimCache": {"name": "cache", "profile": "tp4"}}
    made = servers(
        related=[cache],
        storage=storage,
        multiNode={"parallelism": parallelism},
        resources={"limits": {"cpu": "4"}},
    )
    for server in made:
        assert server["resources"] == {
            "limits": {"cpu": "4", "nvidia.com/gpu": gpus},
            "requests": {"nvidia.com/gpu": gpus},
        }


HF = {
    "hf": {
        "endpoint": "https://huggingface.co",
        "namespace": "meta-llama",
        "modelName": "Llama-3.1-8B",
        "authSecret": "hf",
        "modelPuller": "p",
        "pullSecret": "s",
    }
}


def test_a_model_of_hugging_face_gets_its_token():
    """Q10: the reference demands a key of NGC, and neither hands the token on nor says where the
    model is."""
    cache = nimcache(spec={"source": HF})
    for environment in environments(related=[cache], storage={"nimCache": {"name": "cache"}}):
        assert environment["NGC_API_KEY"]["secretKeyRef"]["optional"] is True
        assert environment["HF_TOKEN"] == {
            "secretKeyRef": {"name": "ngc-api-secret", "key": "HF_TOKEN"}
        }
        assert environment["NIM_MODEL_NAME"] == "/model-store"
        assert environment["NIM_MODEL_PATH"] == "hf://meta-llama/Llama-3.1-8B"


def test_a_native_image_finds_its_model():
    """Q10: the reference mounts the model where only other images look."""
    cache = nimcache(type="native")
    for server in servers(related=[cache], storage={"nimCache": {"name": "cache"}}):
        assert {"/model", "/opt/cache"} <= {mount["mountPath"] for mount in server["volumeMounts"]}
        assert {"name": "NIM_ENGINE_MODEL_PATH", "value": "/model/cache"} in server["env"]


def test_the_start_script_can_be_run_and_the_key_is_for_its_owner():
    """Q12: in the reference the script's mode is lost, and it cannot be run."""
    for pod in pods():
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        assert volumes["start-mpi-script"]["configMap"] == {
            "name": "llama-mpi-start-script",
            "defaultMode": 0o555,
        }
        assert volumes["ssh-pk"]["secret"] == {"secretName": "llama-ssh-pk", "defaultMode": 0o400}


def test_mpi_finds_hostfile_key_and_script():
    leader, worker = (
        {mount["mountPath"]: mount for mount in server["volumeMounts"]} for server in servers()
    )
    script = {
        "name": "start-mpi-script",
        "mountPath": "/opt/nim/start-mpi-cluster.sh",
        "subPath": "start-mpi-cluster.sh",
    }
    assert (
        leader["/opt/nim/start-mpi-cluster.sh"] == worker["/opt/nim/start-mpi-cluster.sh"] == script
    )
    assert set(leader) - set(worker) == {"/etc/mpi"}
    assert set(worker) - set(leader) == {"/ssh-confs"}
    assert {"/opt/nim/llm/.ssh", "/opt/nim/llm/pk"} <= set(leader) & set(worker)


def test_the_leader_is_probed_and_the_worker_is_not():
    leader, worker = servers(multiNode=MPI)
    assert {"livenessProbe", "readinessProbe", "startupProbe"} <= set(leader)
    assert {"livenessProbe", "readinessProbe", "startupProbe"}.isdisjoint(worker)


def test_probes_can_be_switched_off():
    off = {"enabled": False}
    leader, _ = servers(livenessProbe=off, readinessProbe=off, startupProbe=off)
    assert {"livenessProbe", "readinessProbe", "startupProbe"}.isdisjoint(leader)


def test_ray_has_a_head_that_the_workers_find():
    leader, worker = servers(observed=(), multiNode=RAY, args=["--mine"])
    assert leader["args"] == ["nim-serve-ray", "--head", "--port", "6380"]
    assert worker["args"] == ["nim-serve-ray", "--head-address", "$(LWS_LEADER_ADDRESS):6380"]


def test_ray_has_a_port_and_a_probe_of_its_own():
    leader, worker = servers(observed=(), multiNode=RAY)
    assert leader["ports"] == worker["ports"]
    assert leader["ports"][-1] == {"name": "ray", "containerPort": 6380, "protocol": "TCP"}
    assert worker["startupProbe"] == {
        "exec": {"command": ["/bin/sh", "-c", "ray status"]},
        "initialDelaySeconds": 30,
        "timeoutSeconds": 5,
        "periodSeconds": 10,
        "failureThreshold": 3,
    }
    assert {"livenessProbe", "readinessProbe"}.isdisjoint(worker)


def test_ray_needs_nothing_of_mpi():
    assert {"ConfigMap", "Secret"}.isdisjoint(
        {child["kind"] for child in plan(observed=(), multiNode=RAY)}
    )
    for pod in pods(observed=(), multiNode=RAY):
        assert [volume["name"] for volume in pod["volumes"]] == ["dshm", "model-store"]
