"""KServe: its controller with all its webhooks, at work on the control plane of the tests."""

import json
import shlex
import subprocess
from pathlib import Path

from hooks.cli import kserveconfig
from hooks.cluster.api import Object
from tests.certificates import CA
from tests.control_plane.cluster import Cluster, manifests, without_descriptions
from tests.control_plane.programs import HOST, ControlPlane, Missing, Program, free_ports
from tests.neighbours.neighbours import HERE, reachable

NAMESPACE = "kserve"
_STANDARD = {
    "deploy": {"defaultDeploymentMode": "Standard"},
    # There is no Istio.
    "ingress": {"disableIstioVirtualHost": True, "ingressClassName": "nginx"},
}
"""What an installation without Knative changes in KServe's own configuration."""


def folder() -> Path:
    """Return the folder with the program, or raise with how to have it."""
    script = HERE / "full" / "build"
    done = subprocess.run([script, "--find"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(done.stderr.strip())
    return Path(done.stdout.strip())


def definitions(programs: Path) -> list[Object]:
    """Return the CustomResourceDefinitions that KServe's controller asks for, without texts: with
    them, that of InferenceServices takes long to set up."""
    found = sorted((programs / "kserve-config" / "crd" / "full").glob("serving.kserve.io_*.yaml"))
    return [without_descriptions(crd) for path in found for crd in manifests(path)]


class KServe:
    """The controller, with its log beside those of the control plane."""

    def __init__(self, plane: ControlPlane, cluster: Cluster, programs: Path) -> None:
        self._plane, self._cluster, self._programs = plane, cluster, programs
        self._home = plane.home / "kserve"
        self._running: list[Program] = []

    def start(self) -> None:
        """Install it as it comes, for Deployments instead of Knative, and start it."""
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        self._cluster.put(namespace)
        self._cluster.put(self._config())
        authority = CA("KServe CA")
        port = self._run(*authority.issue())
        for obj in manifests(self._programs / "kserve-config/webhook/manifests.yaml"):
            obj["metadata"].pop("creationTimestamp")
            self._cluster.put(reachable(obj, port, authority.pem))
        self.set_up()

    def close(self) -> None:
        """Stop it."""
        while self._running:
            self._running.pop().stop()

    def set_up(self) -> None:
        """Run the command that ``nimservice doctor`` gives, as an installation does."""
        (fault,) = kserveconfig.faults(self._cluster, [NAMESPACE])
        _, kubectl, *arguments = shlex.split(fault.remedy)
        assert kubectl == "kubectl"
        self._plane.kubectl(*arguments)
        assert not [*kserveconfig.faults(self._cluster, [NAMESPACE])]

    def reset(self) -> None:
        """Take that back."""
        self._cluster.put(self._config())

    def _config(self) -> Object:
        (config,) = manifests(self._programs / "kserve-config/configmap/inferenceservice.yaml")
        data = config["data"]
        for key, changed in _STANDARD.items():
            data[key] = json.dumps({**json.loads(data[key]), **changed})
        return config

    def _run(self, certificate: bytes, key: bytes) -> int:
        """Start the program with a certificate; return the port of its webhooks."""
        webhooks, health = free_ports(2)
        # It looks for its certificate in a folder of the one for temporary files.
        certificates = self._home / "k8s-webhook-server" / "serving-certs"
        certificates.mkdir(parents=True)
        (certificates / "tls.crt").write_bytes(certificate)
        (certificates / "tls.key").write_bytes(key)
        program = Program(
            self._plane.logs / "kserve.log",
            self._programs / "kserve",
            f"--kubeconfig={self._plane.kubeconfig}",
            f"--webhook-port={webhooks}",
            f"--health-probe-addr={HOST}:{health}",
            "--metrics-addr=0",
            environ={"TMPDIR": str(self._home), "POD_NAMESPACE": NAMESPACE},
        )
        self._running.append(program)
        self._cluster.until(
            lambda: _serves(program), "the webhooks of KServe are served", seconds=120
        )
        return webhooks


def _serves(program: Program) -> bool:
    assert program.running(), f"KServe ended:\n{program.tail()}"
    return "Serving webhook server" in program.log.read_text()
