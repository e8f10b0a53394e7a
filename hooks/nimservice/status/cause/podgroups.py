"""Pod groups: the troubles of all pods, grouped by symptom."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from hooks.kernel.clock import Clock
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import carries, condition, deleted, labels, metadata, name, text
from hooks.kernel.pod import pod, scheduling
from hooks.kernel.pod.fields import Fields
from hooks.kernel.pod.trouble import GONE, NOW, OLD, Explanation, Symptom, Trouble
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.kserve import OWNER
from hooks.nimservice.context import Context

_GROUP = "leaderworkerset.sigs.k8s.io/"
_TEMPLATES = ("pod-template-hash", f"{_GROUP}template-revision-hash")
"""The labels with the hash of a pod's template, on a Deployment and on a LeaderWorkerSet."""

_FIELDS = Fields(
    image="correct its repository and tag",
    command="spec.command",
    memory_limit="spec.resources.limits.memory",
    memory_request="spec.resources.requests.memory",
    ephemeral_storage="spec.resources.requests",
    lighter="serve a smaller profile",
    startup_probe="spec.startupProbe",
    nodes="compare spec.nodeSelector and spec.affinity with the nodes' labels",
    affinity="spec.affinity",
    priority="spec.priorityClassName",
    scheduler="spec.schedulerName",
    devices="spec.draResources and spec.multiNode.computeDomain",
    storage="spec.storage",
    pull_secrets="the image's pullSecrets",
)

_OF_GROUP = _FIELDS._replace(recreated=True)

_REPLICA_SET = re.compile(r'[Rr]eplica ?[Ss]et "([^"]{1,253})"')


def troubles(ctx: Context) -> Iterator[Trouble]:
    """Yield the troubles of the pods that run the model."""
    return _troubles(ctx, ctx.workload, _of_model(ctx))


def is_empty(ctx: Context) -> bool:
    """Whether no pod runs the model; False if the hooks do not read pods."""
    return kinds.POD.group_key in ctx.request.related and not any(_of_model(ctx))


def of_picker(ctx: Context) -> Iterator[Trouble]:
    """Yield the troubles of the endpoint picker's pods."""
    app = naming.endpoint_picker(ctx.nim)
    return _troubles(ctx, ctx.child(kinds.DEPLOYMENT, app), _of_app(ctx, app))


def _of_model(ctx: Context) -> Iterator[Manifest]:
    if ctx.workload_kind is kinds.INFERENCE_SERVICE:
        marks = naming.selector(ctx.nim)
        return (each for each in ctx.pods if carries(each, marks))
    return (each for each in _of_app(ctx, ctx.workload_name) if OWNER not in labels(each))


def _of_app(ctx: Context, app: str) -> Iterator[Manifest]:
    """Yield the pods of an app that are this NIMService's: others may have the label ``app``."""
    marks = {"app": app, **naming.pod_identity(ctx.nim.name)}
    return (each for each in ctx.pods if carries(each, marks))


def _troubles(
    ctx: Context, workload: Manifest | None, pods: Iterable[Manifest]
) -> Iterator[Trouble]:
    crowds: dict[tuple[str, str, str], list[tuple[Manifest, Symptom]]] = defaultdict(list)
    born: dict[str, str] = {}
    alive, pods = 0, list(pods)
    for each in pods:
        template = _template(each)
        born[template] = max(born.get(template, ""), text(metadata(each).get("creationTimestamp")))
        symptom = None if pod.healthy(each) else _symptom(each, ctx.clock)
        alive += symptom is None or not symptom.gone
        if symptom:
            crowds[symptom.reason, symptom.subject, "" if symptom.gone else template].append(
                (each, symptom)
            )
    newest = _newest(workload, born)
    for (reason, _, template), members in crowds.items():
        first, symptom = members[0]
        standing = GONE if symptom.gone else NOW if template == newest else OLD
        where = _where(first, len(members), None if deleted(first) or symptom.gone else alive)
        tell = partial(symptom.tell, where)
        if reason == "Unschedulable" and (holder := _holder(first, template, pods)):
            tell = partial(_held_by, holder, tell)
        yield Trouble(reason, tell, standing, len(members), name(first))


def _symptom(each: Manifest, clock: Clock) -> Symptom | None:
    """Return the symptom of a pod. One of a group that fails is deleted, and still tells it."""
    if f"{_GROUP}group-index" not in labels(each):
        return pod.symptom(each, clock, _FIELDS)
    failed = pod.failed(each, _OF_GROUP) if deleted(each) else None
    return failed or pod.symptom(each, clock, _OF_GROUP)


def _holder(waiting: Manifest, template: str, pods: list[Manifest]) -> Manifest | None:
    """Return the pod of a former template, or one that ends, with the device that a pod lacks."""
    lacking = scheduling.lacks(waiting)
    if lacking is None:
        return None
    former = (each for each in pods if deleted(each) or _template(each) != template)
    holding = (each for each in former if scheduling.holds(each, lacking))
    return min(holding, key=lambda each: (not deleted(each), name(each)), default=None)


def _held_by(holder: Manifest, tell: Callable[[], Explanation]) -> Explanation:
    told, called = tell(), name(holder)[:253]
    if deleted(holder):
        return Explanation(
            f"{told.cause}. Pod {called}, which is ending, still has its devices",
            "wait until it has ended",
        )
    return Explanation(
        f"{told.cause}. Pod {called} of the former template still has its devices",
        f"wait until it is replaced, or {told.remedy}",
    )


def _template(manifest: Manifest) -> str:
    marks = labels(manifest)
    return text(marks.get(_TEMPLATES[0])) or text(marks.get(_TEMPLATES[1]))


def _newest(workload: Manifest | None, born: dict[str, str]) -> str:
    """Return the template that the Deployment names, else that of the youngest pod."""
    if found := _REPLICA_SET.search(
        text(condition(workload or {}, "Progressing").get("message"))[:1024]
    ):
        return found[1].rpartition("-")[2]
    return max(born, key=lambda template: (born[template], template), default="")


def _where(first: Manifest, count: int, alive: int | None) -> str:
    called = f"{name(first)[:253]}{_place(labels(first))}"
    if count == 1 and alive in (None, 1):
        return f"pod {called}"
    of, example = f" of {alive}" if alive else "", called if count == 1 else f"such as {called}"
    return f"{count}{of} pods, {example}"


def _place(marks: Manifest) -> str:
    """Return the place of a pod within its group, on a LeaderWorkerSet."""
    group, worker = (
        text(marks.get(f"{_GROUP}{key}"))[:16] for key in ("group-index", "worker-index")
    )
    if not group:
        return ""
    return f", leader of group {group}" if worker == "0" else f", worker {worker} of group {group}"
