"""Autoscalers: hold replicas between their bounds.

Nothing is measured, so load is played by scaling.
"""

from hooks.cluster.api import Object, Resource, is_deleting, name_of
from nimservice_simulator.controllers.world import World, condition

AUTOSCALER = Resource("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
MANAGER = "kube-controller-manager"


class Autoscalers:
    """The controller of HorizontalPodAutoscalers."""

    kinds = ("HorizontalPodAutoscaler", "Deployment", "LeaderWorkerSet")

    def reconcile(self, world: World) -> None:
        """Bring each target between its bounds; one that is at zero is left there."""
        for scaler in world.server.list(AUTOSCALER):
            if not is_deleting(scaler):
                _reconcile(world, scaler)


def _reconcile(world: World, scaler: Object) -> None:
    target = scaler["spec"]["scaleTargetRef"]
    kind = world.server.find_kind(target["apiVersion"], target["kind"])
    namespace, _ = name_of(scaler)
    if kind is None or not world.server.exists(kind, namespace, target["name"]):
        reason = {
            "type": "AbleToScale",
            "status": "False",
            "reason": "FailedGetScale",
            "message": f"{target['name']} not found",
        }
        world.set_status(
            scaler,
            {
                "desiredReplicas": 0,
                "conditions": [condition(scaler.get("status"), reason, world.now())],
            },
            MANAGER,
        )
        return
    current = world.server.get(kind, namespace, target["name"])["spec"].get("replicas", 1)
    wanted = current and min(
        max(current, scaler["spec"]["minReplicas"]), scaler["spec"]["maxReplicas"]
    )
    if wanted != current:
        world.server.scale(kind, namespace, target["name"], wanted, manager=MANAGER)
    active = {
        "type": "ScalingActive",
        "status": str(bool(current)),
        "reason": "ValidMetricFound" if current else "ScalingDisabled",
        "message": "",
    }
    able = {"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale", "message": ""}
    conditions = [condition(scaler.get("status"), entry, world.now()) for entry in (able, active)]
    world.set_status(
        scaler,
        {"currentReplicas": current, "desiredReplicas": wanted, "conditions": conditions},
        MANAGER,
    )
