"""Demo: the first sample on a simulated cluster, with the real hook server, until it is Ready.

It needs a checkout of the repository, for the samples.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import yaml

from hooks.cluster.api import Object
from hooks.preview import installation
from nimservice_simulator import show
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.metacontroller.transport import OverHttp
from nimservice_simulator.simulation import Simulation

SAMPLES = Path(__file__).parents[2] / "metacontroller" / "samples"
_PATIENCE = 20.0
"""Seconds that the server may take to start."""


def main() -> int:
    """Apply the first sample and print what happens.

    Return 0 only if all is Ready and at rest in the end.
    """
    sample, clock = min(SAMPLES.glob("*.yaml"), default=None), VirtualClock()
    if sample is None:
        print(f"demo: {SAMPLES} has no samples; run it in a checkout: make demo", file=sys.stderr)
        return 1
    objects = [
        document
        for document in yaml.load_all(sample.read_text(), Loader=yaml.CSafeLoader)
        if document
    ]
    with _server() as url:
        print(
            f"The hook server listens on {url}. It is real; API server, Metacontroller and kubelet"
            " are simulated, and their time flies.\n"
        )
        simulation = Simulation(
            objects,
            controllers=installation.controllers(),
            transport=OverHttp(url),
            crds=installation.crds(),
            clock=clock,
        )
        simulation.settle()
        print(f"$ kubectl apply -f {sample.relative_to(SAMPLES.parents[1])}")
        print("\n".join(show.timeline(simulation)))
        at_rest = sum(simulation.writes_at_rest().values())
    parents = simulation.parents()
    for parent in parents:
        _tell(parent, clock)
    print(
        f"\nThree more syncs of each parent made {at_rest} writes; at rest there is nothing to write."
    )
    ready = all(parent["status"]["state"] == "Ready" for parent in parents)
    return int(not ready or at_rest != 0)


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
    }
    command = [str(Path(sys.executable).with_name("nimservice")), "serve", "--bind", address]
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own command
    try:
        _wait(address, process)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _PATIENCE
    with requests.Session() as session:
        session.trust_env = False  # a proxy does not know this machine's loopback
        while time.monotonic() < end and process.poll() is None:
            try:
                session.get(f"http://{address}/readyz", timeout=1).raise_for_status()
            except requests.RequestException:
                time.sleep(0.05)
            else:
                return
    raise SystemExit("demo: the hook server did not start; its own words stand above")


if __name__ == "__main__":
    sys.exit(main())
