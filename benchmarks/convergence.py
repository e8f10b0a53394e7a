"""Convergence: the time until every child of many new NIMServices exists, on a real API server.

It needs the control plane of the tests (`make control-plane`) and a Metacontroller: METACONTROLLER
names its binary, METACONTROLLER_CRDS the file with its CustomResourceDefinitions. To measure
another operator of the same API beside it, set REFERENCE_OPERATOR to its binary and REFERENCE_CRDS
to the folder with its CustomResourceDefinitions. NVIDIA's reads templates from /manifests; a
symbolic link can provide them. FORMER_HOOKS is the command ``nimservice`` of another version of the
hooks, to measure it in the same run.

NIMSERVICES has the numbers of NIMServices, and the last line of a run says how its costs grow from
the first to the last of them. ENGINES picks apply strategies. With CONTROLLERS=1, Kubernetes' own
controllers run beside, and make pods that nothing schedules; their writes are counted, too. Rest is
measured REST_AFTER seconds after the last status.
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
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from requests import Session

from benchmarks import measure, requests
from hooks.kernel.kind import Kind
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
_ENGINES = ("server-side-apply", "dynamic-apply")
_REST = 20  # seconds at rest
_PATIENCE = 120  # seconds without anything further, until the run is given up
_WRITING = ("POST", "PUT", "PATCH", "APPLY", "DELETE")
_COUNT = re.compile(r"^apiserver_request_total\{([^}]*)\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """The cost of a run."""

    count: int
    """The number of NIMServices."""
    seconds: float
    writes: float
    """Writes until every child existed, and every NIMService had a status."""
    statuses: float
    """How many of these wrote a status.

    The hooks write a second one after a minute, because nothing reports on the workloads here.
    """
    cpu: dict[str, float]
    """Seconds of processor time by program until then."""
    memory: dict[str, float]
    """Resident bytes by program then."""
    rest: dict[str, float]
    """Share of a processor by program at rest."""
    rest_writes: float


@dataclass(frozen=True)
class Way:
    """Something that makes the children of NIMServices."""

    start: Callable[[ControlPlane, ExitStack], dict[str, Program]]
    statuses: int = 1
    """How many statuses it writes for each NIMService until it rests."""


def rows() -> Iterator[str]:
    """Yield a line for each run, the ratios to others, and how the costs grow with the number."""
    metacontroller = os.environ.get("METACONTROLLER")
    if not metacontroller:
        yield "convergence: skipped: METACONTROLLER names no binary"
        return
    counts = [int(each) for each in os.environ.get("NIMSERVICES", "1000,3000").split(",")]
    engines = os.environ.get("ENGINES", ",".join(_ENGINES)).split(",")
    ways = _ways(metacontroller, engines)
    results: dict[int, dict[str, Result]] = {}
    for count in counts:
        found = results[count] = {}
        for name, way in ways.items():
            try:
                found[name] = _run(way, count)
            except Missing as missing:
                yield f"convergence: skipped: {missing}"
                return
            yield f"{count} NIMServices, {name}: {_told(found[name])}"
        for engine in engines:
            yield f"{count} NIMServices, ratios, {engine}: {_ratios(found, engine)}"
    if len(counts) > 1:
        for name in ways:
            yield f"{name}: {_growth(results[counts[0]][name], results[counts[-1]][name])}"


def _ways(metacontroller: str, engines: list[str]) -> dict[str, Way]:
    commands = {"hooks": str(Path(sys.executable).with_name("nimservice"))}
    if former := os.environ.get("FORMER_HOOKS"):
        commands["former hooks"] = former
    ways: dict[str, Way] = {}
    for engine in engines:
        for name, command in commands.items():
            ways[f"{name}, {engine}"] = Way(
                partial(_ours, metacontroller, engine, command), statuses=2
            )
        ways[f"bare hook, {engine}"] = Way(partial(_bare, metacontroller, engine))
    if reference := os.environ.get("REFERENCE_OPERATOR"):
        ways["reference operator"] = Way(partial(_reference, reference))
    return ways


def _told(result: Result) -> str:
    cpu = ", ".join(f"{program} {seconds:.1f} s" for program, seconds in result.cpu.items())
    memory = ", ".join(f"{program} {held / 1e6:.0f} MB" for program, held in result.memory.items())
    rest = ", ".join(f"{program} {share * 100:.1f} %" for program, share in result.rest.items())
    return (
        f"{result.seconds:.1f} s until every child exists, {result.writes / result.count:.1f} "
        f"writes each, {result.statuses / result.count:.1f} of them statuses, CPU {cpu}, "
        f"memory {memory}; at rest {rest} of a core, "
        f"{result.rest_writes:.0f} writes in {_REST} s"
    )


def _ratios(results: dict[str, Result], engine: str) -> str:
    ours, bare = results[f"hooks, {engine}"], results[f"bare hook, {engine}"]
    line = f"{ours.seconds / bare.seconds:.2f} × the time of a bare hook with the same children"
    if former := results.get(f"former hooks, {engine}"):
        cpu = ", ".join(
            f"{program} {ours.cpu[program] / spent:.2f} ×" for program, spent in former.cpu.items()
        )
        rest = sum(ours.rest.values()) / sum(former.rest.values())
        line += (
            f"; of the former hooks {ours.seconds / former.seconds:.2f} × the time,"
            f" {ours.writes / former.writes:.2f} × the writes, CPU {cpu}, at rest {rest:.2f} ×"
        )
    if reference := results.get("reference operator"):
        spent, hook = sum(ours.cpu.values()), ours.cpu["hook"]
        line += (
            f"; {reference.seconds / ours.seconds:.1f} × faster than the reference,"
            f" {ours.writes / reference.writes:.2f} × its writes,"
            f" hook {hook / sum(reference.cpu.values()):.2f} ×"
            f" and hook and Metacontroller {spent / sum(reference.cpu.values()):.2f} × its CPU"
        )
    return line


def _growth(few: Result, many: Result) -> str:
    cpu, memory = (
        ", ".join(
            f"{program} {more / getattr(few, cost)[program]:.1f} ×"
            for program, more in getattr(many, cost).items()
        )
        for cost in ("cpu", "memory")
    )
    return (
        f"with {many.count / few.count:.1f} × as many NIMServices"
        f" {many.seconds / few.seconds:.1f} × the time,"
        f" {many.writes / few.writes:.1f} × the writes, CPU {cpu}, memory {memory}"
    )


def _run(way: Way, count: int) -> Result:
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        plane = ControlPlane(Path(home, "plane"), folder())
        stack.callback(plane.stop)
        # Without controllers, no writes but ours are counted.
        plane.start(controllers=os.environ.get("CONTROLLERS") == "1")
        plane.kubectl("create", "namespace", "models")
        programs = way.start(plane, stack)
        time.sleep(6)  # discovery, caches, elections
        manifests = [{**requests.nim(f"nim-{number:05}"), "spec": _SPEC} for number in range(count)]
        cpu, writes, began = (
            {name: _cpu(each) for name, each in programs.items()},
            _writes(plane),
            time.monotonic(),
        )
        with ThreadPoolExecutor(8) as pool, _session(plane) as session:
            list(pool.map(lambda manifest: _create(session, plane, manifest), manifests))
        _await(programs, lambda: _children(plane), count * len(_CHILDREN))
        seconds = time.monotonic() - began
        _await(programs, lambda: _statuses(plane), count)
        time.sleep(10)  # the syncs after the last child
        spent = {name: _cpu(each) - cpu[name] for name, each in programs.items()}
        statuses = _statuses(plane)
        made = _writes(plane) - writes - count  # the creations are the user's
        memory = {name: _memory(each) for name, each in programs.items()}
        _await(programs, lambda: _statuses(plane), count * way.statuses)
        time.sleep(10 + float(os.environ.get("REST_AFTER", "0")))
        resting, still = {name: _cpu(each) for name, each in programs.items()}, _writes(plane)
        time.sleep(_REST)
        shares = {name: (_cpu(each) - resting[name]) / _REST for name, each in programs.items()}
        return Result(count, seconds, made, statuses, spent, memory, shares, _writes(plane) - still)


def _await(programs: dict[str, Program], counted: Callable[[], float], wanted: int) -> None:
    """Wait until there are as many as wanted; raise RuntimeError if no further one comes."""
    there, since = -1.0, time.monotonic()
    while (found := counted()) < wanted:
        there, since = (found, time.monotonic()) if found > there else (there, since)
        for name, program in programs.items():
            if not program.running() or time.monotonic() > since + _PATIENCE:
                raise RuntimeError(f"{name} came to {there:.0f} of {wanted}:\n{program.tail()}")
        time.sleep(0.25)


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
    metacontroller: str, engine: str, command: str, plane: ControlPlane, stack: ExitStack
) -> dict[str, Program]:
    port = _free_port()
    hook = Program(
        plane.logs / "hook.log",
        *(command, "serve", "--bind", f"{HOST}:{port}"),
        environ={"NIM_HOOKS_MODEL_LOOKUP": "false"},
    )
    stack.callback(hook.stop)
    return {
        "hook": hook,
        "metacontroller": _metacontroller(plane, stack, metacontroller, engine, port),
    }


def _bare(
    metacontroller: str, engine: str, plane: ControlPlane, stack: ExitStack
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


def _reference(binary: str, plane: ControlPlane, stack: ExitStack) -> dict[str, Program]:
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


def _count(plane: ControlPlane, kind: Kind) -> int:
    prefix = f"/apis/{kind.api_version}" if "/" in kind.api_version else f"/api/{kind.api_version}"
    page = json.loads(plane.get(f"{prefix}/namespaces/models/{kind.plural}?limit=1"))
    return len(page["items"]) + int(page["metadata"].get("remainingItemCount") or 0)


def _children(plane: ControlPlane) -> int:
    return sum(_count(plane, kind) for kind in _CHILDREN)


def _writes(plane: ControlPlane) -> float:
    return sum(value for _, value in _written(plane))


def _statuses(plane: ControlPlane) -> float:
    return sum(
        value
        for labels, value in _written(plane)
        if labels["resource"] == kinds.NIM_SERVICE.plural and labels["subresource"] == "status"
    )


def _written(plane: ControlPlane) -> Iterator[tuple[dict[str, str], float]]:
    for labels, value in _COUNT.findall(plane.get("/metrics").decode()):
        found = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        if found["resource"] in _COUNTED and found["verb"] in _WRITING:
            yield found, float(value)


def _cpu(program: Program) -> float:
    """Return the seconds of processor time of a program and its children."""
    return sum(map(measure.processor_seconds, _pids(program)))


def _memory(program: Program) -> float:
    """Return the resident bytes of a program and its children."""
    pids = _pids(program)
    return sum(measure.resident_bytes(each) or 0 for each in pids) - measure.shared_bytes(pids)


def _pids(program: Program) -> list[str]:
    return subprocess.run(
        ["ps", "-o", "pid=", "--sid", str(program.pid)], capture_output=True, text=True, check=False
    ).stdout.split()


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as held:
        port: int = held.getsockname()[1]
    return port
