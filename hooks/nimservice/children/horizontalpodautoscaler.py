"""HorizontalPodAutoscaler: owns the number of replicas while ``spec.scale.enabled`` is true."""

from collections.abc import Iterator
from operator import itemgetter

from hooks.kernel.manifest import Manifest
from hooks.kernel.quantity import canonical
from hooks.nimservice import naming
from hooks.nimservice.api.scale import METRIC_SOURCES, SCALING_WAYS
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context

_AMOUNTS = ("value", "averageValue")
_DEFAULT = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
}
"""Kubernetes' default metric. The list is replaced whole, so the default is written out."""


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the autoscaler; nothing while autoscaling is off or KServe scales."""
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
                for metric in sorted(scale.hpa.metrics or [_DEFAULT], key=itemgetter("type"))
            ],
            "behavior": _behavior(scale.hpa.behavior or {}) or None,
        },
    }


def _metric(metric: Manifest) -> Manifest:
    """Return a metric with canonical amounts, as stored, because the list is replaced whole."""
    sources = {key: _with_amounts(metric[key]) for key in METRIC_SOURCES if key in metric}
    return {**metric, **sources}


def _with_amounts(source: Manifest) -> Manifest:
    if "target" not in source:
        return source
    target: Manifest = source["target"]
    amounts = {key: canonical(target[key]) for key in _AMOUNTS if key in target}
    return {**source, "target": {**target, **amounts}}


def _behavior(behavior: Manifest) -> Manifest:
    """Return the behaviour with canonical tolerances, which are amounts."""
    rules = {way: _rules(behavior[way]) for way in SCALING_WAYS if way in behavior}
    return {**behavior, **rules}


def _rules(rules: Manifest) -> Manifest:
    if "tolerance" not in rules:
        return rules
    return {**rules, "tolerance": canonical(rules["tolerance"])}
