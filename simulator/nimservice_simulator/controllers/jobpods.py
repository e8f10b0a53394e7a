"""Job pods: the pods of a Job, those that failed or succeeded, and the time of the next one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from hooks.cluster.api import Object, is_deleting, name_of
from nimservice_simulator.controllers import podfailurepolicy, runstates
from nimservice_simulator.controllers.world import POD, World, reference

_FIRST_WAIT, _LONGEST_WAIT = 10.0, 600.0
"""Seconds before a failed pod is replaced; the wait doubles with each failure."""


class Counts(NamedTuple):
    """How many pods ended."""

    succeeded: int
    failed: int


@dataclass
class Record:
    """What is remembered of a Job's pods besides the Job's status."""

    counted: set[str] = field(default_factory=set)
    """The uids of pods that are in the status's counts, or never will be."""
    pending: dict[str, Object] = field(default_factory=dict)
    """The pods that are not counted yet, as they were last seen, by uid."""
    failures: int = 0
    """How many pods failed since one succeeded."""
    failed_at: datetime | None = None

    def wait(self, now: datetime) -> float:
        """Return the seconds until a pod may be made; none are left where it is not positive."""
        if not self.failed_at:
            return 0
        wait = min(_FIRST_WAIT * 2.0 ** (self.failures - 1), _LONGEST_WAIT)
        return wait - (now - self.failed_at).total_seconds()

    def count(self, world: World, job: Object) -> Counts:
        """Count the pods that ended since the last look.

        One that is gone without a trace failed.
        """
        status, here = job["status"], {pod["metadata"]["uid"]: pod for pod in of(world, job)}
        succeeded, failed = status.get("succeeded", 0), status.get("failed", 0)
        for uid, pod in {**self.pending, **here}.items():
            if uid in self.counted:
                continue
            if pod["status"].get("phase") == "Succeeded":
                succeeded += 1
                self.failures, self.failed_at = 0, None
            elif is_failed(job, pod) or uid not in here:
                failed += podfailurepolicy.match(job, pod).counts
                self.failures, self.failed_at = self.failures + 1, world.clock.now()
            else:
                continue
            self.counted.add(uid)
        self.pending = {uid: pod for uid, pod in here.items() if uid not in self.counted}
        return Counts(succeeded, failed)

    def close(self, job: Object) -> int:
        """Let no pod be counted any more.

        Return how many of those that have not ended would count as failed.
        """
        left = list(self.pending.values())
        self.counted |= self.pending.keys()
        self.pending = {}
        return sum(podfailurepolicy.match(job, pod).counts for pod in left)


def of(world: World, job: Object) -> list[Object]:
    """Return all pods of a Job."""
    return list(world.controlled(POD, job))


def active(world: World, job: Object) -> list[Object]:
    """Return the pods of a Job that neither ended nor are being deleted."""
    return [pod for pod in of(world, job) if not runstates.is_over(pod) and not is_deleting(pod)]


def terminating(world: World, job: Object) -> list[Object]:
    """Return the pods of a Job that are being deleted and have not ended."""
    return [pod for pod in of(world, job) if is_deleting(pod) and not runstates.is_over(pod)]


def is_failed(job: Object, pod: Object) -> bool:
    """Tell whether a pod counts as failed.

    Under TerminatingOrFailed one that is being deleted does.
    """
    phase = pod["status"].get("phase")
    if phase in ("Failed", "Succeeded") or job["spec"]["podReplacementPolicy"] == "Failed":
        return bool(phase == "Failed")
    return is_deleting(pod)


def restarts(pods: list[Object]) -> int:
    """Return how often the containers of pods that have not ended were started again."""
    return sum(status["restartCount"] for pod in pods for status in _containers(pod))


def new(job: Object) -> Object:
    """Return another pod of a Job."""
    template = job["spec"]["template"]
    namespace, name = name_of(job)
    meta = {
        key: value
        for key, value in template["metadata"].items()
        if key in ("labels", "annotations")
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **meta,
            "generateName": f"{name}-",
            "namespace": namespace,
            "ownerReferences": [reference(job)],
        },
        "spec": template["spec"],
    }


def _containers(pod: Object) -> Iterator[Object]:
    if not runstates.is_over(pod):
        yield from pod["status"].get("initContainerStatuses") or []
        yield from pod["status"].get("containerStatuses") or []
