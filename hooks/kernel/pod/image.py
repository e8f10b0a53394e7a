"""Image: why the node does not have the image of a container, by the registry's answer."""

import re

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, text
from hooks.kernel.pod import command
from hooks.kernel.pod.subject import Subject
from hooks.kernel.pod.trouble import Explanation, Symptom

REASONS = {
    "InvalidImageName": "InvalidImageName",
    "ErrImageNeverPull": "ErrImageNeverPull",
    "SignatureValidationFailed": "SignatureValidationFailed",
    "ImageInspectError": "ImageInspectError",
    # A kubelet alternates between these with every try. One reason for all of them does not flap.
    "ImagePullBackOff": "ImagePullBackOff",
    "ErrImagePull": "ImagePullBackOff",
    "RegistryUnavailable": "ImagePullBackOff",
}
"""Our reason for each reason of the kubelet."""

_WRAPPING = re.compile(
    r"Back-off pulling image \"[^\"]*\"(?:: ErrImagePull)?:?|rpc error: code = \w+ desc ="
    r"|(?:Error response from daemon|Failed to pull image):|failed to (?:pull and unpack image"
    r"|resolve reference|resolve image|copy|do request|fetch \w+ token|authorize)(?: \"[^\"]*\")?:"
)

_REMEDIES = (
    (
        re.compile(r"toomanyrequests|too many requests|rate limit"),
        "wait until {registry} allows more pulls, or name the pull secret of an account",
    ),
    (
        re.compile(r"no match for platform|no matching manifest"),
        "choose an image for the processor architecture of node {node}, or another node",
    ),
    (re.compile(r"no space left"), "free disk space on node {node}"),
    (re.compile(r"x509|certificate"), "make node {node} trust the certificate of {registry}"),
    (
        re.compile(
            r"timeout|deadline exceeded|refused|no such host|unreachable|unavailable|\beof\b"
            r"|reset by peer"
        ),
        "check the network between node {node} and {registry}, its proxy, and the registry",
    ),
)
_UNAUTHORIZED = re.compile(
    r"unauthorized|\b40[13]\b|forbidden|denied|no basic auth|authenticat|authoriz"
)
_ABSENT = re.compile(r"not found|unknown|does not exist")


def symptom(subject: Subject, waiting: Manifest) -> Symptom:
    """Return why a container waits for its image."""
    reason = REASONS[waiting["reason"]]
    return Symptom(
        reason,
        lambda where: _tell(reason, subject, text(waiting.get("message")), where),
        subject.name,
    )


def _tell(reason: str, subject: Subject, message: str, where: str) -> Explanation:
    image = f"image {prose.of(subject.image, 256)} of {subject}"
    if reason == "InvalidImageName":
        return Explanation(f"The name of {image} is invalid in {where}", subject.fields.image)
    if reason == "ErrImageNeverPull":
        return Explanation(
            f"The node lacks {image}, and the pull policy is Never, in {where}",
            "load the image onto the node, or set another pull policy",
        )
    answer = _WRAPPING.sub("", message[:4096]).replace(f"{subject.image}: ", "").strip()
    said = prose.of(answer, 240)
    in_pod = f"in {where}{prose.quoted(said)}"
    if reason == "SignatureValidationFailed":
        return Explanation(
            f"The node refuses the signature of {image} {in_pod}",
            "sign the image, or change the node's policy",
        )
    if reason == "ImageInspectError":
        return Explanation(
            f"The node cannot read {image} {in_pod}", "check the container runtime of the node"
        )
    return Explanation(f"The node cannot pull {image} {in_pod}", _remedy(subject, said.lower()))


def _remedy(subject: Subject, said: str) -> str:
    registry = _registry(subject.image)
    for pattern, remedy in _REMEDIES:
        if pattern.search(said):
            return remedy.format(registry=registry, node=subject.node)
    check = _check_credentials(subject, registry)
    if _UNAUTHORIZED.search(said):
        return f"check {check}" if check else _name_a_secret(subject, registry)
    if _ABSENT.search(said):
        return subject.fields.image
    # Older kubelets only say that they wait: they have forgotten the registry's answer by then.
    rest = f" and {check}" if check else f", {_name_a_secret(subject, registry)}"
    look = command.describe(subject.pod, "pod")
    return f"check that its repository and tag exist{rest}, or see the registry's answer in {look}"


def _check_credentials(subject: Subject, registry: str) -> str:
    """Return what to check about the pod's pull secrets; nothing if it has none."""
    secrets = prose.listed(
        text(each.get("name"))
        for each in mappings(mapping(subject.pod.get("spec")).get("imagePullSecrets"))
    )
    exists = f"that pull secret {secrets} exists in namespace {subject.namespace}"
    return f"{exists} and has a valid key for {registry}" if secrets else ""


def _name_a_secret(subject: Subject, registry: str) -> str:
    return f"name a pull secret for {registry} in {subject.fields.pull_secrets}"


def _registry(image: str) -> str:
    first, slash, _ = image.partition("/")
    return (
        prose.shortened(first, 128)
        if slash and ("." in first or ":" in first or first == "localhost")
        else "docker.io"
    )
