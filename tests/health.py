"""Health: a NIMService in each state of ``docs/health.md``, and what kubectl, kstatus, Flux and
Argo CD read in it.

The rules of kstatus and of ``kubectl wait`` are written down here as their documentation and code
have them. Flux' expressions are run. Argo CD's script is Lua, which nothing here can run: its
branches are written again in Python, and the test holds to the text what both read.
"""

import re
from pathlib import Path
from typing import Any

import cel
import yaml

import hooks
from hooks.kernel import resource
from hooks.kernel.crd import shipped
from hooks.kernel.document import JSON
from hooks.nimservice import children, kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import pods, stored
from tests.situations.nimcache import nimcache

PAGE = (Path(hooks.__file__).parent.parent / "docs" / "health.md").read_text()
CACHED = {"storage": {"nimCache": {"name": "cache"}}}


def synced(nim: JSON, *observed: JSON, related: tuple[JSON, ...] = (), **options: Any) -> JSON:
    """Return the NIMService after a sync, as Metacontroller writes its status."""
    answer = resource.sync(
        NIM_SERVICE, stored.request(nim, observed, related, **options), Settings(), stored.NOW
    ).body
    return {
        **nim,
        "status": {**answer["status"], "observedGeneration": nim["metadata"]["generation"]},
    }


def deployed(nim: JSON, **status: Any) -> JSON:
    """Return the NIMService after a sync at which its Deployment was observed in some state."""
    made = children.plan(situation.context(nim=nim)).children
    others = [situation.applied(child) for child in made if child["kind"] != "Deployment"]
    return synced(nim, pods.deployment(nim, **status), *others)


def edited(nim: JSON) -> JSON:
    """Return a NIMService with an edit that nobody has seen."""
    return {**nim, "metadata": {**nim["metadata"], "generation": 2}}


def first() -> JSON:
    return situation.nimservice()


def unseen() -> JSON:
    """Return a NIMService as the API server shows it before anybody has written a status."""
    return situation.nimservice(
        status=shipped.schemas()["NIMService"]["properties"]["status"]["default"]
    )


def seen(**spec: Any) -> JSON:
    return situation.nimservice(status={"observedGeneration": 1}, **spec)


def scaling_up(nim: JSON | None = None) -> JSON:
    conditions = [situation.progressing("NewReplicaSetAvailable")]
    return deployed(
        nim or seen(replicas=2),
        replicas=2,
        updatedReplicas=2,
        availableReplicas=1,
        conditions=conditions,
    )


def recovering() -> JSON:
    ready = deployed(seen(replicas=2), **situation.rolled_out(2))
    return scaling_up(ready)


def overdue() -> JSON:
    timed_out = situation.progressing(
        "ProgressDeadlineExceeded",
        status="False",
        message='ReplicaSet "llama-7d9f8c6b5" has timed out progressing.',
    )
    return deployed(seen(), conditions=[timed_out])


def updating() -> JSON:
    """Return a NIMService whose edit was seen for the first time: the answer applies it."""
    nim = edited(seen(nodeSelector={"gpu": "a"}))
    return synced(nim, pods.deployment(situation.nimservice(), **situation.rolled_out()))


def stuck() -> JSON:
    """Return a NIMService whose edit was on its way to the workload when it was last looked at,
    some time ago."""
    nim, before = (
        seen(nodeSelector={"gpu": "a b"}),
        pods.deployment(situation.nimservice(), **situation.rolled_out()),
    )
    said = {
        "type": "Ready",
        "status": "False",
        "reason": "Updating",
        "message": "The latest edit is on its way to the Deployment",
    }
    nim["status"]["conditions"] = [{**said, "lastTransitionTime": stored.EARLIER}]
    return synced(nim, before)


def degraded() -> JSON:
    gateway = {
        "router": {"gateway": {"namespace": "infra", "name": "public", "grpcRoutesEnabled": True}}
    }
    return deployed(seen(expose=gateway), **situation.rolled_out())


def with_pod(status: JSON) -> JSON:
    nim = seen()
    return synced(nim, pods.deployment(nim), related=(pods.pod(status),))


def deleting() -> JSON:
    nim = situation.nimservice(deleted=stored.NOW)
    answer = resource.finalize(
        NIM_SERVICE,
        stored.request(nim, [pods.deployment()], finalizing=True),
        Settings(),
        stored.NOW,
    ).body
    return {**nim, "status": {**answer["status"], "observedGeneration": 1}}


SITUATIONS = {
    "applied, not seen by the hooks yet": unseen,
    "edited, the edit not seen by the hooks yet": lambda: edited(
        deployed(seen(), **situation.rolled_out())
    ),
    "the workload is being created": lambda: synced(first()),
    "the NIMCache is not there yet": lambda: synced(situation.nimservice(**CACHED)),
    "the NIMCache is not ready yet": lambda: synced(
        situation.nimservice(**CACHED), related=(nimcache(state="InProgress"),)
    ),
    "the NIMCache has failed": lambda: synced(
        situation.nimservice(**CACHED), related=(nimcache(state="Failed"),)
    ),
    "the hooks refuse the spec": lambda: synced(situation.nimservice(storage={})),
    "the workload's kind is not managed": lambda: synced(
        first(), manages=[kind for kind in kinds.MANAGED if kind is not kinds.DEPLOYMENT]
    ),
    "an edit is on its way to the workload": updating,
    "being rolled out": lambda: deployed(seen()),
    "the API server refuses what an edit leads to": stuck,
    "a pod is loading the model": lambda: with_pod(pods.running()),
    "an image cannot be pulled": lambda: with_pod(pods.waiting("ErrImagePull", "not found")),
    "no progress for too long": overdue,
    "up": lambda: deployed(seen(), **situation.rolled_out()),
    "up, and something of it does not work": degraded,
    "up, and further replicas are being added": scaling_up,
    "up, and replicas that it has lost start again": recovering,
    "scaled to zero": lambda: deployed(seen(replicas=0), **situation.rolled_out(0)),
    "being deleted": deleting,
}


def conditions(nim: JSON) -> dict[str, JSON]:
    return {each["type"]: each for each in nim.get("status", {}).get("conditions", [])}


def kstatus(nim: JSON) -> str:
    if nim["metadata"].get("deletionTimestamp"):
        return "Terminating"
    status = nim.get("status", {})
    if (
        status.get("observedGeneration", nim["metadata"]["generation"])
        != nim["metadata"]["generation"]
    ):
        return "InProgress"
    for each in status.get("conditions", []):
        if each["status"] == "True" and each["type"] in ("Reconciling", "Stalled"):
            return {"Reconciling": "InProgress", "Stalled": "Failed"}[each["type"]]
    if ready := conditions(nim).get("Ready"):
        return "Current" if ready["status"] == "True" else "InProgress"
    return "Current"


def waits(nim: JSON, kind: str = "Ready") -> bool:
    found = conditions(nim).get(kind)
    return (
        found is None
        or found.get("observedGeneration", 0) < nim["metadata"]["generation"]
        or found["status"] != "True"
    )


def argo(nim: JSON) -> str:
    if nim["metadata"].get("deletionTimestamp"):
        return "Progressing"
    if (
        "conditions" not in nim["status"]
        or nim["status"]["observedGeneration"] != nim["metadata"]["generation"]
    ):
        return "Progressing"
    health = "Progressing"
    for each in nim["status"]["conditions"]:
        if each["type"] == "Ready" and each["status"] == "True":
            health = "Healthy"
        elif each["type"] == "Stalled" and each["status"] == "True":
            health = "Degraded"
    return health


def flux(nim: JSON) -> str:
    """Run the expressions of the page in Flux' order; one that cannot be evaluated is a wait."""
    (checks,) = [block for block in blocks("yaml") if "healthCheckExprs" in block.get("spec", {})]
    (expressions,) = checks["spec"]["healthCheckExprs"]
    for name, result in (
        ("inProgress", "InProgress"),
        ("failed", "Failed"),
        ("current", "Current"),
    ):
        try:
            holds = cel.evaluate(
                expressions[name], {key: nim.get(key, {}) for key in ("metadata", "spec", "status")}
            )
        except (RuntimeError, ValueError):
            return "InProgress"
        if holds is True:
            return result
    return "InProgress"


def blocks(language: str) -> list[Any]:
    return [
        yaml.safe_load(text)
        for text in re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    ]


def table() -> dict[str, list[str]]:
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("| ")
    ]
    return {row[0]: row[1:] for row in rows[1:]}
