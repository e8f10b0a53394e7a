"""Troubled: a pod, and what is the matter with it."""

from typing import Any

from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.situations import pods

POD = "pod llama-7d9f8c6b5-aaaaa"
LOG = "kubectl logs llama-7d9f8c6b5-aaaaa -n nim -c llama-ctr"


def worst(*statuses: dict[str, Any], **given: Any) -> Finding:
    found = cause.worst(pods.context(pods.pod(*statuses, **given)))
    assert found is not None
    return found
