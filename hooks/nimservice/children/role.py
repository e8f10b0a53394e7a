"""Role and RoleBinding: on OpenShift, let the pods use their SecurityContextConstraints."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the Role and its binding on OpenShift, nothing elsewhere."""
    nim = ctx.nim
    if not ctx.settings.openshift:
        return
    name = naming.service_account(nim)
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": naming.metadata(nim, name, labels=naming.labels(nim)),
        "rules": [
            {
                "apiGroups": ["security.openshift.io"],
                "resources": ["securitycontextconstraints"],
                "resourceNames": [security.scc(nim)],
                "verbs": ["use"],
            }
        ],
    }
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": naming.metadata(nim, name, labels=naming.labels(nim)),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": nim.namespace}],
    }
