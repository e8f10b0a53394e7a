"""Convergence: the time until every child of many new NIMServices exists, on a real API server.

It needs the control plane of the tests (`make control-plane`) and a Metacontroller: METACONTROLLER
names its binary, METACONTROLLER_CRDS the file with its CustomResourceDefinitions. To measure
another operator of the same API beside it, set REFERENCE_OPERATOR to its binary and REFERENCE_CRDS
to the folder with its CustomResourceDefinitions. NVIDIA's reads templates from /manifests; a
symbolic link can provide them. NIMSERVICES is the number of NIMServices.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from requests import Session

from benchmarks import measure, requests
from hooks.nimservice import kinds
from hooks.preview import installation, render
from hooks.resources import Settings
from tests.control_plane.programs import HOST, ControlPlane, Missing, Program, folder

_FLAGS = (
    "--client-go-qps=500",
    "--client-go-burst=1000",
    "--workers=20",
    "--discovery-interval=5s",
)
_CHILDREN = (kinds.SERVICE_ACCOUNT, kinds.SERVICE, kinds.PERSISTENT_VOLUME_CLAIM, kinds.DEPLOYMENT)
_COUNTED = {*(kind.plural for kind in _CHILDREN), "roles", "rolebindings", kinds.NIM_SERVICE.plural}
_REST = 20  # seconds at rest
_PATIENCE = 60  # seconds without a further child, until the run is given up
_COUNT = re.compile(r"^apiserver_request_total\{([^}]*)\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """The cost of a run."""

    seconds: float
    writes: float
    cpu: dict[str, float]
    """Seconds of processor time by program until every child existed."""
    rest: dict[str, float]
    """Share of a processor by program at rest."""
    rest_writes: float


def rows() -> Iterator[str]:
    """Yield a line for each run, and the ratios to the reference."""
    metacontroller, count = (
        os.environ.get("METACONTROLLER"),
        int(os.environ.get("NIMSERVICES", "1000")),
    )
    if not metacontroller:
        yield "convergence: skipped: METACONTROLLER names no binary"
        return
    ways: dict[str, Callable[[ControlPlane, ExitStack], dict[str, Program]]] = {}
    for engine in ("server-side-apply", "dynamic-apply"):
        ways[f"hooks, {engine}"] = lambda plane, stack, engine=engine: _ours(
            plane, stack, metacontroller, engine
        )
        ways[f"bare hook, {engine}"] = lambda plane, stack, engine=engine: _bare(
            plane, stack, metacontroller, engine
        )
    if reference := os.environ.get("REFERENCE_OPERATOR"):
        ways["reference operator"] = lambda plane, stack: _reference(plane, stack, reference)
    results: dict[str, Result] = {}
    for name, start in ways.items():
        try:
            results[name] = _run(start, count)
        except Missing as missing:
            yield f"convergence: skipped: {missing}"
            return
        yield f"{count} NIMServices, {name}: {_told(results[name], count)}"
    yield from _ratios(results)


def _told(result: Result, count: int) -> str:
    cpu = ", ".join(f"{program} {seconds:.1f} s" for program, seconds in result.cpu.items())
    rest = ", ".join(f"{program} {share * 100:.1f} %" for program, share in result.rest.items())
    return (
        f"{result.seconds:.1f} s until every child exists, {result.writes / count:.1f} writes "
        f"each, CPU {cpu}; at rest {rest} of a core, {result.rest_writes:.0f} writes in {_REST} s"
    )


def _ratios(results: dict[str, Result]) -> Iterator[str]:
    reference = results.get("reference operator")
    for engine in ("server-side-apply", "dynamic-apply"):
        ours, bare = results[f"hooks, {engine}"], results[f"bare hook, {engine}"]
        ratio = ours.seconds / bare.seconds
        line = f"ratios, {engine}: {ratio:.2f} × the time of a bare hook with the same children"
        if reference:
            spent, hook = sum(ours.cpu.values()), ours.cpu["hook"]
            line += (
                f"; {reference.seconds / ours.seconds:.1f} × faster than the reference,"
                f" {ours.writes / reference.writes:.2f} × its writes,"
                f" hook {hook / sum(reference.cpu.values()):.2f} ×"
                f" and hook and Metacontroller {spent / sum(reference.cpu.values()):.2f} × its CPU"
            )
        yield line


def _run(start: Callable[[ControlPlane, ExitStack], dict[str, Program]], count: int) -> Result:
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        plane = ControlPlane(Path(home, "plane"), folder())
        stack.callback(plane.stop)
        plane.start(controllers=False)  # their writes would be counted, too
        plane.kubectl("create", "namespace", "models")
        programs = start(plane, stack)
        time.sleep(6)  # discovery, caches, elections
        manifests = [{**requests.nim(f"nim-{number:05}"), "spec": _SPEC} for number in range(count)]
        cpu, writes, began = (
            {name: _cpu(each) for name, each in programs.items()},
            _writes(plane),
            time.monotonic(),
        )
        with ThreadPoolExecutor(8) as pool, _session(plane) as session:
            list(pool.map(lambda manifest: _create(session, plane, manifest), manifests))
        there, since = 0, began
        while (found := sum(_count(plane, kind) for kind in _CHILDREN)) < count * len(_CHILDREN):
            there, since = (found, time.monotonic()) if found > there else (there, since)
            for name, program in programs.items():
                if not program.running() or time.monotonic() > since + _PATIENCE:
                    raise RuntimeError(f"{name} did not make every child:\n{program.tail()}")
            time.sleep(0.25)
        seconds = time.monotonic() - began
        time.sleep(10)  # the last statuses
        spent = {name: _cpu(each) - cpu[name] for name, each in programs.items()}
        made = _writes(plane) - writes - count  # the creations are the user's
        resting, still = {name: _cpu(each) for name, each in programs.items()}, _writes(plane)
        time.sleep(_REST)
        shares = {name: (_cpu(each) - resting[name]) / _REST for name, each in programs.items()}
        return Result(seconds, made, spent, shares, _writes(plane) - still)


_SPEC = {
    "image": {
        "repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct",
        "tag": "1.3.3",
        "pullSecrets": ["ngc-secret"],
    },
    "authSecret": "ngc-api-secret",
    "storage": {"pvc": {"create": True, "size": "50Gi", "volumeAccessMode": "ReadWriteOnce"}},
    "resources": {"limits": {"nvidia.com/gpu": 1}},
    "expose": {"service": {"type": "ClusterIP", "port": 8000}},
    "replicas": 1,
}


def _session(plane: ControlPlane) -> Session:
    session = Session()
    session.trust_env = False
    session.verify, session.headers["Authorization"] = (
        str(plane.certificate),
        f"Bearer {plane.token}",
    )
    return session


def _create(session: Session, plane: ControlPlane, manifest: dict[str, Any]) -> None:
    path = f"/apis/{kinds.NIM_SERVICE.api_version}/namespaces/models/{kinds.NIM_SERVICE.plural}"
    session.post(plane.url + path, json=manifest).raise_for_status()


def _ours(
    plane: ControlPlane, stack: ExitStack, metacontroller: str, engine: str
) -> dict[str, Program]:
    port = _free_port()
    command = [Path(sys.executable).with_name("nimservice"), "serve", "--bind", f"{HOST}:{port}"]
    hook = Program(plane.logs / "hook.log", *command, environ={"NIM_HOOKS_MODEL_LOOKUP": "false"})
    stack.callback(hook.stop)
    return {
        "hook": hook,
        "metacontroller": _metacontroller(plane, stack, metacontroller, engine, port),
    }


def _bare(
    plane: ControlPlane, stack: ExitStack, metacontroller: str, engine: str
) -> dict[str, Program]:
    """Start a hook that only puts the name into a prepared answer."""
    parent = {**requests.nim("NAME"), "spec": _SPEC}
    answer = {
        **render.render(parent, (), Settings(), now=requests.NOW),
        "status": {"state": "Pending"},
    }
    answer.pop("resyncAfterSeconds", None)
    stack.enter_context(_serving(port := _free_port(), json.dumps(answer).encode()))
    return {"metacontroller": _metacontroller(plane, stack, metacontroller, engine, port)}


@contextmanager
def _serving(port: int, answer: bytes) -> Iterator[None]:
    name = re.compile(rb'"parent":\{.*?"name":"(nim-\d+)"', re.DOTALL)

    class Bare(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found = name.search(body)
            self._answer(
                b'{"relatedResources":[]}'
                if "customize" in self.path or not found
                else answer.replace(b"NAME", found.group(1))
            )

        def _answer(self, text: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, port), Bare)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _metacontroller(
    plane: ControlPlane, stack: ExitStack, binary: str, engine: str, port: int
) -> Program:
    plane.kubectl("apply", "--server-side", "-f", "crds/")
    plane.kubectl("apply", "--server-side", "-f", os.environ["METACONTROLLER_CRDS"])
    controller = installation.controller(
        {kind.kind for kind in kinds.MANAGED if "base" not in kind.components}
    )
    for hook, each in controller["spec"]["hooks"].items():
        each["webhook"] = {"url": f"http://{HOST}:{port}/nimservice/{hook}", "timeout": "10s"}
    time.sleep(2)  # the new kinds are served
    plane.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(controller))
    addresses = [
        f"--metrics-address={HOST}:{_free_port()}",
        f"--health-probe-bind-address={HOST}:{_free_port()}",
    ]
    flags = [
        *_FLAGS,
        f"--apply-strategy={engine}",
        f"--kubeconfig={plane.kubeconfig}",
        "--zap-log-level=error",
        *addresses,
    ]
    program = Program(plane.logs / "metacontroller.log", binary, *flags)
    stack.callback(program.stop)
    return program


def _reference(plane: ControlPlane, stack: ExitStack, binary: str) -> dict[str, Program]:
    plane.kubectl("apply", "--server-side", "-f", os.environ["REFERENCE_CRDS"])
    time.sleep(2)
    flags = [
        f"--kubeconfig={plane.kubeconfig}",
        "--metrics-bind-address=0",
        f"--health-probe-bind-address={HOST}:{_free_port()}",
    ]
    program = Program(
        plane.logs / "reference.log",
        binary,
        *flags,
        environ={"OPERATOR_NAMESPACE": "default", "ENABLE_WEBHOOKS": "false"},
    )
    stack.callback(program.stop)
    return {"operator": program}


def _count(plane: ControlPlane, kind: kinds.Kind) -> int:
    prefix = f"/apis/{kind.api_version}" if "/" in kind.api_version else f"/api/{kind.api_version}"
    page = json.loads(plane.get(f"{prefix}/namespaces/models/{kind.plural}?limit=1"))
    return len(page["items"]) + int(page["metadata"].get("remainingItemCount") or 0)


def _writes(plane: ControlPlane) -> float:
    total = 0.0
    for labels, value in _COUNT.findall(plane.get("/metrics").decode()):
        found = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        if found["resource"] in _COUNTED and found["verb"] in (
            "POST",
            "PUT",
            "PATCH",
            "APPLY",
            "DELETE",
        ):
            total += float(value)
    return total


def _cpu(program: Program) -> float:
    """Return the seconds of processor time of a program and its children."""
    pids = subprocess.run(
        ["ps", "-o", "pid=", "--sid", str(program.pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    return sum(map(measure.processor_seconds, pids))


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as held:
        port: int = held.getsockname()[1]
    return port
