"""Scheduling: why no node fits a pod, quoting the scheduler without its part on preemption."""

import re

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, metadata, text
from hooks.kernel.pod import command
from hooks.kernel.pod.trouble import Explanation, Symptom

_NODES = re.compile(r"0/(\d{1,9}) nodes are available: ")
_SHORT = re.compile(r"Insufficient (\S{1,253}?)[.,]?(?:\s|$)")
_CLAIM = re.compile(r'persistentvolumeclaim "([^"]{1,253})"')
_LATER = (
    (
        re.compile(r"(?i)allocate all claims|resource ?claim|device class"),
        "check that nodes offer the devices of spec.draResources and spec.multiNode.computeDomain",
    ),
    (re.compile(r"affinity rules|topology spread"), "relax spec.affinity, or add nodes"),
    (
        re.compile(r"persistent volumes|volume"),
        "add nodes in the zone of the volume, or use storage that all nodes can reach",
    ),
)
_EARLIER = (
    (re.compile(r"Too many pods"), "add nodes, or raise their limit of pods"),
    (re.compile(r"free ports"), "free the port on a node"),
    (
        re.compile(r"node affinity|node selector"),
        "compare spec.nodeSelector and spec.affinity with the nodes' labels",
    ),
    (re.compile(r"taint"), "add spec.tolerations for the taint, or nodes without it"),
    (re.compile(r"unschedulable"), "make nodes schedulable again with kubectl uncordon"),
)
"""The remedy for each filter after and before that of resources, the later filter first."""


def symptom(pod: Manifest, scheduled: Manifest) -> Symptom:
    """Return why a pod has no node, from its condition ``PodScheduled``."""
    message = text(scheduled.get("message"))
    if scheduled.get("reason") == "SchedulingGated":
        return Symptom("SchedulingGated", lambda where: _gated(pod, where))
    if "ersistent" in message:  # a cheap test before the search: a thousand pods may wait for a GPU
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


def _gated(pod: Manifest, where: str) -> Explanation:
    gates = prose.listed(
        text(each.get("name")) for each in mappings(mapping(pod.get("spec")).get("schedulingGates"))
    )
    gate = f"Scheduling gate {gates}" if gates else "A scheduling gate"
    return Explanation(f"{gate} holds back {where}", "check the controller that set it")


def _without_claim(pod: Manifest, claim: str, message: str, where: str) -> Explanation:
    gone = "is being deleted" if "being deleted" in message else "does not exist"
    namespace = text(metadata(pod).get("namespace"))[:63]
    return Explanation(
        f"PersistentVolumeClaim {claim} for {where} {gone}",
        f"create it in namespace {namespace}, or correct spec.storage",
    )


def _unbound(pod: Manifest, where: str) -> Explanation:
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
    return Explanation(
        f"PersistentVolumeClaim {claims} for {where} is not bound to a volume",
        f"check its StorageClass, or see {look}",
    )


def _unschedulable(pod: Manifest, message: str, where: str) -> Explanation:
    said = _before_preemption(message)
    nodes = _NODES.search(said)
    why = prose.of(_NODES.sub("", said), 300)
    among = f"None of {nodes[1]} nodes" if nodes else "No node"
    return Explanation(f"{among} fits {where}{prose.quoted(why)}", _remedy(pod, said))


def _before_preemption(message: str) -> str:
    said = prose.one_line(message[:4096]).partition("preemption:")[0].rstrip(" .,")
    return (
        said.removesuffix("no new claims to deallocate")
        .removesuffix("still not schedulable")
        .rstrip(" .,")
    )


def _remedy(pod: Manifest, said: str) -> str:
    """Return the remedy for the nodes that pass the most filters: they come nearest to fitting."""
    if remedy := _first(_LATER, said):
        return remedy
    if short := _SHORT.search(said):
        return f"free {_amount(pod, short[1])}{short[1]} on one node, or add a node with as many"
    return _first(_EARLIER, said) or f"see the events in {command.describe(pod, 'pod')}"


def _first(remedies: tuple[tuple[re.Pattern[str], str], ...], said: str) -> str | None:
    return next((remedy for pattern, remedy in remedies if pattern.search(said)), None)


def _amount(pod: Manifest, resource: str) -> str:
    """Return the request of the only container with one, for example ``8 ``; else nothing."""
    asked = []
    for container in mappings(mapping(pod.get("spec")).get("containers")):
        resources = mapping(container.get("resources"))
        amount = mapping(resources.get("requests")).get(resource) or mapping(
            resources.get("limits")
        ).get(resource)
        if isinstance(amount, str | int):
            asked.append(str(amount)[:32])
    return f"{asked[0]} " if len(asked) == 1 else ""
