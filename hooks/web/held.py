"""Held: why an answer keeps a workload as it is instead of making it anew, read from the answer's own status."""

from hooks.kernel.protocol import JSON
from hooks.nimservice import naming
from hooks.nimservice.kinds import WORKLOADS

BLOCKED = (
    "NIMCacheNotFound",
    "NIMCacheNotReady",
    "NIMCacheFailed",
    "NIMCacheChanged",
    "UnknownProfile",
    "ResourceClaimNotFound",
    "ComputeDomainNotFound",
    "ComputeDomainWithoutChannel",
)
"""An input is missing, or is not what the workload took: the reasons of ``modelstore.Blocked``."""

CAUSES = (*BLOCKED, "InvalidSpec", "KindNotManaged")
"""Every cause, as the conditions name it: a fixed number of values for a label."""

_KINDS = {kind.kind for kind in WORKLOADS}


def cause(answer: JSON, name: str) -> str | None:
    """Return why the answer to a sync keeps what exists, or None where it makes everything as the spec says.

    Args:
        answer: the answer.
        name: the name of the NIMService.
    """
    if not answer.get("children"):
        return None  # nothing exists, so nothing is held
    conditions: dict[str, str] = {each["type"]: each["reason"] for each in answer["status"].get("conditions", ())}
    verdict, warning = conditions.get("Ready"), conditions.get("Degraded")
    if verdict == "InvalidSpec" or (verdict == "KindNotManaged" and _has_workload(answer, name)):
        return verdict
    if verdict in BLOCKED and answer["status"]["state"] == "NotReady":
        return verdict  # the former platform stays; without a workload the state is Pending or Failed
    return warning if warning in BLOCKED else None


def _has_workload(answer: JSON, name: str) -> bool:
    """Whether a model runs; an endpoint picker, of the same kind, runs none."""
    workloads = (child["metadata"]["name"] for child in answer["children"] if child["kind"] in _KINDS)
    return any(workload != f"{name}{naming.PICKER}" for workload in workloads)
