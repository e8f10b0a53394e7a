"""Scale: the number of replicas and the metrics, as an InferenceService states them."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.kernel.quantity import canonical
from hooks.nimservice import deploymentmode
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.api.scale import HorizontalPodAutoscaler
from hooks.nimservice.context import Context


def of(ctx: Context) -> Manifest:
    """Return the predictor's fields for scaling; Knative scales by its own annotations."""
    nim, hpa = ctx.nim, ctx.nim.spec.scale.hpa
    if not deploymentmode.standard(ctx):
        return {}
    if nim.autoscaled and hpa:
        return {"minReplicas": hpa.min_replicas, "maxReplicas": hpa.max_replicas, **_metrics(hpa)}
    # By default KServe starts one replica. Zero is not a number of replicas for KServe (I-41), see
    # ``stopped``.
    return (
        {"minReplicas": nim.spec.replicas, "maxReplicas": nim.spec.replicas}
        if nim.spec.replicas
        else {}
    )


def stopped(nim: NIMService) -> bool:
    """Whether zero replicas are desired; the hooks then use KServe's stop annotation.

    KServe's autoscaler would keep at least one replica.
    """
    return nim.spec.replicas == 0 and not nim.autoscaled


def inexpressible(hpa: HorizontalPodAutoscaler) -> Iterator[int]:
    """Yield the positions of the metrics that KServe's autoscaler cannot scale on."""
    return (index for index, metric in enumerate(hpa.metrics) if not _expressible(metric))


def _metrics(hpa: HorizontalPodAutoscaler) -> Manifest:
    metrics = [metric["resource"] for metric in hpa.metrics if _expressible(metric)]
    if len(metrics) == 1 and 0 < metrics[0]["target"].get("averageUtilization", 0) <= 100:
        utilization = metrics[0]["target"]["averageUtilization"]
        return {
            "scaleMetric": metrics[0]["name"],
            "scaleMetricType": "Utilization",
            "scaleTarget": utilization,
        }
    # In autoScaling.metrics an amount is a quantity, in scaleTarget a 32-bit percentage (I-9).
    entries = [
        {"type": "Resource", "resource": {"name": each["name"], "target": _target(each["target"])}}
        for each in metrics
    ]
    return {"autoScaling": {"metrics": entries}} if entries else {}


def _target(target: Manifest) -> Manifest:
    if target["type"] == "Utilization":
        return {"type": "Utilization", "averageUtilization": target["averageUtilization"]}
    return {"type": "AverageValue", "averageValue": canonical(target["averageValue"])}


def _expressible(metric: Manifest) -> bool:
    """Whether KServe supports a metric: utilization of CPU or memory, or average memory."""
    if metric["type"] != "Resource" or "resource" not in metric:
        return False
    name, target = metric["resource"]["name"], metric["resource"]["target"]
    if target["type"] == "Utilization":
        return name in ("cpu", "memory") and "averageUtilization" in target
    return name == "memory" and target["type"] == "AverageValue" and "averageValue" in target
