"""ServiceAccount: on OpenShift, the pods' identity and their right to use an SCC."""

from collections.abc import Iterator

from hooks.kernel import ownership
from hooks.kernel.manifest import Manifest
from hooks.nimcache import naming
from hooks.nimcache.context import Context
from hooks.nimcache.job import template


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield ServiceAccount, Role and RoleBinding on OpenShift, nothing elsewhere."""
    cache = ctx.cache
    if not ctx.settings.openshift:
        return
    name = naming.service_account(cache)
    needed = {template.scc(ctx, "probe"), template.scc(ctx)}
    allowed = sorted(needed & {*ctx.settings.openshift_constraints.split(",")})
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": naming.metadata(cache, name),
    }
    # What the installation does not allow is taken away, and a foreign account gets nothing.
    if not allowed or ownership.account(ctx, name):
        return
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": naming.metadata(cache, name),
        "rules": [
            {
                "apiGroups": ["security.openshift.io"],
                "resources": ["securitycontextconstraints"],
                "resourceNames": allowed,
                "verbs": ["use"],
            }
        ],
    }
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": naming.metadata(cache, name),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": cache.namespace}],
    }
