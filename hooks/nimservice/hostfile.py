"""Hostfile: the members of a group for MPI, and the number of groups that have room."""

from hooks.nimservice import naming
from hooks.nimservice.api.multinode import MultiNode
from hooks.nimservice.api.nimservice import NIMService

_ROOM = 250_000
"""Bytes of all hostfiles: Metacontroller copies their ConfigMap into an annotation of 256 KiB."""

_GROUP_DIGITS = 10  # of the largest number of replicas


def of(nim: NIMService, multi: MultiNode, group: int) -> str:
    """Return the members of a group, the leader first, with their numbers of processes."""
    return _line("localhost", multi) + "".join(
        _line(_worker(nim, str(group), worker), multi) for worker in range(1, multi.pipeline)
    )


def most_groups(nim: NIMService, multi: MultiNode) -> int:
    """Return the number of groups whose hostfiles have room."""
    longest = _worker(nim, "9" * _GROUP_DIGITS, multi.pipeline)
    worker = len(_line(longest, multi)) + 1  # JSON writes the line's end in two characters
    leader = len(_line("localhost", multi)) + 40  # the key and the characters around it
    return _ROOM // (leader + (multi.pipeline - 1) * worker)


def _worker(nim: NIMService, group: str, worker: int) -> str:
    name = naming.group(nim)
    return f"{name}-{group}-{worker}.{name}.{nim.namespace}.svc"


def _line(host: str, multi: MultiNode) -> str:
    return f"{host} slots={multi.tensor}\n"
