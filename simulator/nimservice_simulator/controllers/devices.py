"""Devices: makes ResourceClaims from templates, allocates claims, and readies ComputeDomains."""

from collections.abc import Callable
from functools import partial

from hooks.cluster.api import Object, Resource, is_deleting, name_of
from nimservice_simulator.controllers.podstates import NODE
from nimservice_simulator.controllers.scenarios import Scenario
from nimservice_simulator.controllers.world import POD, World, reference

CLAIM = Resource("resource.k8s.io/v1", "ResourceClaim", "resourceclaims")
TEMPLATE = Resource("resource.k8s.io/v1", "ResourceClaimTemplate", "resourceclaimtemplates")
DOMAIN = Resource("resource.nvidia.com/v1beta1", "ComputeDomain", "computedomains")
MANAGER = "resourceclaim-controller"
_SOME = {
    "spec": {
        "devices": {"requests": [{"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com"}}]}
    }
}
_POD_CLAIM = "resource.kubernetes.io/pod-claim-name"


class Devices:
    """The controllers of claims and of ComputeDomains."""

    kinds = ("Pod", "ResourceClaim", "ComputeDomain")

    def __init__(self, scenario: Callable[[], Scenario]) -> None:
        self._scenario = scenario

    def reconcile(self, world: World) -> None:
        """Give pods their claims, allocate those on a node, and ready ComputeDomains."""
        for pod in world.server.list(POD):
            if not is_deleting(pod):
                for claim in pod["spec"].get("resourceClaims") or []:
                    _claim(world, pod, claim, allocates=self._scenario().allocates)
        for domain in world.all(*DOMAIN[:2]):
            uid = domain["metadata"]["uid"]
            if (
                not is_deleting(domain)
                and (domain.get("status") or {}).get("status") != "Ready"
                and not world.is_pending(uid)
            ):
                world.after(
                    5, uid, partial(world.edit, domain, _ready, "compute-domain-controller")
                )


def _claim(world: World, pod: Object, wanted: Object, *, allocates: bool) -> None:
    namespace, _ = name_of(pod)
    name = wanted.get("resourceClaimName") or _made(pod, wanted["name"])
    if name is None:
        _make(world, pod, wanted)
        return
    if not allocates or not world.server.exists(CLAIM, namespace, name):
        return
    claim = world.server.get(CLAIM, namespace, name)
    user = {"resource": "pods", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    users = (claim.get("status") or {}).get("reservedFor") or []
    if user not in users:
        requests = (claim["spec"].get("devices") or {}).get("requests") or []
        results = [
            {"request": each["name"], "driver": "gpu.nvidia.com", "pool": NODE, "device": "gpu-0"}
            for each in requests
        ]
        world.set_status(
            claim,
            {"allocation": {"devices": {"results": results}}, "reservedFor": [*users, user]},
            "scheduler",
        )


def _made(pod: Object, name: str) -> str | None:
    found = (
        entry for entry in pod["status"].get("resourceClaimStatuses") or [] if entry["name"] == name
    )
    return next((str(entry["resourceClaimName"]) for entry in found), None)


def _make(world: World, pod: Object, wanted: Object) -> None:
    namespace, pod_name = name_of(pod)
    source = wanted.get("resourceClaimTemplateName") or ""
    # a template that the simulator does not know counts as existing
    template = (
        world.server.get(TEMPLATE, namespace, source)["spec"]
        if world.server.exists(TEMPLATE, namespace, source)
        else _SOME
    )
    meta = template.get("metadata") or {}
    claim = world.server.create(
        {
            "apiVersion": CLAIM.api_version,
            "kind": CLAIM.kind,
            "metadata": {
                **meta,
                "generateName": f"{pod_name}-{wanted['name']}-",
                "namespace": namespace,
                "annotations": {**(meta.get("annotations") or {}), _POD_CLAIM: wanted["name"]},
                "ownerReferences": [reference(pod)],
            },
            "spec": template["spec"],
        },
        manager=MANAGER,
    )
    entry = {"name": wanted["name"], "resourceClaimName": claim["metadata"]["name"]}
    world.edit(
        pod,
        lambda copy: copy["status"].setdefault("resourceClaimStatuses", []).append(entry),
        MANAGER,
    )


def _ready(domain: Object) -> None:
    count = domain["spec"].get("numNodes", 0)
    nodes = [
        {
            "name": f"node-{number + 1}",
            "ipAddress": f"192.0.2.{number + 1}",
            "cliqueID": "0.0",
            "index": number,
            "status": "Ready",
        }
        for number in range(count)
    ]
    domain["status"] = {"status": "Ready", "nodes": nodes}
