"""Cause: images that are not there."""

import pytest

from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.situations import pods
from tests.situations.pods import IMAGE

UNAUTHORIZED = (
    f'failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": failed to authorize: failed to fetch anonymous'
    " token: unexpected status from GET request to https://nvcr.io/proxy_auth?scope=repository%3Anim%2Fmeta%3Apull: 401 Unauthorized"
)
NOT_FOUND = f'rpc error: code = NotFound desc = failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": {IMAGE}: not found'
TIMEOUT = (
    f'rpc error: code = Unknown desc = failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": failed to do'
    ' request: Head "https://nvcr.io/v2/nim/meta/manifests/1.12.0": dial tcp 10.0.0.1:443: i/o timeout'
)


def worst(reason: str, message: str, **spec: object) -> Finding:
    found = cause.worst(pods.context(pods.pod(pods.waiting(reason, message), spec=spec)))
    assert found is not None
    return found


def test_the_image_the_registrys_words_and_the_pull_secret_are_named() -> None:
    assert worst("ErrImagePull", UNAUTHORIZED) == Finding(
        "ImagePullBackOff",
        f"The node cannot pull image {IMAGE} of container llama-ctr in pod llama-7d9f8c6b5-aaaaa"
        ' ("unexpected status from GET request to https://nvcr.io/proxy_auth: 401 Unauthorized")',
        "check that pull secret ngc-secret exists in namespace nim and has a valid key for nvcr.io",
    )


def test_a_try_and_the_wait_after_it_read_the_same() -> None:
    backing_off = f'Back-off pulling image "{IMAGE}": ErrImagePull: {UNAUTHORIZED}'
    assert worst("ImagePullBackOff", backing_off) == worst("ErrImagePull", UNAUTHORIZED)


def test_without_a_pull_secret_one_is_asked_for() -> None:
    found = worst("ErrImagePull", UNAUTHORIZED, imagePullSecrets=[])
    assert found.remedy == "name a pull secret for nvcr.io in the image's pullSecrets"


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        (NOT_FOUND, "correct its repository and tag"),
        ("manifest unknown: manifest tagged by 9 is not found", "correct its repository and tag"),
        (
            "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope",
            "check that pull secret",
        ),
        ("no basic auth credentials", "check that pull secret"),
        ("unexpected status code 403 Forbidden", "check that pull secret"),
        (TIMEOUT, "between node gpu-node-1 and nvcr.io"),
        ("dial tcp: lookup nvcr.io: no such host", "between node gpu-node-1 and nvcr.io"),
        (
            "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "trust the certificate of nvcr.io",
        ),
        (
            "write /var/lib/containerd/io.containerd.content.v1.content/ingest: no space left on device",
            "free disk space on node gpu-node-1",
        ),
        (
            "no match for platform in manifest: not found",
            "for the processor architecture of node gpu-node-1",
        ),
        (
            "429 Too Many Requests - toomanyrequests: You have reached your unauthenticated pull rate limit",
            "wait until nvcr.io allows more pulls",
        ),
        (
            "",
            "check that its repository and tag exist and that pull secret ngc-secret exists in namespace nim",
        ),
        ("", "see the registry's answer in kubectl describe pod llama-7d9f8c6b5-aaaaa -n nim"),
    ],
)
def test_the_remedy_follows_what_the_registry_says(said: str, remedy: str) -> None:
    assert remedy in worst("ErrImagePull", said).remedy


@pytest.mark.parametrize(
    ("reason", "message", "remedy"),
    [
        (
            "InvalidImageName",
            'Failed to apply default image tag "NIM:1": couldn\'t parse image reference',
            "correct its repository and tag",
        ),
        (
            "ErrImageNeverPull",
            f'Container image "{IMAGE}" is not present with pull policy of Never',
            "load the image onto the node, or set another pull policy",
        ),
        (
            "SignatureValidationFailed",
            "image signature is not valid",
            "sign the image, or change the node's policy",
        ),
        (
            "ImageInspectError",
            f'Failed to inspect image "{IMAGE}": rpc error',
            "check the container runtime of the node",
        ),
    ],
)
def test_kubernetes_own_reasons_stay(reason: str, message: str, remedy: str) -> None:
    found = worst(reason, message)
    assert found.reason == reason
    assert IMAGE in found.message
    assert found.remedy == remedy


def test_an_unavailable_registry_is_a_pull_that_failed() -> None:
    found = worst(
        "RegistryUnavailable", f"image pull failed for {IMAGE} because the registry is unavailable."
    )
    assert found.reason == "ImagePullBackOff"
    assert "between node gpu-node-1 and nvcr.io" in found.remedy


def test_an_image_without_a_registry_comes_from_docker_hub() -> None:
    spec = {"containers": [{"name": pods.CONTAINER, "image": "library/busybox:1"}]}
    found = worst("ErrImagePull", "i/o timeout", **spec)
    assert "between node gpu-node-1 and docker.io" in found.remedy
