"""Jobs: run pods to completion, replace those that fail, and report how it ended.

As Kubernetes 1.31 and later do it, but for two things: pods carry no finalizer (what was counted is
remembered here), and completion mode ``Indexed`` is played like ``NonIndexed``.
"""

from functools import partial

from hooks.cluster.api import Object, Resource, is_deleting
from hooks.kernel.observed import moment
from nimservice_simulator.controllers import jobpods, jobstatus, podfailurepolicy, podstates
from nimservice_simulator.controllers.jobpods import Counts, Record
from nimservice_simulator.controllers.jobstatus import Why
from nimservice_simulator.controllers.world import World, without_zero

JOB = Resource("batch/v1", "Job", "jobs")
MANAGER = "job-controller"
_LIMIT = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
_DEADLINE = ("DeadlineExceeded", "Job was active longer than specified deadline")
_REACHED = ("CompletionsReached", "Reached expected number of succeeded pods")
_ENDS = {"SuccessCriteriaMet": "Complete", "FailureTarget": "Failed"}
"""The conditions for how a Job will end, and for its end after its last pod."""


class Jobs:
    """The controller of Jobs, and of the time they stay when finished."""

    kinds = ("Job", "Pod")

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def reconcile(self, world: World) -> None:
        """Move each Job one step on."""
        for job in world.server.list(JOB):
            if jobstatus.condition(job, "Complete") or jobstatus.condition(job, "Failed"):
                self._expire(world, job)
            elif not is_deleting(job):
                self._move(world, job)

    def _move(self, world: World, job: Object) -> None:
        record = self._records.setdefault(job["metadata"]["uid"], Record())
        counts = record.count(world, job)
        end = next(filter(None, (jobstatus.condition(job, kind) for kind in _ENDS)), None)
        if end is None and (why := self._failure(world, job, counts)):
            end = jobstatus.new("FailureTarget", why, world)
        if end:
            counts = _end_pods(world, job, record, counts, end)
        else:
            self._manage(world, job, record, counts)
            if _is_complete(world, job, counts):
                end = jobstatus.new("SuccessCriteriaMet", _REACHED, world)
        _report(world, job, counts, end)

    def _failure(self, world: World, job: Object, counts: Counts) -> Why | None:
        """Return why the Job fails, if it does."""
        spec, pods = job["spec"], jobpods.of(world, job)
        for pod in pods:
            found = podfailurepolicy.match(job, pod)
            if jobpods.is_failed(job, pod) and found.action == "FailJob":
                return "PodFailurePolicy", found.why
        on_failure = spec["template"]["spec"]["restartPolicy"] == "OnFailure"
        restarts = jobpods.restarts(pods) if on_failure else 0
        limit = spec["backoffLimit"]
        if counts.failed > limit or (restarts and restarts >= limit):
            return _LIMIT
        return self._lateness(world, job)

    def _lateness(self, world: World, job: Object) -> Why | None:
        deadline = job["spec"].get("activeDeadlineSeconds")
        since = moment(job["status"].get("startTime"))
        if deadline is None or since is None or job["spec"]["suspend"]:
            return None
        left = deadline - (world.clock.now() - since).total_seconds()
        if left <= 0:
            return _DEADLINE
        self._look_again(world, job, left, "deadline")
        return None

    def _manage(self, world: World, job: Object, record: Record, counts: Counts) -> None:
        """Make missing pods after their back-off, and delete surplus ones."""
        active = jobpods.active(world, job)
        missing = _desired(job, counts, len(active)) - len(active)
        for pod in sorted(active, key=podstates.is_ready)[: max(0, -missing)]:
            record.counted.add(pod["metadata"]["uid"])
            world.delete(pod, MANAGER)
        if job["spec"]["podReplacementPolicy"] == "Failed":
            missing -= len(jobpods.terminating(world, job))
        wait = record.wait(world.clock.now())
        if missing > 0 and wait > 0:
            self._look_again(world, job, wait, "backoff")
            return
        for _ in range(missing):
            world.create(jobpods.new(job), MANAGER)

    def _expire(self, world: World, job: Object) -> None:
        """Delete a finished Job when its time to live is over."""
        seconds, timer = job["spec"].get("ttlSecondsAfterFinished"), _timer(job, "ttl")
        if seconds is not None and not is_deleting(job) and not world.is_pending(timer):
            world.after(seconds, timer, partial(world.delete, job, "ttl-after-finished-controller"))

    def _look_again(self, world: World, job: Object, seconds: float, why: str) -> None:
        if not world.is_pending(_timer(job, why)):
            world.after(seconds, _timer(job, why), partial(self.reconcile, world))


def _timer(job: Object, why: str) -> str:
    return f"{job['metadata']['uid']}/{why}"


def _desired(job: Object, counts: Counts, active: int) -> int:
    """Return how many pods are to be active."""
    spec = job["spec"]
    if spec["suspend"]:
        return 0
    if "completions" not in spec:  # a work queue: once a pod succeeded no other is made
        return active if counts.succeeded else int(spec["parallelism"])
    return int(max(0, min(spec["parallelism"], spec["completions"] - counts.succeeded)))


def _is_complete(world: World, job: Object, counts: Counts) -> bool:
    enough = counts.succeeded >= job["spec"].get("completions", 1)
    return bool(enough) and not jobpods.active(world, job)


def _end_pods(world: World, job: Object, record: Record, counts: Counts, end: Object) -> Counts:
    """Delete what is active; with a Job that fails, each pod that has not ended fails too."""
    for pod in jobpods.active(world, job):
        world.delete(pod, MANAGER)
    failed = record.close(job)
    return counts._replace(failed=counts.failed + failed * (end["type"] == "FailureTarget"))


def _report(world: World, job: Object, counts: Counts, end: Object | None) -> None:
    """Write the status; a Job that ends is over once its last pod is gone."""
    active = jobpods.active(world, job)
    terminating = jobpods.terminating(world, job)
    conditions = jobstatus.with_suspension(job, world)
    if end:
        conditions = [*(job["status"].get("conditions") or [])]
        conditions += [] if end in conditions else [end]
    completed = None
    if end and not terminating and not active:
        kind = _ENDS[end["type"]]
        conditions.append(jobstatus.new(kind, (end["reason"], end["message"]), world))
        completed = world.now() if kind == "Complete" else None
    status = {
        "conditions": conditions,
        "startTime": jobstatus.start_time(job, world),
        "completionTime": completed,
        "active": len(active),
        **counts._asdict(),
    }
    always = {
        "terminating": len(terminating),
        "uncountedTerminatedPods": {},
        "ready": sum(map(podstates.is_ready, active)),
    }
    world.set_status(job, without_zero(status) | always, MANAGER)
