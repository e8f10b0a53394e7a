"""ResourceClaimTemplate: the devices of each pod, if the NIMService describes them itself.

It is immutable, so the hooks make it once and never update it (I-4). They write out the API
server's defaults, so that the desired object equals the stored one.
"""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.api.dra import Device
from hooks.nimservice.children import template
from hooks.nimservice.context import Context
from hooks.nimservice.device import selector


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield a template for each entry of ``spec.draResources`` with a ``claimCreationSpec``."""
    nim = ctx.nim
    for index, entry in enumerate(nim.spec.dra_resources):
        if entry.claim_creation_spec is None:
            continue
        labels, annotations = naming.labels(nim), template.annotations(ctx)
        yield {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceClaimTemplate",
            "metadata": naming.metadata(
                nim, naming.claim_template(nim, index), labels=labels, annotations=annotations
            ),
            "spec": {
                "metadata": {"labels": labels, "annotations": annotations},
                "spec": {
                    "devices": {
                        "requests": [
                            _request(device) for device in entry.claim_creation_spec.devices
                        ]
                    }
                },
            },
        }


def _request(device: Device) -> Manifest:
    return {
        "name": device.name,
        "exactly": {
            "allocationMode": "ExactCount",
            "count": device.count,
            "deviceClassName": device.device_class_name,
            "selectors": [
                {"cel": {"expression": expression}} for expression in selector.expressions(device)
            ],
        },
    }
