"""Scheduling: why no node fits a pod, in the scheduler's words less its thoughts about preemption."""

import re

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, text
from hooks.kernel.pod import command
from hooks.kernel.pod.trouble import Symptom

_NODES = re.compile(r"0/(\d{1,9}) nodes are available: ")
_SHORT = re.compile(r"Insufficient (\S{1,253}?)[.,]?(?:\s|$)")
_CLAIM = re.compile(r'persistentvolumeclaim "([^"]{1,253})"')
_LATER = (
    (
        re.compile(r"(?i)allocate all claims|resource ?claim|device class"),
        "check that nodes offer the devices that spec.draResources and spec.multiNode.computeDomain claim",
    ),
    (re.compile(r"affinity rules|topology spread"), "relax spec.affinity, or add nodes"),
    (
        re.compile(r"persistent volumes|volume"),
        "add nodes where the volume is, or use storage that every node reaches",
    ),
)
_EARLIER = (
    (re.compile(r"Too many pods"), "add nodes, or let them take more pods"),
    (re.compile(r"free ports"), "free the port on a node"),
    (
        re.compile(r"node affinity|node selector"),
        "compare spec.nodeSelector and spec.affinity with the nodes' labels",
    ),
    (re.compile(r"taint"), "add spec.tolerations for the taint, or nodes without it"),
    (re.compile(r"unschedulable"), "let nodes take pods again: kubectl uncordon"),
)
"""What the scheduler says and what to do, before and after it looks for resources, the later filter first."""


def symptom(pod: Manifest, scheduled: Manifest) -> Symptom:
    """Return why a pod has no node, by its condition ``PodScheduled``."""
    message = text(scheduled.get("message"))
    if scheduled.get("reason") == "SchedulingGated":
        return Symptom("SchedulingGated", lambda where: _gated(pod, where))
    if (
        "ersistent" in message
    ):  # two cheap words before the search: a thousand pods may wait for a GPU
        if (missing := _CLAIM.search(message[:4096])) and (
            "not found" in message or "being deleted" in message
        ):
            return Symptom(
                "PersistentVolumeClaimNotFound",
                lambda where: _without_claim(pod, missing[1], message, where),
                missing[1],
            )
        if "unbound immediate" in message:
            return Symptom("PersistentVolumeClaimPending", lambda where: _unbound(pod, where))
    return Symptom("Unschedulable", lambda where: _unschedulable(pod, message, where))


def _gated(pod: Manifest, where: str) -> str:
    gates = prose.listed(
        text(each.get("name")) for each in mappings(mapping(pod.get("spec")).get("schedulingGates"))
    )
    return f"scheduling of {where} is held back by {gates or 'a gate'}: ask who set it"


def _without_claim(pod: Manifest, claim: str, message: str, where: str) -> str:
    gone = "is being deleted" if "being deleted" in message else "does not exist"
    namespace = text(mapping(pod.get("metadata")).get("namespace"))[:63]
    return f"PersistentVolumeClaim {claim} for {where} {gone}: create it in namespace {namespace}, or correct spec.storage"


def _unbound(pod: Manifest, where: str) -> str:
    volumes = mappings(mapping(pod.get("spec")).get("volumes"))
    named = [
        name
        for each in volumes
        if (name := text(mapping(each.get("persistentVolumeClaim")).get("claimName")))
    ]
    claims, look = (
        prose.listed(named),
        command.describe_named("pvc", " ".join(sorted(set(named))[:3]), pod),
    )
    return f"PersistentVolumeClaim {claims} for {where} is not bound to a volume: check its StorageClass; {look} tells why"


def _unschedulable(pod: Manifest, message: str, where: str) -> str:
    said = _before_preemption(message)
    nodes = _NODES.search(said)
    why = prose.of(_NODES.sub("", said), 300)
    among = f"none of {nodes[1]} nodes" if nodes else "no node"
    return f"{among} fits {where}{prose.quoted(why)}: {_remedy(pod, said)}"


def _before_preemption(message: str) -> str:
    said = prose.one_line(message[:4096]).partition("preemption:")[0].rstrip(" .,")
    return (
        said.removesuffix("no new claims to deallocate")
        .removesuffix("still not schedulable")
        .rstrip(" .,")
    )


def _remedy(pod: Manifest, said: str) -> str:
    """Return what to do; a node that fails a later filter has passed the earlier ones, so it is the nearest to fitting."""
    if remedy := _first(_LATER, said):
        return remedy
    if short := _SHORT.search(said):
        return f"free {_amount(pod, short[1])}{short[1]} on one node, or add a node that has it"
    return _first(_EARLIER, said) or f"{command.describe(pod, 'pod')} has the scheduler's events"


def _first(remedies: tuple[tuple[re.Pattern[str], str], ...], said: str) -> str | None:
    return next((remedy for pattern, remedy in remedies if pattern.search(said)), None)


def _amount(pod: Manifest, resource: str) -> str:
    """Return how much of a resource one container asks for, for example ``8 ``; nothing where several do, or none."""
    asked = []
    for container in mappings(mapping(pod.get("spec")).get("containers")):
        resources = mapping(container.get("resources"))
        amount = mapping(resources.get("requests")).get(resource) or mapping(
            resources.get("limits")
        ).get(resource)
        if isinstance(amount, str | int):
            asked.append(str(amount)[:32])
    return f"{asked[0]} " if len(asked) == 1 else ""
