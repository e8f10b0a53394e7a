"""Image: why the image of a container is not there, by what the registry says."""

import re

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, text
from hooks.kernel.pod import command
from hooks.kernel.pod.subject import Subject
from hooks.kernel.pod.trouble import Symptom

REASONS = {
    "InvalidImageName": "InvalidImageName",
    "ErrImageNeverPull": "ErrImageNeverPull",
    "SignatureValidationFailed": "SignatureValidationFailed",
    "ImageInspectError": "ImageInspectError",
    # A kubelet changes between these with every try; one reason for all of them does not flap.
    "ImagePullBackOff": "ImagePullBackOff",
    "ErrImagePull": "ImagePullBackOff",
    "RegistryUnavailable": "ImagePullBackOff",
}
"""The kubelet's reasons for a waiting container, and ours."""

_WRAPPING = re.compile(
    r"Back-off pulling image \"[^\"]*\"(?:: ErrImagePull)?:?|rpc error: code = \w+ desc =|(?:Error response from daemon|Failed to pull image):"
    r"|failed to (?:pull and unpack image|resolve reference|resolve image|copy|do request|fetch \w+ token|authorize)(?: \"[^\"]*\")?:"
)

_REMEDIES = (
    (
        re.compile(r"toomanyrequests|too many requests|rate limit"),
        "{registry} limits its pulls; wait, or name a pull secret of an account",
    ),
    (
        re.compile(r"no match for platform|no matching manifest"),
        "it is not made for the processor of node {node}; choose an image or a node that fits",
    ),
    (re.compile(r"no space left"), "free space on the disk of node {node}"),
    (re.compile(r"x509|certificate"), "let node {node} trust the certificate of {registry}"),
    (
        re.compile(
            r"timeout|deadline exceeded|refused|no such host|unreachable|unavailable|\beof\b|reset by peer"
        ),
        "check the way from node {node} to {registry}: its network, its proxy, the registry itself",
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


def _tell(reason: str, subject: Subject, message: str, where: str) -> str:
    image = f"image {prose.of(subject.image, 256)}"
    if reason == "InvalidImageName":
        return f"{image} of {subject} has a name that cannot be read in {where}: correct its repository and tag"
    if reason == "ErrImageNeverPull":
        return f"{image} of {subject} is not on the node and its pull policy is Never in {where}: load it there, or set another policy"
    said = prose.of(
        _WRAPPING.sub("", message[:4096]).replace(f"{subject.image}: ", "").strip(), 240
    )
    if reason == "SignatureValidationFailed":
        return f"{image} of {subject} is refused for its signature in {where}{prose.quoted(said)}: sign it, or change the node's policy"
    if reason == "ImageInspectError":
        return f"{image} of {subject} cannot be read in {where}{prose.quoted(said)}: look at the container runtime of the node"
    return f"{image} of {subject} cannot be pulled in {where}{prose.quoted(said)}: {_remedy(subject, said.lower())}"


def _remedy(subject: Subject, said: str) -> str:
    registry = _registry(subject.image)
    for pattern, remedy in _REMEDIES:
        if pattern.search(said):
            return remedy.format(registry=registry, node=subject.node)
    if _UNAUTHORIZED.search(said):
        return _credentials(subject, registry)
    if _ABSENT.search(said):
        return "correct its repository and tag"
    return f"{_nothing_said(subject, registry)}; {command.describe(subject.pod, 'pod')} has the registry's answer"


def _nothing_said(subject: Subject, registry: str) -> str:
    """Return what to look at where the kubelet only says that it waits: older ones have forgotten the answer by then."""
    return f"check that its repository and tag exist, and {_credentials(subject, registry).removeprefix('check ')}"


def _credentials(subject: Subject, registry: str) -> str:
    secrets = prose.listed(
        text(each.get("name"))
        for each in mappings(mapping(subject.pod.get("spec")).get("imagePullSecrets"))
    )
    if not secrets:
        return f"name a pull secret for {registry} in the image's pullSecrets"
    return f"check that pull secret {secrets} exists in namespace {subject.namespace} and its key for {registry} is valid"


def _registry(image: str) -> str:
    first, slash, _ = image.partition("/")
    return (
        prose.shortened(first, 128)
        if slash and ("." in first or ":" in first or first == "localhost")
        else "docker.io"
    )
