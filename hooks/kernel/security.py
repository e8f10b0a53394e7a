"""Security: what keeps a container from gaining rights, and the one container that needs root (Pod Security Standard ``restricted``)."""

from hooks.kernel.manifest import Manifest

CERTIFICATES = "update-ca-certificates"
"""Name of the init container that adds a user's certificates to those the containers trust."""

_CERTIFICATES_SCRIPT = """\
for certificate in /custom/*.crt; do
  if [ -e "$certificate" ]; then cp "$certificate" /usr/local/share/ca-certificates/; fi
done
for certificate in /custom/*.pem; do
  if [ -e "$certificate" ]; then cp "$certificate" "/usr/local/share/ca-certificates/$(basename "$certificate" .pem)-pem.crt"; fi
done
update-ca-certificates
cp -r /etc/ssl/certs /ca-certs/
"""


def confined(*, openshift: bool) -> Manifest:
    """Return what keeps any container from gaining rights, whoever it runs as."""
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        # OpenShift's constraints choose the profile, and those that come first refuse a pod that names one.
        "seccompProfile": None if openshift else {"type": "RuntimeDefault"},
    }


def certificates(image: str, pull_policy: str | None, *, openshift: bool) -> Manifest:
    """Return the init container that adds a user's certificates; it reads ``/custom`` and writes ``/ca-certs``."""
    return {
        "name": CERTIFICATES,
        "image": image,
        "imagePullPolicy": pull_policy,
        "command": ["/bin/sh", "-c", _CERTIFICATES_SCRIPT],
        # Root, because the system's certificates belong to it.
        "securityContext": {
            **confined(openshift=openshift),
            "runAsUser": 0,
            "runAsNonRoot": False,
        },
    }
