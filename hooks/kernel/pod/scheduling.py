"""Scheduling: why no node fits a pod, quoting the scheduler without its part on preemption."""

import re
from datetime import timedelta

from hooks.kernel import prose
from hooks.kernel.clock import Clock
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import (
    condition,
    mapping,
    mappings,
    metadata,
    moment,
    spec,
    status,
    text,
)
from hooks.kernel.pod import command
from hooks.kernel.pod.fields import Fields, clauses
from hooks.kernel.pod.trouble import Explanation, Symptom

_NODES = re.compile(r"0/(\d{1,9}) nodes are available: ")
_SHORT = re.compile(r"Insufficient (\S{1,253}?)[.,]?(?:\s|$)")
_CLAIM = re.compile(r'persistentvolumeclaim "([^"]{1,253})"')
_DEVICES = re.compile(r"(?i)allocate all claims|resource ?claim|device class")
_RULES = re.compile(r"affinity rules|topology spread")
_VOLUMES = re.compile(r"volume")
_PATIENCE = timedelta(seconds=10)
"""How long a scheduler may take until its first word on a pod."""

_EARLIER = (
    (re.compile(r"Too many pods"), "add nodes, or raise their limit of pods"),
    (re.compile(r"free ports"), "free the port on a node"),
    (re.compile(r"node affinity|node selector"), "{nodes}"),
    (re.compile(r"taint"), "add spec.tolerations for the taint, or nodes without it"),
    (re.compile(r"unschedulable"), "make nodes schedulable again with kubectl uncordon"),
)
"""The remedy for each filter before that of resources, the later filter first."""


def symptom(pod: Manifest, scheduled: Manifest, fields: Fields) -> Symptom:
    """Return why a pod has no node, from its condition ``PodScheduled``."""
    message = text(scheduled.get("message"))
    if scheduled.get("reason") == "SchedulingGated":
        return Symptom("SchedulingGated", lambda where: _gated(pod, where))
    if scheduled.get("reason") == "SchedulerError":
        return Symptom("SchedulerError", lambda where: _failed(pod, message, where))
    if "ersistent" in message:  # a cheap test before the search: a thousand pods may wait for a GPU
        if (missing := _CLAIM.search(message[:4096])) and (
            "not found" in message or "being deleted" in message
        ):
            return Symptom(
                "PersistentVolumeClaimNotFound",
                lambda where: _without_claim(pod, missing[1], message, where, fields),
                missing[1],
            )
        if "unbound immediate" in message:
            return Symptom("PersistentVolumeClaimPending", lambda where: _unbound(pod, where))
    if node := text(status(pod).get("nominatedNodeName")):
        return Symptom("NodeNominated", lambda where: _nominated(pod, node, where))
    return Symptom("Unschedulable", lambda where: _unschedulable(pod, message, where, fields))


def unseen(pod: Manifest, clock: Clock, fields: Fields) -> Symptom | None:
    """Return why no scheduler has reported on a pod, or None if it may still come to that."""
    born = moment(metadata(pod).get("creationTimestamp"))
    if born is None or not clock.passed(born, _PATIENCE):
        return None
    if template := _unmade(pod):
        return Symptom(
            "ResourceClaimPending",
            lambda where: _without_device_claim(pod, template, where, fields),
            template,
        )
    if node := text(status(pod).get("nominatedNodeName")):
        return Symptom("NodeNominated", lambda where: _nominated(pod, node, where))
    return Symptom("NotScheduled", lambda where: _unseen(pod, where, fields))


def _unmade(pod: Manifest) -> str:
    """Return the ResourceClaimTemplate of the first ResourceClaim that a pod lacks, or nothing.

    A scheduler does not look at such a pod.
    """
    made = {text(each.get("name")) for each in mappings(status(pod).get("resourceClaimStatuses"))}
    lacking = (
        text(each.get("resourceClaimTemplateName"))
        for each in mappings(spec(pod).get("resourceClaims"))
        if text(each.get("name")) not in made
    )
    return next(filter(None, lacking), "")


def _without_device_claim(pod: Manifest, template: str, where: str, fields: Fields) -> Explanation:
    namespace = text(metadata(pod).get("namespace"))[:63]
    return Explanation(
        f"No ResourceClaim of ResourceClaimTemplate {template[:253]} exists for {where}",
        clauses(
            f"check that the template exists in namespace {namespace}",
            f"correct {fields.devices}" if fields.devices else "",
        ),
    )


def _unseen(pod: Manifest, where: str, fields: Fields) -> Explanation:
    scheduler = text(spec(pod).get("schedulerName"))[:253] or "default-scheduler"
    return Explanation(
        f"Scheduler {scheduler} has not reported on {where}",
        clauses("check that it runs", f"correct {fields.scheduler}" if fields.scheduler else ""),
    )


def _failed(pod: Manifest, message: str, where: str) -> Explanation:
    return Explanation(
        f"The scheduler failed on {where}{prose.quoted(prose.of(message[:4096], 300))}",
        f"check what it names, or see the events in {command.describe(pod, 'pod')}",
    )


def _nominated(pod: Manifest, node: str, where: str) -> Explanation:
    return Explanation(
        f"Node {node[:253]} is chosen for {where}, and is being prepared",
        f"see the events in {command.describe(pod, 'pod')} if this lasts",
    )


def lacks(pod: Manifest) -> str | None:
    """Return the device (a resource such as ``nvidia.com/gpu``) that a pod waits for, or None."""
    said = _before_preemption(text(condition(pod, "PodScheduled").get("message")))
    return next((found for found in _SHORT.findall(said) if "/" in found), None)


def holds(pod: Manifest, resource: str) -> bool:
    """Whether a pod has a device of its node."""
    given = spec(pod)
    return (
        bool(text(given.get("nodeName")))
        and status(pod).get("phase") not in ("Failed", "Succeeded")
        and any(
            resource in {**mapping(amounts.get("requests")), **mapping(amounts.get("limits"))}
            for each in mappings(given.get("containers"))
            if (amounts := mapping(each.get("resources")))
        )
    )


def _gated(pod: Manifest, where: str) -> Explanation:
    gates = prose.listed(
        text(each.get("name")) for each in mappings(spec(pod).get("schedulingGates"))
    )
    gate = f"Scheduling gate {gates}" if gates else "A scheduling gate"
    return Explanation(f"{gate} holds back {where}", "check the controller that set it")


def _without_claim(
    pod: Manifest, claim: str, message: str, where: str, fields: Fields
) -> Explanation:
    gone = "is being deleted" if "being deleted" in message else "does not exist"
    namespace = text(metadata(pod).get("namespace"))[:63]
    return Explanation(
        f"PersistentVolumeClaim {claim} for {where} {gone}",
        f"create it in namespace {namespace}, or correct {fields.storage}",
    )


def _unbound(pod: Manifest, where: str) -> Explanation:
    volumes = mappings(spec(pod).get("volumes"))
    named = [
        name
        for each in volumes
        if (name := text(mapping(each.get("persistentVolumeClaim")).get("claimName")))
    ]
    claims, look = (
        prose.listed(named),
        command.describe_named("pvc", " ".join(sorted(set(named))[:3]), pod),
    )
    return Explanation(
        f"PersistentVolumeClaim {claims} for {where} is not bound to a volume",
        f"check its StorageClass, or see {look}",
    )


def _unschedulable(pod: Manifest, message: str, where: str, fields: Fields) -> Explanation:
    said = _before_preemption(message)
    nodes = _NODES.search(said)
    why = prose.of(_NODES.sub("", said), 300)
    among = f"None of {nodes[1]} nodes" if nodes else "No node"
    return Explanation(f"{among} fits {where}{prose.quoted(why)}", _remedy(pod, said, fields))


def _before_preemption(message: str) -> str:
    said = prose.one_line(message[:4096]).partition("preemption:")[0].rstrip(" .,")
    return (
        said.removesuffix("no new claims to deallocate")
        .removesuffix("still not schedulable")
        .rstrip(" .,")
    )


def _remedy(pod: Manifest, said: str, fields: Fields) -> str:
    """Return the remedy for the nodes that pass the most filters: they come nearest to fitting."""
    if _DEVICES.search(said) and fields.devices:
        return f"check that nodes offer the devices of {fields.devices}"
    if _RULES.search(said):
        return clauses(f"relax {fields.affinity}" if fields.affinity else "", "add nodes")
    if _VOLUMES.search(said):
        return "add nodes in the zone of the volume, or use storage that all nodes can reach"
    if short := _SHORT.search(said):
        return f"free {_amount(pod, short[1])}{short[1]} on one node, or add a node with as many"
    found = (remedy for pattern, remedy in _EARLIER if pattern.search(said))
    remedy = next(found, "").format(nodes=fields.nodes)
    return remedy or f"see the events in {command.describe(pod, 'pod')}"


def _amount(pod: Manifest, resource: str) -> str:
    """Return the request of the only container with one, for example ``8 ``; else nothing."""
    asked = []
    for container in mappings(spec(pod).get("containers")):
        resources = mapping(container.get("resources"))
        amount = mapping(resources.get("requests")).get(resource) or mapping(
            resources.get("limits")
        ).get(resource)
        if isinstance(amount, str | int):
            asked.append(str(amount)[:32])
    return f"{asked[0]} " if len(asked) == 1 else ""
