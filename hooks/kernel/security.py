"""Security: containers without rights, and the one that needs root.

The measure is the Pod Security Standard ``restricted``.
"""

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest

CERTIFICATES = "update-ca-certificates"
"""Name of the init container that adds a user's certificates to the trusted ones."""

LAST_WORDS = "FallbackToLogsOnError"
"""The termination message policy of every container: the status quotes the end of a crash's log."""

_CERTIFICATES_SCRIPT = """\
for certificate in /custom/*.crt; do
  if [ -e "$certificate" ]; then cp "$certificate" /usr/local/share/ca-certificates/; fi
done
for certificate in /custom/*.pem; do
  if [ -e "$certificate" ]; then cp "$certificate" "/usr/local/share/ca-certificates/$(basename "$certificate" .pem)-pem.crt"; fi
done
update-ca-certificates
cp -r /etc/ssl/certs /ca-certs/
"""  # noqa: E501 - a change would restart pods


def not_allowed(constraints: str, allowed: str) -> Finding | None:
    """Return why pods may not be given SecurityContextConstraints, or None where they may.

    Args:
        constraints: the name of what the pods need.
        allowed: the names that the installation allows, separated by commas.
    """
    if constraints in allowed.split(","):
        return None
    return Finding(
        "ConstraintsNotAllowed",
        f"The pods need the SecurityContextConstraints {constraints}, but this installation allows "
        f"only {allowed.replace(',', ', ')}",
        _INSTEAD.get(constraints, "") + "ask the administrator for the component that allows them",
    )


_INSTEAD = {
    "anyuid": "let nothing run as user 0 and remove spec.proxy.certConfigMap, or ",
    "hostmount-anyuid": "use a claim instead of a directory of the node, or ",
}
"""What makes constraints unnecessary."""


def confined(*, openshift: bool) -> Manifest:
    """Return the settings that keep a container from gaining rights, whatever its user."""
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        # On OpenShift the constraints choose the profile. The first ones refuse a pod with its own.
        "seccompProfile": None if openshift else {"type": "RuntimeDefault"},
    }


def certificates(image: str, pull_policy: str | None, *, openshift: bool) -> Manifest:
    """Return the init container that adds the certificates in ``/custom`` to ``/ca-certs``."""
    return {
        "name": CERTIFICATES,
        "image": image,
        "imagePullPolicy": pull_policy,
        "command": ["/bin/sh", "-c", _CERTIFICATES_SCRIPT],
        "terminationMessagePolicy": LAST_WORDS,
        # root owns the system's certificates
        "securityContext": {
            **confined(openshift=openshift),
            "runAsUser": 0,
            "runAsNonRoot": False,
        },
    }
