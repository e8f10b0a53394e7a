"""Reserved: the names of volumes and the paths of mounts that are the hooks' own.

A test compares them with the pods that are made.
"""

from hooks.nimservice.api.nimservice import NIMService


def names(nim: NIMService) -> frozenset[str]:
    """Return the names of volumes that a pod of a NIMService may have."""
    return _NAMES | (_NAMES_OF_GROUPS if nim.multi_node else frozenset())


def paths(nim: NIMService) -> frozenset[str]:
    """Return the paths that mounts of the model server may have."""
    return _PATHS | (_PATHS_OF_GROUPS if nim.multi_node else frozenset())


def init_paths() -> frozenset[str]:
    """Return the paths that mounts of init containers may have."""
    return _INIT_PATHS


_NAMES = frozenset(("ca-cert-volume", "custom-ca", "dshm", "model-store", "scratch"))
_NAMES_OF_GROUPS = frozenset(
    ("mpi-config", "ssh-confs", "ssh-dotfiles", "ssh-pk", "start-mpi-script")
)
_PATHS = frozenset(
    ("/dev/shm", "/etc/ssl", "/model", "/model-store", "/opt/cache", "/scratch")  # noqa: S108
)
_PATHS_OF_GROUPS = frozenset(
    (
        "/etc/mpi",
        "/opt/nim/llm/.ssh",
        "/opt/nim/llm/pk",
        "/opt/nim/start-mpi-cluster.sh",
        "/ssh-confs",
    )
)
_INIT_PATHS = frozenset(
    ("/ca-certs", "/custom", "/model", "/model-store", "/opt/cache", "/scratch")
)
