"""Pod: what is wrong with one pod, from its conditions down to its containers."""

from datetime import timedelta

from hooks.kernel import prose
from hooks.kernel.clock import Clock
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import (
    condition,
    deleted,
    finalizers,
    mapping,
    mappings,
    metadata,
    moment,
    status,
    text,
)
from hooks.kernel.pod import command, container, scheduling
from hooks.kernel.pod.fields import Fields, clauses
from hooks.kernel.pod.reason import WEIGHT
from hooks.kernel.pod.trouble import Explanation, Symptom

_LATE = timedelta(seconds=60)
"""How late a pod may end before it counts as stuck: a busy kubelet takes some seconds."""


def healthy(pod: Manifest) -> bool:
    """Whether a pod needs no further look; quick, because every pod of every sync is asked."""
    return condition(pod, "Ready").get("status") == "True" and not deleted(pod)


def symptom(pod: Manifest, clock: Clock, fields: Fields) -> Symptom | None:
    """Return the worst symptom of a pod, or None; its remedy names the fields of a resource."""
    if deleted(pod):
        return _ending(pod, clock, fields)
    if status(pod).get("phase") in ("Failed", "Succeeded"):
        return _ended(pod, fields)
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return scheduling.symptom(pod, scheduled, fields)
    if not scheduled and not _node_name(pod):
        return scheduling.unseen(pod, clock, fields)
    return min(
        (*container.symptoms(pod, fields), *_unready(pod)),
        key=lambda each: WEIGHT[each.reason],
        default=None,
    )


def failed(pod: Manifest, fields: Fields) -> Symptom | None:
    """Return the worst failure of a container before its pod was deleted, or None."""
    return min(container.failures(pod, fields), key=lambda each: WEIGHT[each.reason], default=None)


def _unready(pod: Manifest) -> list[Symptom]:
    """Return why a pod is not ready although all its containers are."""
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
                lambda where: Explanation(
                    f"Readiness gate {gate} is closed for {where}",
                    "check the controller that sets it",
                ),
            )
        ]
    return [
        Symptom(
            "NodeNotReady",
            lambda where: Explanation(
                f"Node {_node(pod)} no longer reports the state of {where}", "check the node"
            ),
        )
    ]


def _ending(pod: Manifest, clock: Clock, fields: Fields) -> Symptom | None:
    if status(pod).get("reason") == "NodeLost":
        return _lost(pod)
    if condition(pod, "DisruptionTarget").get("reason") == "PreemptionByScheduler":
        return _preempted(fields)
    return (
        Symptom("DeletionStuck", lambda where: _stuck(pod, where), gone=True)
        if _overdue(pod, clock)
        else None
    )


def _overdue(pod: Manifest, clock: Clock) -> bool:
    """Whether a pod should have ended: its deletionTimestamp is the end of its grace period."""
    end = moment(metadata(pod).get("deletionTimestamp"))
    return end is not None and clock.passed(end, _LATE)


def _stuck(pod: Manifest, where: str) -> Explanation:
    held_by = prose.listed(filter(None, finalizers(pod)))
    since = text(metadata(pod).get("deletionTimestamp"))[:32]
    if held_by:
        return Explanation(
            f"Finalizer {held_by} has blocked the deletion of {where} since {since}",
            "check the controller that set it",
        )
    node = _node(pod)
    return Explanation(
        f"Node {node} has delayed the deletion of {where} since {since}",
        f"check whether node {node} responds",
    )


def _ended(pod: Manifest, fields: Fields) -> Symptom | None:
    if status(pod).get("phase") == "Succeeded":
        return None
    reason, said = text(status(pod).get("reason")), prose.of(text(status(pod).get("message")), 300)
    if reason == "Evicted":
        return Symptom(
            "Evicted",
            lambda where: Explanation(
                f"Node {_node(pod)} evicted {where}{prose.quoted(said)}", _room(said, fields)
            ),
            gone=True,
        )
    if reason == "NodeLost":
        return _lost(pod)
    if (
        reason == "Preempting"
        or condition(pod, "DisruptionTarget").get("reason") == "PreemptionByScheduler"
    ):
        return _preempted(fields)
    if reason.startswith("OutOf") or reason in (
        "UnexpectedAdmissionError",
        "NodeAffinity",
        "TopologyAffinityError",
    ):
        refused = prose.quoted(said or prose.of(reason, 64))
        return Symptom(
            "UnexpectedAdmissionError",
            lambda where: Explanation(
                f"Node {_node(pod)} refused {where}{refused}",
                "compare its free resources with the pods' requests, or restart its device plugin",
            ),
            gone=True,
        )
    why = prose.quoted(prose.reported(reason, said))
    return Symptom(
        "PodFailed",
        lambda where: Explanation(
            f"Kubernetes reports phase Failed for {where}{why}",
            f"see {command.describe(pod, 'pod')}",
        ),
        gone=True,
    )


def _lost(pod: Manifest) -> Symptom:
    return Symptom(
        "NodeLost",
        lambda where: Explanation(
            f"Node {_node(pod)} does not respond and still holds {where}",
            "repair or remove the node",
        ),
        gone=True,
    )


def _preempted(fields: Fields) -> Symptom:
    return Symptom(
        "Preempted",
        lambda where: Explanation(
            f"The scheduler preempted {where} for a pod of higher priority",
            clauses(f"raise {fields.priority}" if fields.priority else "", "add nodes"),
        ),
        gone=True,
    )


def _room(said: str, fields: Fields) -> str:
    """Return what gives a pod room; nobody can request inodes or processes."""
    asked = ""
    if "ephemeral-storage" in said and fields.ephemeral_storage:
        asked = f"request ephemeral-storage in {fields.ephemeral_storage}"
    elif "ephemeral-storage" not in said and "memory" in said:
        asked = f"request what the pod uses in {fields.memory_request}"
    return clauses(asked, "give the node more of it")


def _node(pod: Manifest) -> str:
    return _node_name(pod) or "unknown"


def _node_name(pod: Manifest) -> str:
    return text(mapping(pod.get("spec")).get("nodeName"))[:253]
