"""Group: the roles of leader and worker, if one replica spans several nodes."""

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.api.multinode import MultiNode
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import template
from hooks.nimservice.children.multinode import mpi
from hooks.nimservice.context import Context

_LWS = "leaderworkerset.sigs.k8s.io"
_SSH_DOTFILES = {"name": "ssh-dotfiles", "emptyDir": {}}


def leader(ctx: Context, multi: MultiNode) -> template.Role:
    """Return the role of the pod that answers requests and starts the workers."""
    nim, ray = ctx.nim, multi.ray
    return template.Role(
        container="nim-leader",
        env=[
            *_env(multi),
            {"name": "NIM_LEADER_ROLE", "value": "1"},
            {"name": "OMPI_MCA_orte_keep_fqdn_hostnames", "value": "true"},
            {"name": "OMPI_MCA_plm_rsh_args", "value": "-o ConnectionAttempts=20"},
            {"name": "GPUS_PER_NODE", "value": str(multi.tensor)},
            {
                "name": "CLUSTER_START_TIMEOUT",
                "value": str((multi.mpi.mpi_start_timeout if multi.mpi else 0) or 300),
            },
            _field("CLUSTER_SIZE", f"metadata.annotations['{_LWS}/size']"),
            _field("GROUP_INDEX", f"metadata.labels['{_LWS}/group-index']"),
        ],
        args=["nim-serve-ray", "--head", "--port", str(ray.ray_port)] if ray else None,
        ports=_ports(ctx, multi),
        volumes=[]
        if ray
        else [{"name": "mpi-config", "configMap": {"name": naming.hostfiles(nim)}}, *_volumes(nim)],
        mounts=[] if ray else [{"name": "mpi-config", "mountPath": "/etc/mpi"}, *_mounts()],
    )


def worker(ctx: Context, multi: MultiNode) -> template.Role:
    """Return the role of a pod that the leader starts; it answers no requests, so is not probed."""
    nim, ray = ctx.nim, multi.ray
    return template.Role(
        container="nim-worker",
        env=[
            *_env(multi),
            {"name": "NIM_LEADER_ROLE", "value": "0"},
            _field("LEADER_NAME", f"metadata.annotations['{_LWS}/leader-name']"),
            _field("NAMESPACE", "metadata.namespace"),
            _field("LWS_NAME", f"metadata.labels['{_LWS}/name']"),
        ],
        # LeaderWorkerSet sets LWS_LEADER_ADDRESS in every container.
        args=["nim-serve-ray", "--head-address", f"$(LWS_LEADER_ADDRESS):{ray.ray_port}"]
        if ray
        else None,
        ports=_ports(ctx, multi),
        probes={"startupProbe": _ray_is_up()} if ray else {},
        volumes=[] if ray else [{"name": "ssh-confs", "emptyDir": {}}, *_volumes(nim)],
        mounts=[] if ray else [{"name": "ssh-confs", "mountPath": "/ssh-confs"}, *_mounts()],
    )


def _env(multi: MultiNode) -> list[Manifest]:
    return [
        {"name": "NIM_MPI_ALLOW_RUN_AS_ROOT", "value": "0"},
        {"name": "NIM_NUM_COMPUTE_NODES", "value": str(multi.pipeline)},
        {"name": "NIM_MULTI_NODE", "value": "1"},
        {"name": "NIM_TENSOR_PARALLEL_SIZE", "value": str(multi.tensor)},
        {"name": "NIM_PIPELINE_PARALLEL_SIZE", "value": str(multi.pipeline)},
        _field("NIM_NODE_RANK", f"metadata.labels['{_LWS}/worker-index']"),
    ]


def _field(name: str, path: str) -> Manifest:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def _ports(ctx: Context, multi: MultiNode) -> list[Manifest] | None:
    return (
        [
            *template.ports(ctx),
            {"name": "ray", "containerPort": multi.ray.ray_port, "protocol": "TCP"},
        ]
        if multi.ray
        else None
    )


def _ray_is_up() -> Manifest:
    return {
        "exec": {"command": ["/bin/sh", "-c", "ray status"]},
        "initialDelaySeconds": 30,
        "timeoutSeconds": 5,
        "periodSeconds": 10,
        "failureThreshold": 3,
    }


def _volumes(nim: NIMService) -> list[Manifest]:
    return [
        _SSH_DOTFILES,
        # ssh refuses a key that others may read.
        {"name": "ssh-pk", "secret": {"secretName": naming.ssh_key(nim), "defaultMode": 0o400}},
        # The script is executed, not read (Q12).
        {
            "name": "start-mpi-script",
            "configMap": {"name": naming.start_script(nim), "defaultMode": 0o555},
        },
    ]


def _mounts() -> list[Manifest]:
    return [
        {"name": "ssh-dotfiles", "mountPath": "/opt/nim/llm/.ssh"},
        {"name": "ssh-pk", "mountPath": "/opt/nim/llm/pk"},
        {"name": "start-mpi-script", "mountPath": f"/opt/nim/{mpi.SCRIPT}", "subPath": mpi.SCRIPT},
    ]
