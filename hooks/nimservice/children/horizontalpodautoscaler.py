"""HorizontalPodAutoscaler: owns the number of replicas while ``spec.scale.enabled``."""

from collections.abc import Iterator
from typing import Any

from hooks.kernel.manifest import Manifest
from hooks.kernel.quantity import canonical
from hooks.nimservice import naming
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context

_AMOUNTS = ("value", "averageValue")
_DEFAULT = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
}
"""What Kubernetes scales on where nothing is given; written out, it stays as it is."""


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the autoscaler, or nothing while autoscaling is off or KServe scales."""
    nim, scale = ctx.nim, ctx.nim.spec.scale
    if not nim.autoscaled or scale.hpa is None or nim.kserve or nim.multi_node:
        return
    yield {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": naming.metadata(
            nim,
            naming.workload(nim),
            labels=naming.labels(nim),
            annotations={**scale.annotations, **nim.spec.annotations, **security.annotations(ctx)},
        ),
        "spec": {
            "scaleTargetRef": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": naming.workload(nim),
            },
            "minReplicas": scale.hpa.min_replicas,
            "maxReplicas": scale.hpa.max_replicas,
            "metrics": [
                _metric(metric)
                for metric in sorted(
                    scale.hpa.metrics or [_DEFAULT], key=lambda metric: str(metric.get("type"))
                )
            ],
            "behavior": _behavior(scale.hpa.behavior or {}) or None,
        },
    }


def _metric(metric: Manifest) -> Manifest:
    """Return a metric with its amounts in canonical form: the list is replaced whole, so it must read as it is stored."""
    return {
        key: _with_amounts(value) if isinstance(value, dict) else value
        for key, value in metric.items()
    }


def _with_amounts(source: Manifest) -> Manifest:
    target: Any = source.get("target")
    if not isinstance(target, dict):
        return source
    return {
        **source,
        "target": {
            key: canonical(value) if key in _AMOUNTS else value for key, value in target.items()
        },
    }


def _behavior(behavior: Manifest) -> Manifest:
    """Return the behaviour with its tolerances, which are amounts, in canonical form."""
    return {
        way: {**rules, "tolerance": _amount(rules.get("tolerance"))}
        for way, rules in behavior.items()
    }


def _amount(given: Any) -> str | None:
    return None if given is None else canonical(given)
