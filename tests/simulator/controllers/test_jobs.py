"""Jobs: how they run their pods, and what they report; the figures are those of Kubernetes 1.36."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hooks.cluster.api import Object
from hooks.kernel.observed import condition
from nimservice_simulator.controllers import eviction
from nimservice_simulator.controllers.jobs import JOB
from nimservice_simulator.controllers.scenarios import READY, SCENARIOS, Ending, Start
from tests.jobs import IGNORE_DISRUPTION, job
from tests.simulator.inside import Cluster


def cluster(ends: Callable[[Start], Ending | None]) -> Cluster:
    found = Cluster()
    found.kubelet.play(replace(READY, ends=ends))
    return found


def fails(times: int = 100, message: str = "", code: int = 1) -> Callable[[Start], Ending]:
    """Return what ends badly so many times, and well from then on."""
    return lambda start: Ending(code if start.failures < times else 0, message, 10)


def status(found: Cluster) -> Object:
    result: Object = found.get(JOB, "j")["status"]
    return result


def counts(found: Cluster) -> tuple[int, int, int, int]:
    """Return how many pods are active, ready, succeeded and failed."""
    now = status(found)
    return (
        now.get("active", 0),
        now["ready"],
        now.get("succeeded", 0),
        now.get("failed", 0),
    )


def reasons(found: Cluster) -> dict[str, str]:
    return {each["type"]: each["reason"] for each in status(found).get("conditions", [])}


def test_a_job_runs_to_its_end() -> None:
    found = Cluster()
    found.make(job())
    found.settle(1)
    assert counts(found) == (1, 0, 0, 0)
    found.settle(25)
    assert counts(found) == (1, 1, 0, 0)
    found.settle()
    assert counts(found) == (0, 0, 1, 0)
    assert reasons(found) == {
        "SuccessCriteriaMet": "CompletionsReached",
        "Complete": "CompletionsReached",
    }
    assert status(found)["startTime"] == "2026-01-01T00:00:00Z"
    assert status(found)["completionTime"] == "2026-01-01T00:00:50Z"
    (pod,) = found.pods()
    assert pod["status"]["phase"] == "Succeeded"
    assert condition(pod, "Ready")["reason"] == "PodCompleted"


def test_its_pods_have_the_labels_of_jobs() -> None:
    found = Cluster()
    uid = found.make(job())["metadata"]["uid"]
    found.settle(1)
    assert found.pods()[0]["metadata"]["labels"] == {
        "batch.kubernetes.io/job-name": "j",
        "job-name": "j",
        "batch.kubernetes.io/controller-uid": uid,
        "controller-uid": uid,
    }


def test_a_failed_pod_is_replaced_after_ten_seconds_then_twenty() -> None:
    found = cluster(fails(2))
    found.make(job())
    found.settle(30)  # 20 until the container runs, 10 until it fails
    assert counts(found) == (0, 0, 0, 1)
    found.settle(9)
    assert len(found.pods()) == 1
    found.settle(1)
    assert counts(found) == (1, 0, 0, 1)
    found.settle(30 + 19)
    assert (len(found.pods()), counts(found)) == (2, (0, 0, 0, 2))
    found.settle(1)
    assert counts(found) == (1, 0, 0, 2)
    found.settle()
    assert counts(found) == (0, 0, 1, 2)
    assert "Complete" in reasons(found)


def test_a_job_fails_when_more_pods_fail_than_its_limit() -> None:
    found = cluster(fails())
    found.make(job(backoffLimit=1))
    found.settle()
    assert counts(found) == (0, 0, 0, 2)
    assert reasons(found) == {
        "FailureTarget": "BackoffLimitExceeded",
        "Failed": "BackoffLimitExceeded",
    }
    assert "completionTime" not in status(found)
    assert [pod["status"]["phase"] for pod in found.pods()] == ["Failed", "Failed"]


def test_a_container_leaves_its_message() -> None:
    found = cluster(fails(message="401 Unauthorized"))
    found.make(job(backoffLimit=0))
    found.settle()
    end = found.pods()[0]["status"]["containerStatuses"][0]["state"]["terminated"]
    assert end == {
        "exitCode": 1,
        "reason": "Error",
        "message": "401 Unauthorized",
        "startedAt": "2026-01-01T00:00:20Z",
        "finishedAt": "2026-01-01T00:00:30Z",
    }


def test_the_kubelet_keeps_4096_bytes_of_a_message() -> None:
    found = cluster(fails(message="é" * 3000))
    found.make(job(backoffLimit=0))
    found.settle()
    end = found.pods()[0]["status"]["containerStatuses"][0]["state"]["terminated"]
    assert end["message"] == "é" * 2048


def test_a_container_is_restarted_in_its_pod_on_failure() -> None:
    found = cluster(fails(2))
    found.make(job(restart="OnFailure"))
    found.settle(35)
    (pod,) = found.pods()
    (container,) = pod["status"]["containerStatuses"]
    assert container["restartCount"] == 1
    assert container["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert container["lastState"]["terminated"]["exitCode"] == 1
    found.settle()
    assert counts(found) == (0, 0, 1, 0)
    assert found.pods()[0]["status"]["containerStatuses"][0]["restartCount"] == 2


def test_restarts_count_against_the_limit_and_the_pod_goes() -> None:
    found = cluster(fails())
    found.make(job(restart="OnFailure", backoffLimit=2))
    found.settle()
    assert reasons(found)["Failed"] == "BackoffLimitExceeded"
    assert counts(found) == (0, 0, 0, 1)
    assert not found.pods()


def test_init_containers_end_one_after_the_other() -> None:
    started: list[str] = []

    def ends(start: Start) -> Ending:
        started.append(start.container)
        return Ending(after=5)

    found = cluster(ends)
    found.make(job(inits=("first", "second")))
    found.settle(22)
    (pod,) = found.pods()
    assert condition(pod, "Initialized")["status"] == "False"
    assert pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "PodInitializing"
    assert "running" in pod["status"]["initContainerStatuses"][0]["state"]
    found.settle()
    assert started == ["first", "second", "main"]
    assert [
        each["state"]["terminated"]["exitCode"]
        for each in found.pods()[0]["status"]["initContainerStatuses"]
    ] == [0, 0]
    assert counts(found) == (0, 0, 1, 0)


def test_an_init_container_that_fails_fails_the_pod() -> None:
    found = cluster(lambda start: Ending(3, "no certificate", 5) if start.init else Ending())
    found.make(job(inits=("first",), backoffLimit=0))
    found.settle()
    (pod,) = found.pods()
    assert pod["status"]["phase"] == "Failed"
    assert pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] == 3
    assert "waiting" in pod["status"]["containerStatuses"][0]["state"]
    assert "Failed" in reasons(found)


def test_a_container_that_never_ends_meets_the_deadline() -> None:
    found = cluster(lambda _: None)
    found.make(job(activeDeadlineSeconds=100))
    found.settle(90)
    assert counts(found) == (1, 1, 0, 0)
    found.settle()
    assert reasons(found)["Failed"] == "DeadlineExceeded"
    assert counts(found) == (0, 0, 0, 1)
    assert not found.pods()


def test_a_suspended_job_has_no_pods_and_starts_anew_when_it_is_resumed() -> None:
    found = Cluster()
    found.make(job())
    found.settle(25)
    found.server.edit(JOB, "default", "j", lambda obj: obj["spec"].update(suspend=True))
    found.settle(10)
    assert counts(found) == (0, 0, 0, 0)
    assert reasons(found) == {"Suspended": "JobSuspended"}
    assert "startTime" not in status(found)
    found.server.edit(JOB, "default", "j", lambda obj: obj["spec"].update(suspend=False))
    found.settle(1)
    assert reasons(found) == {"Suspended": "JobResumed"}
    assert status(found)["startTime"] == "2026-01-01T00:00:35Z"
    found.settle()
    assert counts(found) == (0, 0, 1, 0)


def test_a_job_is_deleted_with_its_pods() -> None:
    found = Cluster()
    found.make(job())
    found.settle(25)
    found.server.delete(JOB, "default", "j")
    found.settle(10)
    assert not found.pods()


def test_a_finished_job_goes_when_its_time_is_over() -> None:
    found = Cluster()
    found.make(job(ttlSecondsAfterFinished=600))
    found.settle(640)
    assert "Complete" in reasons(found)
    found.settle(20)
    assert not found.server.exists(JOB, "default", "j")
    assert not found.pods()


def test_several_pods_run_side_by_side_until_enough_succeeded() -> None:
    found = Cluster()
    found.make(job(parallelism=2, completions=3))
    found.settle(25)
    assert counts(found) == (2, 2, 0, 0)
    found.settle(35)
    assert counts(found) == (1, 0, 2, 0)
    found.settle()
    assert counts(found) == (0, 0, 3, 0)


def test_an_evicted_pod_is_replaced_and_counts_as_failed() -> None:
    found = cluster(lambda _: None)
    found.make(job(backoffLimit=0))
    found.settle(25)
    eviction.drain(found.kubelet.world)
    found.settle(1)
    assert reasons(found) == {"FailureTarget": "BackoffLimitExceeded"}
    assert status(found)["terminating"] == 1
    found.settle(10)
    assert reasons(found)["Failed"] == "BackoffLimitExceeded"
    assert counts(found) == (0, 0, 0, 1)


def test_an_eviction_that_is_ignored_costs_no_attempt() -> None:
    found = cluster(lambda _: None)
    found.make(job(backoffLimit=0, podFailurePolicy=IGNORE_DISRUPTION))
    found.settle(25)
    (pod,) = eviction.drain(found.kubelet.world)
    found.settle(1)
    assert condition(found.pods()[0], "DisruptionTarget")["reason"] == "EvictionByEvictionAPI"
    assert (counts(found), status(found)["terminating"]) == ((0, 0, 0, 0), 1)
    found.kubelet.play(READY)
    found.settle()
    assert pod["metadata"]["name"] not in {each["metadata"]["name"] for each in found.pods()}
    assert counts(found) == (0, 0, 1, 0)


@pytest.mark.parametrize(("policy", "together"), [("Failed", 1), ("TerminatingOrFailed", 2)])
def test_the_replacement_policy_says_whether_two_pods_meet(policy: str, together: int) -> None:
    found = Cluster()
    found.kubelet.play(replace(READY, ends=lambda _: None, stopping=30))
    found.make(job(podReplacementPolicy=policy))
    found.settle(25)
    eviction.drain(found.kubelet.world)
    found.settle(15)  # the wait after a failure is over, and the pod is not
    assert len(found.pods()) == together
    found.settle(60)
    assert (len(found.pods()), counts(found)) == (1, (1, 1, 0, 1))


def test_an_exit_code_may_fail_the_job_at_once() -> None:
    codes = {"operator": "In", "values": [42], "containerName": "main"}
    policy = {"rules": [{"action": "FailJob", "onExitCodes": codes}]}
    found = cluster(fails(code=42))
    found.make(job(podFailurePolicy=policy))
    found.settle()
    assert reasons(found)["Failed"] == "PodFailurePolicy"
    (pod,) = found.pods()
    assert condition(found.get(JOB, "j"), "Failed")["message"] == (
        f"Container main for pod default/{pod['metadata']['name']} failed with exit code 42"
        " matching FailJob rule at index 0"
    )


@pytest.mark.parametrize(
    ("scenario", "code", "reason"), [("crash", 1, "Error"), ("oom", 137, "OOMKilled")]
)
def test_the_common_scenarios_fail_a_job(scenario: str, code: int, reason: str) -> None:
    found = Cluster(scenario)
    found.make(job(backoffLimit=0, inits=("first",)))
    found.settle()
    assert "Failed" in reasons(found)
    end = found.pods()[0]["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (end["exitCode"], end["reason"]) == (code, reason)


def test_a_repair_lets_a_waiting_job_run() -> None:
    found = Cluster("image-pull")
    found.make(job())
    found.settle()
    assert counts(found) == (1, 0, 0, 0)
    found.kubelet.play(SCENARIOS["ready"])
    found.settle()
    assert counts(found) == (0, 0, 1, 0)


def test_a_finished_pod_is_not_run_again() -> None:
    found = Cluster()
    found.make(job())
    found.settle()
    before = found.pods()
    found.kubelet.play(SCENARIOS["crash"])
    found.settle()
    assert found.pods() == before


def test_a_pod_that_is_deleted_before_it_has_a_node_is_replaced() -> None:
    found = Cluster("unschedulable")
    found.make(job())
    found.settle(5)
    (pod,) = found.pods()
    found.server.delete(
        eviction.POD, "default", pod["metadata"]["name"], uid=pod["metadata"]["uid"]
    )
    found.settle(30)
    assert counts(found) == (1, 0, 0, 1)
