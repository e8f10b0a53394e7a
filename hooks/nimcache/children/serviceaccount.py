"""ServiceAccount: on OpenShift, the pods' identity and their right to use an SCC."""

from collections.abc import Iterator

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
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": naming.metadata(cache, name),
    }
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": naming.metadata(cache, name),
        "rules": [
            {
                "apiGroups": ["security.openshift.io"],
                "resources": ["securitycontextconstraints"],
                "resourceNames": sorted({template.scc(ctx, "probe"), template.scc(ctx)}),
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
