"""Constraint: the user of the pods, and OpenShift's SecurityContextConstraints that admit them."""

from hooks.nimservice.api.nimservice import NIMService


def user(nim: NIMService) -> int:
    """Return the user that the containers run as."""
    for context in (nim.spec.security_context, nim.spec.pod_security_context):
        if context and "runAsUser" in context:
            return int(context["runAsUser"])
    return owner(nim)


def owner(nim: NIMService) -> int:
    """Return the user of the pods, where no security context names another one."""
    return 1000 if nim.spec.user_id is None else nim.spec.user_id


def of(nim: NIMService) -> str:
    """Return the SecurityContextConstraints that admit the pods, for Role and annotation alike."""
    if nim.spec.storage.host_path or any("hostPath" in each for each in nim.spec.volumes):
        return "hostmount-anyuid"
    root = (
        user(nim) == 0
        or any(
            (each.security_context or {}).get("runAsUser") == 0 for _, each in nim.extra_containers
        )
        or (nim.spec.proxy and nim.spec.proxy.cert_config_map)
    )
    return "anyuid" if root else "nonroot"
