"""Pod failure policy: which rule of a Job a failed pod meets, and whether the failure counts."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from hooks.cluster.api import Object

Action = Literal["Count", "FailIndex", "FailJob", "Ignore"]


class Match(NamedTuple):
    """The rule that a failed pod meets."""

    action: Action
    why: str
    """What the Job says of it, should it fail for this."""

    @property
    def counts(self) -> bool:
        """Whether the failure counts against the backoff limit."""
        return self.action != "Ignore"


def match(job: Object, pod: Object) -> Match:
    """Return the first rule that a failed pod meets; a pod that meets none counts."""
    rules = (job["spec"].get("podFailurePolicy") or {}).get("rules") or []
    for index, rule in enumerate(rules):
        if why := next(_met(rule, pod), None):
            return Match(rule["action"], f"{why} matching {rule['action']} rule at index {index}")
    return Match("Count", "")


def _met(rule: Object, pod: Object) -> Iterator[str]:
    name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
    codes = rule.get("onExitCodes")
    if codes:
        for status in _containers(pod):
            code = (status["state"].get("terminated") or {}).get("exitCode", 0)
            chosen = codes.get("containerName") in (None, status["name"])
            if code and chosen and (code in codes["values"]) == (codes["operator"] == "In"):
                yield f"Container {status['name']} for pod {name} failed with exit code {code}"
        return
    patterns = {(each["type"], each["status"]) for each in rule.get("onPodConditions") or []}
    for condition in pod["status"].get("conditions") or []:
        if (condition["type"], condition["status"]) in patterns:
            yield f"Pod {name} has condition {condition['type']}"


def _containers(pod: Object) -> Iterator[Object]:
    for field in ("containerStatuses", "initContainerStatuses"):
        yield from pod["status"].get(field) or []
