"""Pod: what is wrong with one pod, from its conditions down to its containers."""

from datetime import UTC, datetime, timedelta

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, mapping, mappings, status, text
from hooks.kernel.pod import command, container, scheduling
from hooks.kernel.pod.reason import WEIGHT
from hooks.kernel.pod.trouble import Symptom

_LATE = timedelta(seconds=60)
"""After the time that a pod has to end, before it counts as stuck: a busy kubelet takes some seconds."""


def healthy(pod: Manifest) -> bool:
    """Whether there is nothing to look for; it is asked for every pod, so it is quick."""
    return condition(pod, "Ready").get("status") == "True" and not mapping(pod.get("metadata")).get(
        "deletionTimestamp"
    )


def symptom(pod: Manifest, now: datetime) -> Symptom | None:
    """Return the worst that is wrong with a pod."""
    if text(mapping(pod.get("metadata")).get("deletionTimestamp")):
        return _ending(pod, now)
    if status(pod).get("phase") in ("Failed", "Succeeded"):
        return _ended(pod)
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return scheduling.symptom(pod, scheduled)
    return min(
        (*container.symptoms(pod), *_unready(pod)),
        key=lambda each: WEIGHT[each.reason],
        default=None,
    )


def _unready(pod: Manifest) -> list[Symptom]:
    """Return why a pod is not ready although its containers are."""
    if (
        condition(pod, "ContainersReady").get("status") != "True"
        or condition(pod, "Ready").get("status") != "False"
    ):
        return []
    if gates := mappings(mapping(pod.get("spec")).get("readinessGates")):
        closed = [
            kind
            for gate in gates
            if condition(pod, kind := text(gate.get("conditionType"))).get("status") != "True"
        ]
        gate = prose.listed(closed) or "unknown"
        return [
            Symptom(
                "ReadinessGatesNotReady",
                lambda where: f"readiness gate {gate} is not open for {where}: ask who sets it",
            )
        ]
    return [
        Symptom(
            "NodeNotReady",
            lambda where: (
                f"node {_node(pod)}, which runs {where}, does not report any more: look at the node"
            ),
        )
    ]


def _ending(pod: Manifest, now: datetime) -> Symptom | None:
    if status(pod).get("reason") == "NodeLost":
        return _lost(pod)
    if condition(pod, "DisruptionTarget").get("reason") == "PreemptionByScheduler":
        return _preempted()
    return (
        Symptom("DeletionStuck", lambda where: _stuck(pod, where), gone=True)
        if _overdue(pod, now)
        else None
    )


def _overdue(pod: Manifest, now: datetime) -> bool:
    """Whether a pod should have ended: its deletionTimestamp is the end of its grace, not the begin."""
    try:
        return (
            now
            - datetime.fromisoformat(mapping(pod.get("metadata"))["deletionTimestamp"]).astimezone(
                UTC
            )
            > _LATE
        )
    except (ValueError, OverflowError):
        return False


def _stuck(pod: Manifest, where: str) -> str:
    metadata = mapping(pod.get("metadata"))
    given = metadata.get("finalizers")
    finalizers = (
        prose.listed(text(each) for each in given if text(each)) if isinstance(given, list) else ""
    )
    since = text(metadata.get("deletionTimestamp"))[:32]
    if finalizers:
        return f"{where} should have ended at {since} and is held by finalizer {finalizers}: ask who set it"
    return f"{where} should have ended at {since}: look at node {_node(pod)}, which may not answer"


def _ended(pod: Manifest) -> Symptom | None:
    if status(pod).get("phase") == "Succeeded":
        return None
    reason, said = text(status(pod).get("reason")), prose.of(text(status(pod).get("message")), 300)
    if reason == "Evicted":
        return Symptom(
            "Evicted",
            lambda where: f"node {_node(pod)} evicted {where}{prose.quoted(said)}: {_room(said)}",
            gone=True,
        )
    if reason == "NodeLost":
        return _lost(pod)
    if (
        reason == "Preempting"
        or condition(pod, "DisruptionTarget").get("reason") == "PreemptionByScheduler"
    ):
        return _preempted()
    if reason.startswith("OutOf") or reason in (
        "UnexpectedAdmissionError",
        "NodeAffinity",
        "TopologyAffinityError",
    ):
        refused = prose.quoted(said or prose.of(reason, 64))
        return Symptom(
            "UnexpectedAdmissionError",
            lambda where: (
                f"node {_node(pod)} refused {where}{refused}: compare what it has with what the pods ask for; restart its device plugin"
            ),
            gone=True,
        )
    why = prose.quoted(": ".join(filter(None, (prose.of(reason, 64), said))))
    return Symptom(
        "PodFailed",
        lambda where: f"{where} failed{why}: {command.describe(pod, 'pod')} tells more",
        gone=True,
    )


def _lost(pod: Manifest) -> Symptom:
    return Symptom(
        "NodeLost",
        lambda where: (
            f"node {_node(pod)}, which runs {where}, does not answer: repair or remove the node"
        ),
        gone=True,
    )


def _preempted() -> Symptom:
    return Symptom(
        "Preempted",
        lambda where: (
            f"{where} had to make room for a pod of higher priority: raise spec.priorityClassName, or add nodes"
        ),
        gone=True,
    )


def _room(said: str) -> str:
    resource = next(
        (each for each in ("ephemeral-storage", "memory", "inodes", "pids") if each in said),
        "what it lacks",
    )
    return f"ask for {resource} in spec.resources.requests, or give the node more of it"


def _node(pod: Manifest) -> str:
    return text(mapping(pod.get("spec")).get("nodeName"))[:253] or "unknown"
