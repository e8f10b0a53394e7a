"""Role and RoleBinding: on OpenShift, let the pods use their SecurityContextConstraints."""

from collections.abc import Iterator

from hooks.kernel import ownership, security
from hooks.kernel.manifest import Manifest
from hooks.nimservice import constraint, naming
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the Role and its binding on OpenShift, nothing elsewhere.

    What the installation does not allow is taken away, and a foreign ServiceAccount gets nothing.
    """
    nim, name = ctx.nim, naming.service_account(ctx.nim)
    if not ctx.settings.openshift or ownership.account(ctx, name):
        return
    if security.not_allowed(constraint.of(nim), ctx.settings.openshift_constraints):
        return
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": naming.metadata(nim, name, labels=naming.labels(nim)),
        "rules": [
            {
                "apiGroups": ["security.openshift.io"],
                "resources": ["securitycontextconstraints"],
                "resourceNames": [constraint.of(nim)],
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
