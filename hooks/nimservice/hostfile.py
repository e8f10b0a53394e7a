"""Hostfile: the members of a group, by which MPI starts it, and for how many groups there is room."""

from hooks.nimservice import naming
from hooks.nimservice.api.multinode import MultiNode
from hooks.nimservice.api.nimservice import NIMService

_ROOM = 250_000
"""Bytes of all hostfiles: one ConfigMap holds them, and Metacontroller its copy in an annotation, of which there may be 256 KiB."""

_GROUP_DIGITS = 10  # of the largest number of replicas


def of(nim: NIMService, multi: MultiNode, group: int) -> str:
    """Return the members of a group, the leader first, and how many processes each of them runs."""
    return _line("localhost", multi) + "".join(
        _line(_worker(nim, str(group), worker), multi) for worker in range(1, multi.pipeline)
    )


def most_groups(nim: NIMService, multi: MultiNode) -> int:
    """Return how many groups have room for their hostfiles."""
    worker = (
        len(_line(_worker(nim, "9" * _GROUP_DIGITS, multi.pipeline), multi)) + 1
    )  # JSON writes the line's end in two characters
    return _ROOM // (
        len(_line("localhost", multi)) + 40 + (multi.pipeline - 1) * worker
    )  # 40: the key and what is around it


def _worker(nim: NIMService, group: str, worker: int) -> str:
    name = naming.group(nim)
    return f"{name}-{group}-{worker}.{name}.{nim.namespace}.svc"


def _line(host: str, multi: MultiNode) -> str:
    return f"{host} slots={multi.tensor}\n"
