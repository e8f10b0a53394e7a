"""Template: what the pods of both Jobs have in common."""

import hashlib

from hooks.kernel import security
from hooks.kernel.api.container import Container
from hooks.kernel.api.model import without_null
from hooks.kernel.manifest import Manifest, toleration, without_none
from hooks.kernel.values import canonical
from hooks.nimcache import naming
from hooks.nimcache.api import NIMCache
from hooks.nimcache.context import Context
from hooks.nimcache.naming import Role

DEFAULT_NODES = {"feature.node.kubernetes.io/pci-10de.present": "true"}
"""Nodes with a device of NVIDIA's, as Node Feature Discovery labels them.

The download runs there unless told otherwise.
"""


def hashed(job: Manifest) -> Manifest:
    """Return a Job with a hash of its spec, by which an edit of its NIMCache is told."""
    made: Manifest = without_none(job)
    metadata = made["metadata"]
    digest = hashlib.sha256(canonical(made["spec"])).hexdigest()[:16]
    annotations = {**metadata.get("annotations", {}), naming.TEMPLATE: digest}
    return {**made, "metadata": {**metadata, "annotations": annotations}}


def pod(ctx: Context, role: Role, spec: Manifest) -> Manifest:
    """Return the template of a pod; ``spec`` is what its containers add to what all pods have."""
    cache = ctx.cache
    openshift = ctx.settings.openshift
    selector = cache.spec.node_selector
    return {
        "metadata": {
            "labels": naming.pod_labels(cache, role),
            "annotations": {
                "sidecar.istio.io/inject": "false",
                **({"openshift.io/required-scc": scc(ctx, role)} if openshift else {}),
            },
        },
        "spec": {
            "restartPolicy": "Never",
            "runtimeClassName": cache.spec.runtime_class_name or None,
            "serviceAccountName": naming.service_account(cache) if openshift else None,
            "automountServiceAccountToken": False,
            "nodeSelector": (DEFAULT_NODES if selector is None else selector) or None,
            "tolerations": [toleration(each) for each in cache.spec.tolerations],
            "imagePullSecrets": [{"name": name} for name in _pull_secrets(cache, role)],
            "securityContext": {
                "runAsUser": user(cache),
                "runAsGroup": group(cache),
                "fsGroup": group(cache),
                "runAsNonRoot": True if user(cache) else None,
            },
            **spec,
        },
    }


def user(cache: NIMCache) -> int:
    """Return the user that the containers run as."""
    return 1000 if cache.spec.user_id is None else cache.spec.user_id


def group(cache: NIMCache) -> int:
    """Return the group that the containers run as and that owns the volumes."""
    return 2000 if cache.spec.group_id is None else cache.spec.group_id


def confined(ctx: Context) -> Manifest:
    """Return the security context of a container."""
    return {
        **security.confined(openshift=ctx.settings.openshift),
        "runAsNonRoot": True if user(ctx.cache) else None,
    }


def init_containers(cache: NIMCache) -> list[Container]:
    """Return the user's init containers."""
    return [Container.model_validate(without_null(each)) for each in cache.spec.init_containers]


def puller(cache: NIMCache) -> str:
    """Return the image that downloads the model."""
    given = cache.spec.source.given
    return given.model_puller if given else ""


def scc(ctx: Context, role: Role | None = None) -> str:
    """Return OpenShift's SecurityContextConstraints that admit the pods of a role, or of both."""
    root = user(ctx.cache) == 0 or _certificates(ctx.cache, role or "download")
    return "anyuid" if root else "nonroot"


def _certificates(cache: NIMCache, role: Role) -> bool:
    """Whether a pod has the container that adds certificates, which runs as root."""
    return role == "download" and bool(cache.spec.proxy and cache.spec.proxy.cert_config_map)


def _pull_secrets(cache: NIMCache, role: Role) -> list[str]:
    given = cache.spec.source.given
    names = [given.pull_secret if given else None]
    if role == "download":
        names += [name for each in init_containers(cache) for name in each.image.pull_secrets]
    return list(dict.fromkeys(name for name in names if name))
