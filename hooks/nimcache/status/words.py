"""Words: what the kernel says about pods, with the fields of a NIMCache in the remedy."""

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import name
from hooks.kernel.pod.trouble import Symptom
from hooks.nimcache.context import Context
from hooks.nimcache.job import template

_FIELDS = (
    ("spec.resources.limits.memory", "spec.resources.memory"),
    ("spec.resources.requests", "spec.resources"),
    ("spec.nodeSelector and spec.affinity", "spec.nodeSelector"),
    ("relax spec.affinity, or add nodes", "add nodes"),
    ("raise spec.priorityClassName, or add nodes", "add nodes"),
    ("correct spec.storage", "correct spec.storage.pvc"),
    ("check spec.command against the image", "check that the image is that of a NIM"),
    ("in the image's pullSecrets", "in the source's pullSecret"),
)
"""The fields of a NIMService in remedies of the kernel, and those of a NIMCache."""

_NODES = ("node affinity", "node selector")


def of(ctx: Context, symptom: Symptom, pod: Manifest) -> Finding:
    """Return what is wrong with a pod, and what to do about it."""
    told = symptom.tell(f"pod {name(pod)[:253]}")
    cause = prose.shortened(prose.one_line(told.cause), 600)
    if (
        symptom.reason == "Unschedulable"
        and ctx.cache.spec.node_selector is None
        and any(words in cause for words in _NODES)
    ):
        label = next(iter(template.DEFAULT_NODES))
        return Finding(
            symptom.reason,
            cause,
            f"set spec.nodeSelector ({{}} takes any node), or label the nodes with {label}",
        )
    remedy = told.remedy
    for theirs, ours in _FIELDS:
        remedy = remedy.replace(theirs, ours)
    return Finding(symptom.reason, cause, prose.shortened(prose.one_line(remedy), 300))
