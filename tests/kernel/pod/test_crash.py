"""Crash: why a container has ended, and what its last lines say."""

from typing import Any

import pytest

from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.kernel.pod.troubled import LOG, POD, worst
from tests.situations import nimservice as situation
from tests.situations import pods


def test_a_crash_has_its_exit_code_and_its_last_lines() -> None:
    trace = 'Traceback (most recent call last):\n  File "/opt/nim/start.py", line 7\n\nRuntimeError: no profile fits 1x A10G\n'
    assert worst(pods.crashing(1, message=trace)) == Finding(
        "CrashLoopBackOff",
        f"Container llama-ctr ended with exit code 1 after 4 restarts in {POD}"
        ' ("Traceback (most recent call last): / File "/opt/nim/start.py", line 7 / RuntimeError: no profile fits 1x A10G")',
        f"see {LOG} --previous",
    )


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (0, "check that spec.command and spec.args start a server"),
        (1, f"see {LOG} --previous"),
        (127, "check that spec.command exists in the image"),
        (137, "give it more time with spec.startupProbe if a probe stopped it"),
        (139, "try another version of the image or of the GPU driver"),
        (143, "give it more time with spec.startupProbe if a probe stopped it"),
    ],
)
def test_an_exit_code_that_explains_itself_has_its_remedy(code: int, remedy: str) -> None:
    found = worst(pods.crashing(code, "Completed" if code == 0 else "Error"))
    assert found.reason == "CrashLoopBackOff"
    assert f"ended with exit code {code} " in found.message
    assert found.remedy.endswith(remedy)


@pytest.mark.parametrize("code", [None, [], "1", True])
def test_an_exit_code_that_is_none_is_left_out(code: Any) -> None:
    found = worst(pods.crashing(code))
    assert found.reason == "CrashLoopBackOff"
    assert "Container llama-ctr ended after 4 restarts in pod " in found.message


def test_a_crash_reads_the_same_before_during_and_after_the_wait() -> None:
    ended = pods.terminated(1, message="no profile")
    looping = worst(pods.crashing(1, message="no profile", restarts=2))
    assert worst(pods.container(ended, restarts=2)) == looping
    assert worst(pods.running(restarts=2, last=ended)) == looping


def test_a_crash_of_long_ago_is_not_told_of_a_container_that_has_started() -> None:
    found = worst(pods.running(started=True, restarts=1, last=pods.terminated(1)))
    assert found == Finding(
        "ContainersNotReady",
        f"The readiness probe of container llama-ctr fails in {POD}",
        f"see {LOG}",
    )


def test_out_of_memory_tells_the_limit() -> None:
    limited = situation.nimservice(resources={"limits": {"nvidia.com/gpu": 1, "memory": "32Gi"}})
    found = cause.worst(
        pods.context(pods.pod(pods.crashing(137, "OOMKilled"), nim=limited), nim=limited)
    )
    assert found == Finding(
        "OOMKilled",
        f"Container llama-ctr ran out of memory after 4 restarts in {POD} (memory limit 32Gi)",
        "raise spec.resources.limits.memory, or serve a smaller profile",
    )


def test_out_of_memory_without_a_limit_says_so() -> None:
    found = worst(pods.crashing(137, "OOMKilled"))
    assert "(no memory limit)" in found.message
    assert "spec.resources.requests.memory" in found.remedy
