"""Security: the user and the rights of the containers (Pod Security Standard ``restricted``).

Users can request three things that the standard forbids: the root user, a certificate bundle, which
only root can install, and a directory of the node. The condition ``PodSecurityRestricted`` reports
them.
"""

from collections.abc import Iterator

from hooks.kernel import prose, security
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, text, texts
from hooks.kernel.security import CERTIFICATES
from hooks.nimservice import constraint
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.constraint import user
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import VOLUME


def group(nim: NIMService) -> int:
    """Return the group that the containers run as and that owns the volumes."""
    return 2000 if nim.spec.group_id is None else nim.spec.group_id


def pod(nim: NIMService) -> Manifest:
    """Return the security context of a pod."""
    given = nim.spec.pod_security_context or {}
    made = {"runAsUser": constraint.owner(nim), "runAsGroup": group(nim), "fsGroup": group(nim)}
    return {**made, **given}


def container(ctx: Context, own: Manifest | None = None) -> Manifest:
    """Return the security context of a container, with the user's over the hooks'.

    Root without its capabilities cannot even change the owner of a file, which is what people ask
    for root for. So for root it is the standard *baseline*: the runtime's own capabilities.

    Args:
        ctx: the context.
        own: what the user says of this container, besides ``spec.securityContext``.
    """
    given = _merged(ctx.nim.spec.security_context or {}, own or {})
    confinement = confined(ctx)
    if given.get("runAsUser", user(ctx.nim)) == 0:
        made = {"seccompProfile": confinement["seccompProfile"]}
    else:
        made = {**confinement, "runAsNonRoot": True}
    added = mapping(given.get("capabilities")).get("add", [])
    if given.get("privileged") or "CAP_SYS_ADMIN" in added:
        made.pop("allowPrivilegeEscalation", None)  # the API server refuses both
    return _merged(made, given)


def _merged(made: Manifest, given: Manifest) -> Manifest:
    """Return settings with the user's over them; capabilities are merged one list at a time."""
    capabilities = {**mapping(made.get("capabilities")), **mapping(given.get("capabilities"))}
    merged = {**made, **given}
    return {**merged, "capabilities": capabilities} if capabilities else merged


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


def annotations(ctx: Context) -> dict[str, str]:
    """Return the annotation that requests the constraints on OpenShift; nothing elsewhere."""
    return {"openshift.io/required-scc": constraint.of(ctx.nim)} if ctx.settings.openshift else {}


def exceptions(pod_spec: Manifest) -> Iterator[Finding]:
    """Yield every reason why a namespace that enforces ``restricted`` refuses a pod.

    The pod itself is judged, so that no cause can be forgotten.
    """
    defaults = mapping(pod_spec.get("securityContext"))
    containers = [
        *mappings(pod_spec.get("initContainers")),
        *mappings(pod_spec.get("containers")),
    ]
    contexts = {
        text(each.get("name")): {**defaults, **mapping(each.get("securityContext"))}
        for each in containers
    }
    privileged = {name for name, context in contexts.items() if not _restricted(context)}
    roots = {name for name in privileged if contexts[name].get("runAsUser") == 0}
    if roots - {CERTIFICATES}:
        yield _exception(
            "RootUser",
            f"Container {prose.listed(roots - {CERTIFICATES})} runs as root by spec.userID or a "
            "securityContext",
            "set another user",
        )
    if others := privileged - roots - {CERTIFICATES}:
        yield _exception(
            "SecurityContext",
            f"A securityContext gives container {prose.listed(others)} more rights than it allows",
            "remove them",
        )
    if CERTIFICATES in privileged:
        yield _exception(
            "CertificatesNeedRoot",
            "An init container that runs as root installs spec.proxy.certConfigMap",
            "use an image that has the certificates",
        )
    for volume in mappings(pod_spec.get("volumes")):
        called = text(volume.get("name"))
        field = "spec.storage.hostPath" if called == VOLUME else f"Volume {called} of spec.volumes"
        if "hostPath" in volume:
            yield _exception("HostPath", f"{field} mounts a directory of the node", "use a claim")
        elif not {"name", *_VOLUMES} >= volume.keys():
            yield _exception("VolumeType", f"{field} has a type that it refuses", "use a claim")


_VOLUMES = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
)
"""The types of volumes that the standard admits."""


def _restricted(context: Manifest) -> bool:
    """Whether a container with these settings meets ``restricted``, but for its seccomp profile.

    The profile is the hooks' own, or on OpenShift that of the constraints.
    """
    capabilities = mapping(context.get("capabilities"))
    return bool(
        context.get("runAsNonRoot")
        and context.get("runAsUser") != 0
        and not context.get("privileged")
        and context.get("allowPrivilegeEscalation") is False
        and "ALL" in texts(capabilities.get("drop"))
        and {"NET_BIND_SERVICE"} >= {*texts(capabilities.get("add"))}
        and mapping(context.get("seccompProfile")).get("type") != "Unconfined"
        and context.get("procMount") in (None, "Default")
    )


def _exception(reason: str, message: str, instead: str) -> Finding:
    return Finding(
        reason,
        message,
        f"in a namespace that enforces the Pod Security Standard restricted, {instead}",
        condition="PodSecurityRestricted",
    )
