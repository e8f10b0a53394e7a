"""Symptom: what is wrong with a pod of a NIMCache, in terms of the NIMCache's fields."""

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import name
from hooks.kernel.pod import pod, trouble
from hooks.kernel.pod.fields import Fields
from hooks.kernel.pod.trouble import Symptom
from hooks.nimcache.context import Context
from hooks.nimcache.job import template

_FIELDS = Fields(
    image="correct it, by another NIMCache if it is the modelPuller",
    command="",
    memory_limit="spec.resources.memory",
    memory_request="spec.resources.memory",
    ephemeral_storage="",
    lighter="",
    startup_probe="",
    nodes="compare spec.nodeSelector with the nodes' labels",
    affinity="",
    priority="",
    scheduler="",
    devices="",
    storage="spec.storage.pvc",
    pull_secrets="the pullSecret of the source",
)
_DEFAULT_NODES = (
    "set spec.nodeSelector ({} takes any node), or label the nodes with "
    f"{next(iter(template.DEFAULT_NODES))}"
)


def of(ctx: Context, manifest: Manifest) -> Symptom | None:
    """Return the worst symptom of a pod, or None."""
    return pod.symptom(manifest, ctx.clock, fields(ctx))


def fields(ctx: Context) -> Fields:
    """Return the fields of a NIMCache that remedies name."""
    chosen = ctx.cache.spec.node_selector is not None
    return _FIELDS if chosen else _FIELDS._replace(nodes=_DEFAULT_NODES)


def told(symptom: Symptom, manifest: Manifest) -> Finding:
    """Return the symptom of a pod in English."""
    where = f"pod {name(manifest)[:253]}"
    return trouble.Trouble(symptom.reason, lambda: symptom.tell(where)).finding
