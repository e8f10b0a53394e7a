"""Operator: recognises NVIDIA's operator, its NIMServices and their children."""

from collections.abc import Iterable
from typing import Any

from hooks.cluster.api import Object, controller_of
from hooks.kernel.lastapplied import OWNER_LABEL
from hooks.nimservice import kinds

FINALIZER = "finalizer.nimservice.apps.nvidia.com"
NAME = "k8s-nim-operator"
MANAGED_BY = "app.kubernetes.io/managed-by"
NAMED = "app.kubernetes.io/name"
HASHES = ("nvidia.com/last-applied-hash", "nvidia.com/parent-spec-hash")
"""The annotations by which the operator decides whether to write a child."""

_GROUP, _, _ = kinds.NIM_SERVICE.api_version.partition("/")


def nimservices(everything: Iterable[Object]) -> list[Object]:
    """Return the NIMServices that still have to migrate.

    They have the operator's finalizer, or a child without Metacontroller's label.
    """
    objects = list(everything)
    found = (each for each in objects if each["kind"] == kinds.NIM_SERVICE.kind)
    return [
        nim
        for nim in found
        if FINALIZER in finalizers(nim)
        or any(_unlabelled(child, nim) for child in children(nim, objects))
    ]


def children(nim: Object, everything: Iterable[Object]) -> list[Object]:
    """Return the children of a NIMService: those it controls, and orphans of the operator."""
    managed = {kind.kind for kind in kinds.MANAGED}
    return [
        each
        for each in everything
        if each["kind"] in managed
        and each["metadata"].get("namespace") == nim["metadata"].get("namespace")
        and (_controls(nim, each) or _released(nim, each))
    ]


def released(child: Object) -> bool:
    """Whether a child has no controller: Metacontroller released it for its missing label."""
    return controller_of(child) is None


def running(deployments: Iterable[Object]) -> list[str]:
    """Return the Deployments that run the operator, or will run it."""
    return [
        f"{each['metadata']['namespace']}/{each['metadata']['name']}"
        for each in deployments
        if _runs_operator(each)
        and (each["spec"].get("replicas", 1) or (each.get("status") or {}).get("replicas"))
    ]  # fmt: skip


def webhooks(configurations: Iterable[Object]) -> list[str]:
    """Return the ValidatingWebhookConfigurations that refuse writes without the operator."""
    return [
        each["metadata"]["name"]
        for each in configurations
        if any(_judges(hook) for hook in each.get("webhooks") or [])
    ]


def finalizers(nim: Object) -> list[str]:
    """Return the finalizers of a NIMService."""
    return list(nim["metadata"].get("finalizers") or [])


def labels(obj: Object) -> dict[str, str]:
    """Return the labels of an object."""
    return dict(obj["metadata"].get("labels") or {})


def _unlabelled(child: Object, nim: Object) -> bool:
    return labels(child).get(MANAGED_BY) == NAME and labels(child).get(OWNER_LABEL) != nim[
        "metadata"
    ].get("uid")


def _controls(nim: Object, child: Object) -> bool:
    owner = controller_of(child) or {}
    uid = nim["metadata"].get("uid")
    if uid:
        return bool(owner.get("uid") == uid)
    return (owner.get("kind"), owner.get("name")) == (nim["kind"], nim["metadata"]["name"])


def _released(nim: Object, child: Object) -> bool:
    found = labels(child)
    return released(child) and (found.get(MANAGED_BY), found.get(NAMED)) == (
        NAME,
        nim["metadata"]["name"],
    )


def _runs_operator(deployment: Object) -> bool:
    containers = deployment["spec"]["template"]["spec"].get("containers") or []
    return any(
        str(each.get("image", "")).rpartition("/")[2].startswith(NAME) for each in containers
    )


def _judges(hook: Any) -> bool:
    rules = hook.get("rules") or []
    groups = {group for rule in rules for group in rule.get("apiGroups") or []}
    resources = {resource for rule in rules for resource in rule.get("resources") or []}
    return (
        hook.get("failurePolicy", "Fail") == "Fail"
        and _GROUP in groups
        and bool({kinds.NIM_SERVICE.plural, kinds.NIM_CACHE.plural, "*"} & resources)
    )
