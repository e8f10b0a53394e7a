"""Warned: NIMServices with children beside the workload, and what is said of those."""

from typing import Any

from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.nimservice import children
from hooks.nimservice.status import cause
from tests.situations import nimservice as situation
from tests.situations import pods

GATEWAY = {
    "router": {"gateway": {"namespace": "infra", "name": "public", "httpRoutesEnabled": True}}
}


def made(kind: str, nim: JSON, **status: Any) -> JSON:
    child = next(
        each for each in children.plan(situation.context(nim=nim)).children if each["kind"] == kind
    )
    return situation.applied(child, status=status or None)


def warnings(*observed: JSON, nim: JSON | None = None, serving: bool = True) -> list[Finding]:
    up = situation.rolled_out() if serving else {"availableReplicas": 0}
    return list(cause.warnings(pods.context(observed=observed, nim=nim, **up)))


ROUTED = situation.nimservice(expose=GATEWAY)


def route(*conditions: JSON, parents: int = 1, generation: int = 1) -> JSON:
    answer = {
        "parentRef": {"kind": "Gateway", "namespace": "infra", "name": "public"},
        "controllerName": "example.com/gateway",
    }
    child = made(
        "HTTPRoute", ROUTED, parents=[{**answer, "conditions": list(conditions)}] * parents
    )
    child["metadata"]["generation"] = generation
    return child


def condition(kind: str, status: str, reason: str, message: str = "", generation: int = 1) -> JSON:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "observedGeneration": generation,
    }


def observed(nim: JSON, *without: str) -> list[JSON]:
    kept = [
        child
        for child in children.plan(situation.context(nim=nim)).children
        if child["kind"] not in ("Deployment", *without)
    ]
    return [situation.applied(child) for child in kept]
