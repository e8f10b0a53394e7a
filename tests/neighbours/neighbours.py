"""Neighbours: kube-scheduler, simulated nodes and the controller of LeaderWorkerSets, at work on
the control plane of the tests."""

import base64
import subprocess
from contextlib import suppress
from pathlib import Path

import yaml

from hooks.cluster.api import Conflict, Object, Resource
from tests.certificates import CA
from tests.control_plane.cluster import USER, Cluster, manifests
from tests.control_plane.programs import HOST, ControlPlane, Missing, Program, free_ports

HERE = Path(__file__).parent
NODE = Resource("v1", "Node", "nodes", namespaced=False)
GPUS = 16
NODES = ("gpu-node-0", "gpu-node-1")
"""GPUs of each node."""
_VOLUME_PATIENCE = 10
"""Seconds that the scheduler waits for a volume."""
_HOOKS = "admissionregistration.k8s.io/v1"


def folder() -> Path:
    """Return the folder with the programs, or raise with how to have them."""
    done = subprocess.run([HERE / "build", "--find"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(done.stderr.strip())
    return Path(done.stdout.strip())


def definitions(programs: Path) -> list[Object]:
    """Return the CustomResourceDefinitions that the controller of LeaderWorkerSets asks for."""
    bases = programs / "leaderworkerset-config" / "crd" / "bases"
    return [crd for path in sorted(bases.glob("*.yaml")) for crd in manifests(path)]


class Neighbours:
    """The programs, with their logs beside those of the control plane."""

    def __init__(self, plane: ControlPlane, cluster: Cluster, programs: Path) -> None:
        self._plane, self._cluster, self._programs = plane, cluster, programs
        self._home = plane.home / "neighbours"
        self._home.mkdir()
        self._running: dict[str, Program] = {}

    def start(self) -> None:
        """Start all of them, on two nodes."""
        for name in NODES:
            add_node(self._cluster, name)
        self._run("kwok", f"--config={HERE / 'stages.yaml'}", "--manage-all-nodes=true")
        self._start_scheduler()
        self._start_leader_worker_set()

    def stop(self) -> None:
        """Stop all of them."""
        for program in self._running.values():
            program.stop()
        self._running.clear()

    def running(self) -> bool:
        """Whether all of them run."""
        return all(each.running() for each in self._running.values())

    def _start_scheduler(self) -> None:
        (port,) = free_ports(1)
        given = {
            "apiVersion": "kubescheduler.config.k8s.io/v1",
            "kind": "KubeSchedulerConfiguration",
            "leaderElection": {"leaderElect": False},
            "clientConnection": {
                "kubeconfig": str(self._plane.kubeconfig),
                "qps": 200,
                "burst": 400,
            },
            "podInitialBackoffSeconds": 1,
            "podMaxBackoffSeconds": 2,
            "profiles": [
                {
                    "schedulerName": "default-scheduler",
                    "pluginConfig": [
                        {
                            "name": "VolumeBinding",
                            "args": {"bindTimeoutSeconds": _VOLUME_PATIENCE},
                        }
                    ],
                }
            ],
        }
        config = self._write("scheduler.yaml", given)
        self._run(
            "kube-scheduler",
            f"--config={config}",
            f"--bind-address={HOST}",
            f"--secure-port={port}",
            f"--authentication-kubeconfig={self._plane.kubeconfig}",
            f"--authorization-kubeconfig={self._plane.kubeconfig}",
        )

    def _start_leader_worker_set(self) -> None:
        webhooks, health = free_ports(2)
        authority = CA("LeaderWorkerSet CA")
        certificate, key = authority.issue()
        (self._home / "tls.crt").write_bytes(certificate)
        (self._home / "tls.key").write_bytes(key)
        given = {
            "apiVersion": "config.lws.x-k8s.io/v1alpha1",
            "kind": "Configuration",
            "leaderElection": {"leaderElect": False},
            "internalCertManagement": {"enable": False},
            "webhook": {"host": HOST, "port": webhooks, "certDir": str(self._home)},
            "metrics": {"bindAddress": "0"},
            "health": {"healthProbeBindAddress": f"{HOST}:{health}"},
        }
        config = self._write("leaderworkerset.yaml", given)
        program = self._run("leaderworkerset", f"--config={config}")
        self._cluster.until(
            lambda: "Serving webhook server" in program.log.read_text(),
            "the webhooks of LeaderWorkerSet are served",
            seconds=60,
        )
        for obj in manifests(self._programs / "leaderworkerset-config/webhook/manifests.yaml"):
            self._cluster.put(_for_groups(reachable(obj, webhooks, authority.pem)))

    def _run(self, name: str, *flags: str) -> Program:
        kubeconfig = [] if name == "kube-scheduler" else [f"--kubeconfig={self._plane.kubeconfig}"]
        log = self._plane.logs / f"{name}.log"
        self._running[name] = Program(log, self._programs / name, *kubeconfig, *flags)
        return self._running[name]

    def _write(self, name: str, config: Object) -> Path:
        path = self._home / name
        path.write_text(yaml.safe_dump(config))
        return path


def reachable(webhooks: Object, port: int, authority: bytes) -> Object:
    """Return a configuration of webhooks at an address of this machine."""
    moved = []
    for each in webhooks["webhooks"]:
        config = {
            "url": f"https://{HOST}:{port}{each['clientConfig']['service']['path']}",
            "caBundle": base64.b64encode(authority).decode(),
        }
        moved.append({**each, "clientConfig": config})
    return {**webhooks, "webhooks": moved}


def _for_groups(webhooks: Object) -> Object:
    """Return the webhooks of LeaderWorkerSets alone, and of no other pods than theirs."""
    kept = [each for each in webhooks["webhooks"] if "disaggregated" not in each["name"]]
    for each in kept:
        if "pod" in each["name"]:
            named = {"key": "leaderworkerset.sigs.k8s.io/name", "operator": "Exists"}
            each["objectSelector"] = {"matchExpressions": [named]}
    return {**webhooks, "webhooks": kept}


def node(name: str, gpus: int = GPUS) -> Object:
    """Return a node with GPUs."""
    amounts = {"cpu": "64", "memory": "512Gi", "pods": "110", "nvidia.com/gpu": str(gpus)}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "status": {"capacity": amounts, "allocatable": amounts},
    }


def add_node(cluster: Cluster, name: str, gpus: int = GPUS) -> None:
    """Add a node that pods can be placed on."""
    made = node(name, gpus)
    cluster.put({key: value for key, value in made.items() if key != "status"})
    while True:
        # kwok may already be at it.
        with suppress(Conflict):
            cluster.update_status(
                {**cluster.get(NODE, "", name), "status": made["status"]}, manager=USER
            )
            break
    # The controller that takes the taint of a new node away looks after nodes' lives, too.
    cluster.edit(NODE, "", name, lambda obj: obj["spec"].pop("taints", None))


def cordon(cluster: Cluster, cordoned: bool) -> None:
    """Let no pod be placed on any node, or let them again."""
    for each in cluster.list(NODE):
        cluster.edit(
            NODE,
            "",
            each["metadata"]["name"],
            lambda obj: obj["spec"].update(unschedulable=cordoned),
            USER,
        )
