"""Observed: how far a Job of the cluster is, by its conditions and its pods.

Its counters alone lag behind.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, mapping, mappings, moment, number, status, text
from hooks.nimcache.context import ENDED


def finished(job: Manifest) -> Literal["Complete", "Failed"] | None:
    """Return how a Job has ended, or None as long as it has not."""
    if condition(job, "Complete").get("status") == "True":
        return "Complete"
    return "Failed" if condition(job, "Failed").get("status") == "True" else None


def finished_at(job: Manifest) -> datetime | None:
    """Return when a Job ended, or None where it has not, or does not say."""
    ended = finished(job)
    return moment(condition(job, ended).get("lastTransitionTime")) if ended else None


def going(manifest: Manifest) -> bool:
    """Whether an object is being deleted."""
    return bool(mapping(manifest.get("metadata")).get("deletionTimestamp"))


def annotation(job: Manifest, key: str) -> str:
    """Return an annotation of a Job; empty where it has none."""
    return text(mapping(mapping(job.get("metadata")).get("annotations")).get(key))


def alive(pods: list[Manifest]) -> list[Manifest]:
    """Return the pods that have not ended."""
    return [pod for pod in pods if status(pod).get("phase") not in ENDED]


def running(pod: Manifest) -> Manifest:
    """Return the state of the first container of a pod that runs; empty where none does."""
    if status(pod).get("phase") in ENDED:
        return {}
    return next(_states(pod, "running", "initContainerStatuses", "containerStatuses"), {})


def ended_well(pod: Manifest) -> Manifest:
    """Return the state of the container of a pod that has succeeded; empty where it has not.

    Its Job says so a moment later.
    """
    if status(pod).get("phase") != "Succeeded":
        return {}
    return next(_states(pod, "terminated", "containerStatuses"), {})


def _states(pod: Manifest, state: str, *keys: str) -> Iterator[Manifest]:
    """Yield the states of a kind of the containers of a pod, with the containers' names."""
    for key in keys:
        for each in mappings(status(pod).get(key)):
            found = mapping(each.get("state")).get(state)
            if isinstance(found, dict):
                yield {"name": each.get("name"), **found}


def works(job: Manifest, pods: list[Manifest]) -> bool:
    """Whether a container of a Job runs, or may: the Job counts a pod that is not seen."""
    live = alive(pods)
    return any(map(running, live)) or number(status(job).get("active")) > len(live)
