"""Troubled: pods by the end of their names, and the worst trouble of them."""

from typing import Any

from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.situations import pods
from tests.situations.pods import NEW
from tests.situations.stored import JSON


def named(suffix: str, *statuses: JSON, template: str = NEW, **given: Any) -> JSON:
    return pods.pod(*statuses, name=f"llama-{template}-{suffix}", template=template, **given)


def worst(*each: JSON, **workload: Any) -> Finding:
    found = cause.worst(pods.context(*each, **workload))
    assert found is not None
    return found
