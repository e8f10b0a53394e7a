"""ServiceMonitor: lets the Prometheus operator scrape the metrics."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import deploymentmode, naming
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the ServiceMonitor while metrics are enabled (Q18).

    Knative's Services have no port to scrape.
    """
    nim, monitor = ctx.nim, ctx.nim.spec.metrics.service_monitor
    if not nim.spec.metrics.enabled or (nim.kserve and not deploymentmode.standard(ctx)):
        return
    scrape = {"interval": monitor.interval or None, "scrapeTimeout": monitor.scrape_timeout or None}
    endpoints = [{"port": naming.API_PORT, "path": "/v1/metrics", **scrape}]
    if nim.spec.expose.service.metrics_port:
        endpoints.append({"port": naming.METRICS_PORT, "path": "/metrics", **scrape})
    yield {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": naming.metadata(
            nim,
            naming.workload(nim),
            labels={**naming.labels(nim), **monitor.additional_labels},
            annotations={
                **monitor.annotations,
                **nim.spec.annotations,
                **security.annotations(ctx),
            },
        ),
        "spec": {
            "namespaceSelector": {"matchNames": [nim.namespace]},
            "selector": {"matchLabels": naming.labels(nim)},
            "endpoints": endpoints,
        },
    }
