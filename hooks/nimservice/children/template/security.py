"""Security: the user and the rights of the containers (Pod Security Standard ``restricted``).

Users can request three things that the standard forbids: the root user, a certificate bundle, which
only root can install, and a directory of the node. The condition ``PodSecurityRestricted`` reports
them.
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
    """Return the settings that keep a container from gaining rights, whatever its user."""
    return security.confined(openshift=ctx.settings.openshift)


def certificate_containers(ctx: Context) -> Iterator[Manifest]:
    """Yield the init container that adds the user's certificates to the trusted ones, if any."""
    nim = ctx.nim
    if nim.spec.proxy is None or not nim.spec.proxy.cert_config_map:
        return
    image = nim.spec.image
    yield security.certificates(image.reference, image.policy, openshift=ctx.settings.openshift)


def scc(nim: NIMService) -> str:
    """Return the SecurityContextConstraints that admit the pods, for Role and annotation alike."""
    if nim.spec.storage.host_path:
        return "hostmount-anyuid"
    return (
        "anyuid"
        if user(nim) == 0 or (nim.spec.proxy and nim.spec.proxy.cert_config_map)
        else "nonroot"
    )


def annotations(ctx: Context) -> dict[str, str]:
    """Return the annotation that requests the constraints on OpenShift; nothing elsewhere."""
    return {"openshift.io/required-scc": scc(ctx.nim)} if ctx.settings.openshift else {}


def exceptions(nim: NIMService) -> Iterator[Finding]:
    """Yield every reason why a namespace that enforces ``restricted`` refuses the pods."""
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
