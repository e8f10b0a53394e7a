"""Access: the rights of the endpoint picker in its namespace."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.api.endpointpicker import EndpointPicker
from hooks.nimservice.api.nimservice import NIMService

_READ = ["get", "list", "watch"]

# Endpoint pickers of release 1.3 watch their pool, its pods, objectives and rewrites of models.
# Earlier releases look for the pool in the experimental group. Metrics that require a token need
# tokenreviews and subjectaccessreviews. These are cluster-wide, so a Role cannot grant them: bind a
# ClusterRole to the ServiceAccount, or pass the argument --metrics-endpoint-auth=false.
RULES: tuple[Manifest, ...] = (
    {"apiGroups": ["inference.networking.k8s.io"], "resources": ["inferencepools"], "verbs": _READ},
    {
        "apiGroups": ["inference.networking.x-k8s.io"],
        "resources": ["inferencepools", "inferenceobjectives", "inferencemodelrewrites"],
        "verbs": _READ,
    },
    {"apiGroups": [""], "resources": ["pods"], "verbs": _READ},
)
"""The rules of every endpoint picker."""

ELECTION_RULES: tuple[Manifest, ...] = (
    {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "verbs": ["create", "get", "list", "patch", "update", "watch"],
    },
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
)
"""Further rules for leader election."""

_ELECTS = "--ha-enable-leader-election"


def build(nim: NIMService, picker: EndpointPicker) -> Iterator[Manifest]:
    """Yield the ServiceAccount, the Role and its binding."""
    name, labels = naming.endpoint_picker(nim), naming.labels(nim)
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": naming.metadata(nim, name, labels=labels),
    }
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": naming.metadata(nim, name, labels=labels),
        "rules": [*RULES, *(ELECTION_RULES if _elects(picker) else ())],
    }
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": naming.metadata(nim, name, labels=labels),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": nim.namespace}],
    }


def _elects(picker: EndpointPicker) -> bool:
    return any(argument in (_ELECTS, f"{_ELECTS}=true") for argument in picker.container_spec.args)
