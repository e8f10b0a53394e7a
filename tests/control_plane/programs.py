"""Programs: a control plane of etcd, API server and controller manager, on free ports of this
machine, stopped whatever happens."""

import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HERE = Path(__file__).parent
HOST = "127.0.0.1"
STARTS_IN = 20.0
"""Seconds until the API server has to be ready."""

# Kills the program when its own standard input closes: that happens even when the tests are killed.
_GUARD = 'trap : TERM; exec 3<&0; "$@" 3<&- & child=$!; { cat <&3 >/dev/null; kill -9 $child; } 2>/dev/null & wait $child; wait $child'

_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "userGroups": ["system:serviceaccounts"]}, {"level": "None"}],
}


class Missing(Exception):
    """There is no control plane to be started here; the text says how to have one."""


def folder() -> Path:
    """Return the folder with the programs of the newest Kubernetes."""
    found = _built(HERE / "build")
    absent = [name for name in ("etcd", "kube-apiserver") if not (found / name).is_file()]
    if absent:
        raise Missing(f"control plane: {found} has no {' and no '.join(absent)}")
    return found


def oldest() -> Path:
    """Return the API server of the oldest Kubernetes that the CustomResourceDefinitions are for."""
    return _built(HERE / "oldest" / "build") / "kube-apiserver"


def _built(script: Path) -> Path:
    done = subprocess.run([script, "--find"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(done.stderr.strip())
    return Path(done.stdout.strip())


class Program:
    """One program at work, its log in a file."""

    def __init__(self, log: Path, *command: object, environ: dict[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, "sh", *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env={**os.environ, **(environ or {})},
            )

    @property
    def pid(self) -> int:
        """The session that the program and whatever it starts belong to."""
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def stop(self, *, patience: float = 0) -> None:
        """End the program and whatever it started, at once where there is no patience to let it
        tidy up."""
        if patience and self.running():
            os.killpg(self._process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class ControlPlane:
    """A Kubernetes control plane; ``kubeconfig`` leads to it with all rights.

    An ``api_server`` takes the place of the one in the folder of the programs.
    """

    def __init__(self, home: Path, programs: Path, api_server: Path | None = None) -> None:
        self.home, self.programs = home, programs
        self._api_server = api_server or programs / "kube-apiserver"
        self.logs = home / "logs"
        self.kubeconfig = home / "kubeconfig-admin"
        self.token = secrets.token_hex(16)
        self._port, self._etcd_port, peer_port = free_ports(3)
        self.url = f"https://{HOST}:{self._port}"
        self.certificate = home / "certs" / "apiserver.crt"
        self.audit = self.logs / "audit.log"
        """What service accounts asked for, a request or the opening of a watch on each line."""
        self._running: list[Program] = []
        self.logs.mkdir(parents=True)
        _write_key(home / "service-account.key")
        (home / "tokens.csv").write_text(f'{self.token},admin,admin,"system:masters"\n')
        (home / "audit-policy.json").write_text(json.dumps(_AUDIT_POLICY))
        self._etcd_peer = f"http://{HOST}:{peer_port}"

    @property
    def has_controllers(self) -> bool:
        """Whether deployments get pods, quotas are counted and garbage is collected; envtest's
        programs do not."""
        return (self.programs / "kube-controller-manager").is_file()

    def start(self, *, controllers: bool = True) -> None:
        """Start everything, the controller manager if wanted, or raise AssertionError with the end
        of the log that tells why not."""
        began = time.monotonic()
        self._run(self.programs / "etcd", *self._etcd_flags())
        self._run(self._api_server, *self._apiserver_flags())
        self.wait_until_ready(began + STARTS_IN)
        self.kubeconfig = self.kubeconfig_for("admin", self.token)
        if controllers and self.has_controllers:
            self._run(self.programs / "kube-controller-manager", *self._controller_flags())

    def stop(self) -> None:
        """Stop everything that was started, last first."""
        while self._running:
            self._running.pop().stop()

    def wait_until_ready(self, deadline: float) -> None:
        """Wait until the API server says that it is ready."""
        while not self._ready():
            for program in self._running:
                assert program.running(), f"{program.log.name} ended:\n{program.tail()}"
            assert time.monotonic() < deadline, (
                f"the API server is not ready after {STARTS_IN:.0f} s:\n{self._running[-1].tail()}"
            )
            time.sleep(0.1)

    def restart_api_server(self) -> None:
        """Stop the API server and start it again, on what etcd holds."""
        (server,) = [program for program in self._running if program.log.stem == "kube-apiserver"]
        server.stop()
        self._running.remove(server)
        _wait_until_free(self._port)
        self._run(self._api_server, *self._apiserver_flags())
        self.wait_until_ready(time.monotonic() + STARTS_IN)

    def kubectl(self, *arguments: str, stdin: str = "", check: bool = True) -> str:
        """Run kubectl and return what it printed, with its errors where it is not checked."""
        command = [str(self.programs / "kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments]
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"HOME": str(self.home), "PATH": os.defpath},
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout if check else done.stdout + done.stderr

    def _run(self, program: Path, *flags: object) -> None:
        self._running.append(Program(self.logs / f"{program.name}.log", program, *flags))

    def get(self, path: str) -> bytes:
        """Return what the API server has at a path; raise OSError where it does not answer."""
        request = urllib.request.Request(
            self.url + path, headers={"Authorization": f"Bearer {self.token}"}
        )
        context = ssl.create_default_context(cafile=self.certificate)
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:
            text: bytes = answer.read()
            return text

    def _ready(self) -> bool:
        try:
            return self.certificate.exists() and self.get("/readyz") == b"ok"
        except OSError:
            return False

    def _etcd_flags(self) -> list[object]:
        clients = f"http://{HOST}:{self._etcd_port}"
        return [
            f"--data-dir={self.home / 'etcd'}",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={self._etcd_peer}",
            f"--initial-advertise-peer-urls={self._etcd_peer}",
            f"--initial-cluster=default={self._etcd_peer}",
            "--unsafe-no-fsync",  # nothing here outlives the tests
        ]

    def _apiserver_flags(self) -> list[object]:
        key = self.home / "service-account.key"
        return [
            f"--etcd-servers=http://{HOST}:{self._etcd_port}",
            f"--bind-address={HOST}",
            f"--advertise-address={HOST}",
            "--endpoint-reconciler-type=none",  # nobody needs the Service `kubernetes`
            f"--secure-port={self._port}",
            f"--cert-dir={self.home / 'certs'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--authorization-mode=RBAC",
            f"--token-auth-file={self.home / 'tokens.csv'}",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--disable-admission-plugins=ServiceAccount",  # pods need no token here
            "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",  # as OpenShift does
            f"--audit-policy-file={self.home / 'audit-policy.json'}",
            f"--audit-log-path={self.audit}",
        ]

    def _controller_flags(self) -> list[object]:
        return [
            f"--kubeconfig={self.kubeconfig}",
            f"--bind-address={HOST}",
            "--secure-port=0",
            "--leader-elect=false",
            f"--service-account-private-key-file={self.home / 'service-account.key'}",
            "--controllers=*,-nodelifecycle,-ttl",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
        ]

    def kubeconfig_for(self, user: str, token: str) -> Path:
        """Write a kubeconfig for whoever holds a token, and return it."""
        path = self.home / f"kubeconfig-{user}"
        cluster = {"server": self.url, "certificate-authority": str(self.certificate)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": user}}],
            "current-context": "tests",
        }
        path.write_text(json.dumps(config))
        return path


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens to."""
    held = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _wait_until_free(port: int) -> None:
    deadline = time.monotonic() + 5
    while True:
        try:
            socket.create_server((HOST, port)).close()
        except OSError:
            assert time.monotonic() < deadline, f"port {port} stays taken"
            time.sleep(0.02)
        else:
            return


def _write_key(path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(text)
