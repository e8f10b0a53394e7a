"""Grouped: a NIMService of several nodes, its LeaderWorkerSet and the pods of a group."""

from hooks.nimservice import children, kinds
from tests.situations import nimservice as situation

MPI = {"parallelism": {"pipeline": 2, "tensor": 8}}
RAY = {"parallelism": {"pipeline": 3, "tensor": 4}, "ray": {"rayPort": 6380}}
KEY = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "llama-ssh-pk", "namespace": "nim"},
    "type": "Opaque",
    "data": {"private.key": "a2V5"},
}


def plan(observed=(KEY,), related=(), manages=kinds.MANAGED, **spec):
    return children.plan(
        situation.context(observed, related, manages=manages, **{"multiNode": MPI, **spec})
    )


def groups(observed=(KEY,), **options):
    return next(
        (
            child
            for child in plan(observed, **options).children
            if child["kind"] == "LeaderWorkerSet"
        ),
        None,
    )
