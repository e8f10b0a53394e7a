"""ComputeDomain: lets pods on several nodes share GPU memory over NVLink.

Its DRA driver makes the ResourceClaimTemplate that the pods claim.
"""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.children import template
from hooks.nimservice.context import Context
from hooks.nimservice.device import claim


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the ComputeDomain to create; an existing one is only named."""
    nim, domain = ctx.nim, claim.compute_domain(ctx.nim)
    if nim.multi_node is None or domain is None or not domain.create:
        return
    yield {
        "apiVersion": "resource.nvidia.com/v1beta1",
        "kind": "ComputeDomain",
        "metadata": naming.metadata(
            nim,
            naming.workload(nim),
            labels=naming.labels(nim),
            annotations=template.annotations(ctx),
        ),
        "spec": {
            # Every pod of every group joins it (Q47). It is immutable, so scaling does not change
            # it.
            "numNodes": nim.multi_node.pipeline * max(nim.replicas, 1),
            "channel": {
                "resourceClaimTemplate": {"name": naming.channel_template(nim)},
                "allocationMode": "Single",
            },
        },
    }
