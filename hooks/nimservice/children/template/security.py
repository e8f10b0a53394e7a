"""Security: who the containers run as and what they may do (Pod Security Standard ``restricted``).

Two things the standard forbids are asked for by name: a certificate bundle, which only root can install, and a directory of
the node. The status shows them in the condition ``PodSecurityRestricted``.
"""

from collections.abc import Iterator

from hooks.kernel import security
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.context import Context


def user(nim: NIMService) -> int:
    """Return the user that the containers run as."""
    return 1000 if nim.spec.user_id is None else nim.spec.user_id


def group(nim: NIMService) -> int:
    """Return the group that the containers run as and that owns the volumes."""
    return 2000 if nim.spec.group_id is None else nim.spec.group_id


def pod(nim: NIMService) -> Manifest:
    """Return the security context of a pod."""
    return {"runAsUser": user(nim), "runAsGroup": group(nim), "fsGroup": group(nim)}


def container(ctx: Context) -> Manifest:
    """Return the security context of a container."""
    return {**confined(ctx), "runAsNonRoot": True if user(ctx.nim) else None}


def confined(ctx: Context) -> Manifest:
    """Return what keeps any container from gaining rights, whoever it runs as."""
    return security.confined(openshift=ctx.settings.openshift)


def certificate_containers(ctx: Context) -> Iterator[Manifest]:
    """Yield the init container that adds the user's certificates to those the containers trust, where there are any."""
    nim = ctx.nim
    if nim.spec.proxy is None or not nim.spec.proxy.cert_config_map:
        return
    image = nim.spec.image
    yield security.certificates(image.reference, image.policy, openshift=ctx.settings.openshift)


def scc(nim: NIMService) -> str:
    """Return OpenShift's SecurityContextConstraints that admit the pods, the same for Role and annotation."""
    if nim.spec.storage.host_path:
        return "hostmount-anyuid"
    return (
        "anyuid"
        if user(nim) == 0 or (nim.spec.proxy and nim.spec.proxy.cert_config_map)
        else "nonroot"
    )


def annotations(ctx: Context) -> dict[str, str]:
    """Return the annotation that asks OpenShift for the right constraints; nothing elsewhere."""
    return {"openshift.io/required-scc": scc(ctx.nim)} if ctx.settings.openshift else {}


def exceptions(nim: NIMService) -> Iterator[Finding]:
    """Yield what keeps the pods out of a namespace that enforces ``restricted``."""
    if user(nim) == 0:
        yield _exception(
            "RootUser", "spec.userID is 0, so the containers run as root", "set another user"
        )
    if nim.spec.proxy and nim.spec.proxy.cert_config_map:
        yield _exception(
            "CertificatesNeedRoot",
            "An init container that runs as root installs spec.proxy.certConfigMap",
            "use an image that has the certificates",
        )
    if nim.spec.storage.host_path:
        yield _exception(
            "HostPath", "spec.storage.hostPath mounts a directory of the node", "use a claim"
        )


def _exception(reason: str, message: str, instead: str) -> Finding:
    return Finding(
        reason,
        message,
        f"in a namespace that enforces the Pod Security Standard restricted, {instead}",
        condition="PodSecurityRestricted",
    )
