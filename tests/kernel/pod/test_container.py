"""Cause: containers that cannot start, do not stay up, or are on their way."""

import pytest

from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.kernel.pod.troubled import LOG, POD, worst
from tests.situations import pods


@pytest.mark.parametrize(
    ("said", "missing", "remedy"),
    [
        (
            'secret "ngc-api-secret" not found',
            "Secret ngc-api-secret",
            "create it in namespace nim",
        ),
        ('configmap "certs" not found', "ConfigMap certs", "create it in namespace nim"),
        (
            "couldn't find key NGC_API_KEY in Secret nim/ngc-api-secret",
            "Key NGC_API_KEY of Secret ngc-api-secret",
            "add the key",
        ),
        (
            "couldn't find key ca.crt in ConfigMap nim/certs",
            "Key ca.crt of ConfigMap certs",
            "add the key",
        ),
    ],
)
def test_a_missing_secret_configmap_or_key_is_named(said: str, missing: str, remedy: str) -> None:
    assert worst(pods.waiting("CreateContainerConfigError", said)) == Finding(
        "CreateContainerConfigError",
        f"{missing} is missing for container llama-ctr in {POD}",
        remedy,
    )


def test_a_root_image_is_told_to_run_as_somebody() -> None:
    said = 'container has runAsNonRoot and image will run as root (pod: "llama-7d9f8c6b5-aaaaa_nim(5a0a4b3e)", container: llama-ctr)'
    found = worst(pods.waiting("CreateContainerConfigError", said))
    assert found.reason == "CreateContainerConfigError"
    assert found.remedy == "set spec.userID to a user of the image other than root"


def test_an_error_of_the_configuration_nobody_knows_is_quoted() -> None:
    found = worst(
        pods.waiting(
            "CreateContainerConfigError",
            "failed to sync secret cache: timed out waiting for the condition",
        )
    )
    assert '("failed to sync secret cache: timed out waiting for the condition")' in found.message


@pytest.mark.parametrize(
    ("reason", "known", "said", "remedy"),
    [
        (
            "RunContainerError",
            "RunContainerError",
            'exec: "serve": executable file not found in $PATH: unknown',
            "check spec.command against the image",
        ),
        (
            "RunContainerError",
            "RunContainerError",
            "failed to create containerd task: error during container init: nvidia-container-cli: initialization error: nvml error: driver not loaded",
            "check the GPU driver and the container toolkit of node gpu-node-1",
        ),
        (
            "CreateContainerError",
            "CreateContainerError",
            "failed to generate container spec: failed to inject CDI devices: unresolvable CDI devices k8s.gpu.nvidia.com/claim=1",
            "check the GPU driver and the container toolkit of node gpu-node-1",
        ),
        (
            "CreateContainerError",
            "CreateContainerError",
            "context deadline exceeded",
            "check the container runtime of node gpu-node-1",
        ),
        (
            "PostStartHookError",
            "RunContainerError",
            "",
            "check the container runtime of node gpu-node-1",
        ),
        (
            "SomethingOfTomorrow",
            "CreateContainerError",
            "tomorrow",
            "check the container runtime of node gpu-node-1",
        ),
    ],
)
def test_a_container_that_cannot_be_started(
    reason: str, known: str, said: str, remedy: str
) -> None:
    found = worst(pods.waiting(reason, said))
    assert found.reason == known
    assert found.remedy.endswith(remedy)


def test_a_start_error_reads_the_same_while_the_kubelet_backs_off() -> None:
    said = 'failed to create containerd task: exec: "serve": executable file not found in $PATH'
    looping = pods.crashing(128, "StartError", said)
    assert worst(looping) == worst(pods.waiting("RunContainerError", said))


def test_a_failing_init_container_is_named() -> None:
    blocked = pods.waiting("PodInitializing")
    found = worst(blocked, init=[pods.crashing(2, message="cannot reach proxy", name="ca-cert")])
    assert found.reason == "CrashLoopBackOff"
    assert found.message.startswith(
        f'Init container ca-cert ended with exit code 2 after 4 restarts in {POD} ("cannot reach proxy")'
    )


def test_a_running_init_container_is_named() -> None:
    found = worst(pods.waiting("PodInitializing"), init=[pods.running(name="download")])
    assert found.reason == "PodInitializing"
    assert found.message == f"Init container download has been running in {POD} since {pods.SINCE}"


def test_a_native_sidecar_that_has_started_is_no_trouble() -> None:
    proxy = {"name": "proxy", "restartPolicy": "Always"}
    found = worst(
        pods.running(),
        init=[pods.running(name="proxy", started=True)],
        spec={"initContainers": [proxy]},
    )
    assert found.reason == "Starting"


def test_a_sidecar_in_trouble_is_named() -> None:
    found = worst(pods.running(started=True), pods.crashing(1, name="logger"))
    assert found.reason == "CrashLoopBackOff"
    assert "Container logger ended with exit code 1" in found.message


def test_a_starting_container_tells_since_when_and_for_how_long() -> None:
    assert worst(pods.running()) == Finding(
        "Starting",
        f"Container llama-ctr has been starting in {POD} since 2026-03-01T11:50:00Z"
        " (its startup probe allows 1230 s, until 2026-03-01T12:10:30Z)",
        f"see its progress in {LOG}",
    )


def test_without_a_startup_probe_there_is_no_end_to_tell() -> None:
    found = worst(
        pods.running(), spec={"containers": [{"name": pods.CONTAINER, "image": pods.IMAGE}]}
    )
    assert found.message.endswith(" since 2026-03-01T11:50:00Z")


def test_volumes_and_network_are_waited_for_before_the_sandbox_is_ready() -> None:
    assert worst(pods.waiting("ContainerCreating")) == Finding(
        "ContainerCreating",
        f"Node gpu-node-1 is still preparing the volumes (claim models) or the network of {POD}",
        "see the events in kubectl describe pod llama-7d9f8c6b5-aaaaa -n nim",
    )


def test_the_image_is_waited_for_once_the_sandbox_is_ready() -> None:
    found = worst(
        pods.waiting("ContainerCreating"), conditions={"PodReadyToStartContainers": "True"}
    )
    assert found.reason == "ContainerCreating"
    assert (
        found.message
        == f"The node is pulling image {pods.IMAGE}, or creating container llama-ctr, in {POD}"
    )


def test_after_the_init_containers_the_image_is_waited_for_too() -> None:
    found = worst(pods.waiting("PodInitializing"), init=[pods.completed("ca-cert")])
    assert found.reason == "ContainerCreating"
    assert "creating container llama-ctr" in found.message


def test_a_pod_that_serves_is_no_trouble() -> None:
    assert cause.worst(pods.context(pods.pod(pods.serving()))) is None


def test_a_pod_the_kubelet_has_not_seen_yet_is_no_trouble() -> None:
    assert cause.worst(pods.context(pods.pod())) is None
