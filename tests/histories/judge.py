"""Judge: watches every write in a world and calls what must never happen by its name."""

import copy
from typing import Any

from hooks.cluster.api import Object, controller_of, is_deleting
from hooks.kernel import lastapplied
from hooks.kernel.values import same
from hooks.nimservice import kinds
from hooks.nimservice.api import kserve
from nimservice_simulator.api import Event
from tests.histories import edits, reasons
from tests.histories.world import METACONTROLLER, OLDER, World

COLLECTOR = "garbage-collector"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
"""What ``kubectl rollout restart`` puts into a pod template."""
_NOT_OF_PODS = {
    lastapplied.LAST_APPLIED,  # not copied where KServe is set up as documented
    lastapplied.OWNER_LABEL,  # Metacontroller's, and the same for the life of a NIMService
    kserve.STOP,  # takes all pods away
    *OLDER,
}
"""Labels and annotations of an InferenceService that tell nothing of a restart."""


class Violation(AssertionError):
    """Something happened that must never happen; ``rule`` is its short name."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"{rule}: {what}")
        self.rule = rule


class Judge:
    """Looks at each change as it happens, so that the step that causes it is the one that fails."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made_for: dict[str, Object] = {}
        """By the workload's uid, the spec that its pod template was made for."""
        self._ours: dict[str, Any] = {}
        """By the workload's uid, the pod template as Metacontroller left it."""
        self._released = False
        """Whether spec.storage was edited while the status knew no model store: then an edit back
        is an edit as any other."""
        world.sim.server.watch_all(self._see)

    def at_rest(self) -> None:
        """Take note that everything is made for the spec as it is now: from here on no template may
        change without an edit."""
        if self._world.nim:
            self._made_for = dict.fromkeys(self._made_for, self._world.nim["spec"])

    def _see(self, event: Event) -> None:
        if event.object["kind"] == kinds.NIM_SERVICE.kind:
            if event.type == "MODIFIED" and event.old:
                self._see_parent(event.old, event.object, event.manager)
            return
        owner = controller_of(event.object)
        if owner is None or owner["kind"] != kinds.NIM_SERVICE.kind:
            return
        if event.manager in (METACONTROLLER, COLLECTOR) and _goes(event):
            self._check_loss(event, owner["uid"])
        elif event.manager == METACONTROLLER and event.type != "DELETED":
            self._check_pods(event)
            self._check_replicas(event)
            self._check_key(event)

    def _see_parent(self, old: Object, new: Object, manager: str) -> None:
        before = old.get("status") or {}
        if manager == METACONTROLLER:
            self._check_status(before, new.get("status") or {})
        elif not same(
            old["spec"].get("storage"), new["spec"].get("storage")
        ) and "nimCache" not in (before.get("modelStore") or {}):
            self._released = True

    def _check_status(self, old: Object, new: Object) -> None:
        before = {each["type"]: each for each in old.get("conditions") or []}
        seen = same(self._world.line.parent.get("status") or {}, old)
        for each in new.get("conditions") or []:
            known = before.get(each["type"]) or {"status": None}
            # A hook that was shown an older status cannot know the time.
            if (
                seen
                and known["status"] == each["status"]
                and known["lastTransitionTime"] != each["lastTransitionTime"]
            ):
                raise Violation(
                    "time", f"condition {each['type']} stayed {each['status']}, and its time moved"
                )
            if each["type"] in ("Reconciling", "Stalled") and each["status"] != "True":
                raise Violation("kstatus", f"condition {each['type']} is there and not True")

    def _check_loss(self, event: Event, owner: str) -> None:
        nim, name = self._world.nim, f"{event.object['kind']}/{event.object['metadata']['name']}"
        if nim is None or nim["metadata"]["uid"] != owner or is_deleting(nim):
            return
        if event.manager == COLLECTOR:
            raise Violation("collected", f"{name}: its NIMService lives")
        parent = self._world.line.parent
        if reasons.stands(*name.split("/"), parent, self._world.manages):
            raise Violation("lost", f"{name}: deleted, although the spec asks for it")

    def _check_pods(self, event: Event) -> None:
        new, uid, spec = (
            _template(event.object),
            event.object["metadata"]["uid"],
            self._world.line.parent["spec"],
        )
        if new is None:
            return
        if event.type == "ADDED":
            self._made_for[uid] = spec
        elif not same(_template(event.old), new) and not same(self._ours.get(uid), new):
            self._check_edit(event.object, spec, _template(event.old), new)
            self._made_for[uid], self._released = spec, False
        self._ours[uid] = new

    def _check_edit(self, workload: Object, spec: Object, old: Any, new: Any) -> None:
        before, name = (
            self._made_for[workload["metadata"]["uid"]],
            f"{workload['kind']}/{workload['metadata']['name']}",
        )
        relevant = edits.about_picker if name.endswith("-epp") else edits.about_pods
        moved = _store(old) != _store(new)
        if same(relevant(before), relevant(spec)) and not (self._released and moved):
            raise Violation(
                "restarted",
                f"{name}: its pod template changed and no edit asked for it: {difference(old, new)}",
            )
        if not self._released and moved and same(before.get("storage"), spec.get("storage")):
            raise Violation(
                "moved",
                f"{name}: its model store changed and spec.storage did not: {_store(old)} → {_store(new)}",
            )

    def _check_replicas(self, event: Event) -> None:
        """A number that nobody asks for stays, but for zero, at which an autoscaler does
        nothing."""
        if event.type != "MODIFIED" or event.object["kind"] not in (
            "Deployment",
            "LeaderWorkerSet",
        ):
            return
        name, spec = event.object["metadata"]["name"], self._world.line.parent["spec"]
        old, new = (
            ((obj or {}).get("spec") or {}).get("replicas") for obj in (event.old, event.object)
        )
        scaled = (spec.get("scale") or {}).get("enabled")
        asked = None if scaled else spec.get("replicas")
        started = spec["scale"]["hpa"].get("minReplicas", 1) if scaled else 1
        if (
            old != new
            and not name.endswith("-epp")
            and new != asked
            and not (asked is None and not old and new == started)
        ):
            raise Violation(
                "jumped",
                f"{event.object['kind']}/{name}: replicas went from {old} to {new}, and the spec asks for {asked}",
            )

    def _check_key(self, event: Event) -> None:
        if event.object["kind"] != "Secret" or event.type != "MODIFIED" or event.old is None:
            return
        if self._world.find(kinds.LEADER_WORKER_SET, f"{edits.NAME}-lws") and not same(
            event.old.get("data"), event.object.get("data")
        ):
            raise Violation("key", "the SSH key changed under a running group")


def _goes(event: Event) -> bool:
    return event.type == "DELETED" or (
        is_deleting(event.object) and not is_deleting(event.old or {"metadata": {}})
    )


def _template(workload: Object | None) -> Any:
    """Return a workload's pod template, or both of a group; None for what makes no pods."""
    spec = (workload or {}).get("spec") or {}
    match (workload or {}).get("kind"):
        case "Deployment":
            found = copy.deepcopy(spec["template"])
        case "LeaderWorkerSet":
            found = copy.deepcopy(spec["leaderWorkerTemplate"])
        case "InferenceService":
            found = copy.deepcopy(
                {
                    key: value
                    for key, value in spec["predictor"].items()
                    if "Replicas" not in key and "scale" not in key
                }
            )
            for key in ("labels", "annotations"):  # KServe copies both
                given = {**(workload["metadata"].get(key) or {}), **(found.get(key) or {})}
                found[key] = {each: given[each] for each in given if each not in _NOT_OF_PODS}
        case _:
            return None
    annotations = (found.get("metadata") or {}).get("annotations") or {}
    annotations.pop(RESTARTED, None)
    if not annotations:
        (found.get("metadata") or {}).pop("annotations", None)
    return found


def _store(template: Any) -> tuple[Any, ...]:
    """Return what a pod template takes from its model store: claim, folders and profile."""
    pod = (template.get("leaderTemplate") or template).get("spec") or template
    claims = [
        volume.get("persistentVolumeClaim")
        for volume in pod.get("volumes") or []
        if volume["name"] == "model-store"
    ]
    container = next(
        (each for each in pod["containers"] if each["name"] != "tuner"), pod["containers"][0]
    )
    mounts = sorted(
        (each["mountPath"], each.get("subPath"))
        for each in container["volumeMounts"]
        if each["name"] == "model-store"
    )
    profile = [
        each.get("value")
        for each in container.get("env") or []
        if each["name"] == "NIM_MODEL_PROFILE"
    ]
    return [(claim or {}).get("claimName") for claim in claims], mounts, profile


def difference(old: Any, new: Any, path: str = "") -> str:
    """Return the first few places where two values differ."""
    return "; ".join(_differences(old, new, path)[:3])


def _differences(old: Any, new: Any, path: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            each
            for key in sorted({*old, *new})
            for each in _differences(old.get(key), new.get(key), f"{path}.{key}")
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            each
            for index, pair in enumerate(zip(old, new, strict=True))
            for each in _differences(*pair, f"{path}[{index}]")
        ]
    return [] if same(old, new) else [f"{path}: {_short(old)} → {_short(new)}"]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
