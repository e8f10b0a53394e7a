"""Tied: the variables that repeat what the pod mounts or listens to, and whose value counts.

A user's value that contradicts the pod does not change the pod. Where it could only break the
model, the pod's value counts; everywhere else the user's does, as for any other variable.
"""

from collections.abc import Iterator
from typing import NamedTuple

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import ENGINE_PATH, ModelStore


class Tied(NamedTuple):
    """A variable that is tied to the pod."""

    name: str
    to: str
    """What of the pod it repeats."""
    why: str
    """Why the user's value counts, or why it does not."""
    users: bool = True
    """Whether the user's value counts."""
    told: bool = False
    """Whether the status tells that a user's value differs."""


_MODEL, _LISTENS = "the mount of the model store", "the ports of the container and the probes"
_GROUP = "the place of the pod in its group"
_ELSEWHERE = "an image may read another folder, or a folder below the mount"
_ANOTHER = "the store may hold several models, and the image may load one from elsewhere"
_PORT = "a sidecar may listen to the port of the Service and call the model server at another"
_MEMBER = "a start script of the user's own may count the members in another way"

VARIABLES = (
    Tied(
        ENGINE_PATH,
        _MODEL,
        "the model is in this folder only: elsewhere the image finds none, and downloads it again",
        users=False,
        told=True,
    ),
    Tied("NIM_CACHE_PATH", _MODEL, _ELSEWHERE),
    Tied("HF_HOME", _MODEL, _ELSEWHERE),
    Tied("NIM_MODEL_NAME", _MODEL, _ANOTHER),
    Tied("NIM_MODEL_PATH", _MODEL, _ANOTHER),
    Tied("NIM_MODEL_PROFILE", _MODEL, _ANOTHER),
    Tied("NIM_SERVER_PORT", _LISTENS, _PORT, told=True),
    Tied("NIM_HTTP_API_PORT", _LISTENS, _PORT, told=True),
    Tied("NIM_GRPC_API_PORT", _LISTENS, _PORT, told=True),
    Tied("NIM_TRITON_GRPC_PORT", _LISTENS, _PORT, told=True),
    Tied("NIM_TRITON_METRICS_PORT", _LISTENS, _PORT, told=True),
    Tied("NIM_MULTI_NODE", _GROUP, _MEMBER),
    Tied("NIM_NUM_COMPUTE_NODES", _GROUP, _MEMBER),
    Tied("NIM_TENSOR_PARALLEL_SIZE", _GROUP, _MEMBER),
    Tied("NIM_PIPELINE_PARALLEL_SIZE", _GROUP, _MEMBER),
    Tied("NIM_NODE_RANK", _GROUP, _MEMBER),
    Tied("NIM_LEADER_ROLE", _GROUP, _MEMBER),
    Tied("GPUS_PER_NODE", _GROUP, _MEMBER),
    Tied("CLUSTER_SIZE", _GROUP, _MEMBER),
    Tied("GROUP_INDEX", _GROUP, _MEMBER),
    Tied("LEADER_NAME", _GROUP, _MEMBER),
    Tied("LWS_NAME", _GROUP, _MEMBER),
)

PODS = frozenset(each.name for each in VARIABLES if not each.users)
"""The variables whose value is always that of the pod."""


def kept(store: ModelStore) -> list[Manifest]:
    """Return the variables that no user can override."""
    return [
        {"name": name, "value": value}
        for name, value in store.variables.items()
        if name in PODS and value
    ]


def findings(nim: NIMService, store: ModelStore) -> Iterator[Finding]:
    """Yield a finding for each variable in ``spec.env`` that contradicts the pod."""
    values, pod = {each.name: each for each in VARIABLES if each.told}, _pod(nim, store)
    for index, variable in enumerate(nim.spec.env):
        tied = values.get(variable["name"])
        expected = tied and pod.get(tied.name)
        if tied is None or expected is None or variable.get("value") in (expected, None):
            continue
        yield Finding(
            "VariableContradictsPod",
            f"{tied.name} differs from {expected}, which is tied to {tied.to}. "
            + ("The user's value counts" if tied.users else "The pods use that value"),
            "correct the value, or remove the variable",
            path=f"spec.env[{index}]",
        )


def _pod(nim: NIMService, store: ModelStore) -> dict[str, str]:
    """Return the value that fits the pod for each variable that is told."""
    service = nim.spec.expose.service
    ports = {
        "NIM_SERVER_PORT": service.port,
        "NIM_HTTP_API_PORT": service.port,
        "NIM_GRPC_API_PORT": service.grpc_port,
        "NIM_TRITON_GRPC_PORT": service.grpc_port,
        "NIM_TRITON_METRICS_PORT": service.metrics_port,
    }
    listened = {name: str(port) for name, port in ports.items() if port}
    return {**listened, **{each["name"]: each["value"] for each in kept(store)}}
