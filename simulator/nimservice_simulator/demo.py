"""Demo: two samples on a simulated cluster, with the real hook server, until they are Ready.

It needs a checkout of the repository, for the samples.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import yaml

from hooks.cluster.api import Object
from hooks.preview import installation
from nimservice_simulator import nimimages, show
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.controllers.scenarios import READY
from nimservice_simulator.metacontroller.transport import OverHttp
from nimservice_simulator.simulation import Simulation

SAMPLES = Path(__file__).parents[2] / "metacontroller" / "samples"
SHOWN = ("01-documented-example.yaml", "08-cache-by-gpu.yaml")
"""A model with a claim of its own, and one that waits for a NIMCache."""
_PATIENCE = 20.0
"""Seconds that the server may take to start."""


def main() -> int:
    """Apply a sample of a model, then one of a cache, and print what happens.

    Return 0 only if all is Ready and at rest in the end.
    """
    missing = [name for name in SHOWN if not (SAMPLES / name).exists()]
    if missing:
        print(
            f"demo: {SAMPLES} has no {missing[0]}; run it in a checkout: make demo", file=sys.stderr
        )
        return 1
    with _server() as url:
        print(
            f"The hook server listens on {url}. It is real; API server, Metacontroller and kubelet"
            " are simulated, and their time flies.\n"
        )
        return int(not all(_plays(SAMPLES / name, url) for name in SHOWN))


def _plays(sample: Path, url: str) -> bool:
    """Apply a sample and print what happens; return whether all is Ready and at rest."""
    # The server's clock is real: what the simulated cluster does is never long ago for it.
    clock = VirtualClock(datetime.now(UTC).replace(microsecond=0))
    objects = yaml.load_all(sample.read_text(), Loader=yaml.CSafeLoader)
    simulation = Simulation(
        [*(each for each in objects if each), nimimages.node()],
        controllers=installation.controllers(),
        transport=OverHttp(url),
        crds=installation.crds(),
        scenario=nimimages.played(READY),
        clock=clock,
    )
    simulation.settle()
    print(f"$ kubectl apply -f {sample.relative_to(SAMPLES.parents[1])}")
    print("\n".join(show.timeline(simulation)))
    at_rest = sum(simulation.writes_at_rest().values())
    for parent in simulation.parents():
        _tell(parent, clock)
    print(
        f"\nThree more syncs of each parent made {at_rest} writes; at rest there is nothing to "
        "write.\n"
    )
    states = [parent["status"]["state"] for parent in simulation.parents()]
    return all(state == "Ready" for state in states) and at_rest == 0


def _tell(parent: Object, clock: VirtualClock) -> None:
    """Print a parent as ``kubectl get`` and ``kubectl describe`` show it."""
    crd = next(crd for crd in installation.crds() if _defines(crd, parent))
    name, where = crd["spec"]["names"]["shortNames"][0], f"-n {parent['metadata']['namespace']}"
    print(f"\n$ kubectl get {name} {where}")
    print("\n".join(show.table(crd, [parent], clock.now())))
    print(f"\n$ kubectl describe {name} {parent['metadata']['name']} {where}")
    print("\n".join(show.description(parent)))


def _defines(crd: Object, obj: Object) -> bool:
    return bool(crd["spec"]["names"]["kind"] == obj["kind"])


@contextmanager
def _server() -> Iterator[str]:
    """Start the hook server on a free port of this machine, and stop it whatever happens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    # The simulated Services have addresses that lead nowhere, so nobody is asked for a model's
    # name.
    environment = {
        **os.environ,
        "NIM_HOOKS_MODEL_LOOKUP": "false",
        "NIM_HOOKS_LOG_LEVEL": "warning",
        "NIM_HOOKS_GPU_DISCOVERY": "true",
    }
    # The command `nimservice` is there only where the project is installed.
    command = [sys.executable, "-c", "from hooks.cli import run; run()", "serve", "--bind", address]
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own command
    try:
        _wait(address, process)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection(address, timeout=1)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    raise SystemExit("demo: the hook server did not start; its own words stand above")


if __name__ == "__main__":
    sys.exit(main())
