"""Devices by DRA, with the real scheduler: claims, what they wait for, and what gives them."""

from contextlib import contextmanager

from hooks.cluster.api import Resource
from tests.control_plane.cluster import USER
from tests.control_plane.stage import writes_at_rest
from tests.neighbours.neighbours import NODES
from tests.neighbours.place import nim

GROUP = "resource.k8s.io/v1"
DEVICE_CLASS = Resource(GROUP, "DeviceClass", "deviceclasses", namespaced=False)
SLICE = Resource(GROUP, "ResourceSlice", "resourceslices", namespaced=False)
CLAIM = Resource(GROUP, "ResourceClaim", "resourceclaims")
DRIVER = "gpu.example.com"


def devices(node, *products):
    """Return what a driver publishes of a node: a device of each product."""
    attributes = [{"productName": {"string": product}} for product in products]
    return {
        "apiVersion": GROUP,
        "kind": "ResourceSlice",
        "metadata": {"name": f"{node}-gpus"},
        "spec": {
            "driver": DRIVER,
            "nodeName": node,
            "pool": {"name": node, "generation": 1, "resourceSliceCount": 1},
            "devices": [
                {"name": f"gpu-{at}", "attributes": each} for at, each in enumerate(attributes)
            ],
        },
    }


@contextmanager
def published(cluster, *objects):
    for each in objects:
        cluster.create(each, manager=USER)
    try:
        yield
    finally:
        for each in objects:
            kind = DEVICE_CLASS if each["kind"] == DEVICE_CLASS.kind else SLICE
            cluster.delete(kind, "", each["metadata"]["name"])


def test_devices_are_claimed_by_what_is_asked_of_them(place):
    request = {
        "name": "gpu",
        "deviceClassName": DRIVER,
        "driverName": DRIVER,
        "attributeSelectors": [
            {"key": "productName", "op": "Equal", "value": {"stringValue": "large"}}
        ],
    }
    claims = [{"claimCreationSpec": {"devices": [request]}}]
    kind = {
        "apiVersion": GROUP,
        "kind": DEVICE_CLASS.kind,
        "metadata": {"name": DRIVER},
        "spec": {"selectors": [{"cel": {"expression": f"device.driver == '{DRIVER}'"}}]},
    }
    first, second = NODES[:2]
    with published(place.cluster, kind, devices(first, "small", "large")):
        place.apply(nim("llama", place.namespace, replicas=2, resources={}, draResources=claims))
        place.stream.until("llama", "Unschedulable", words=["cannot allocate"], seconds=60)
        assert {each.ready for each in place.said("llama")} == {"False"}
        with published(place.cluster, devices(second, "large")):
            place.stream.until("llama", "Ready", seconds=60)
            given = {
                (result["pool"], result["device"])
                for claim in place.cluster.list(CLAIM, place.namespace)
                for result in claim["status"]["allocation"]["devices"]["results"]
            }
            assert given == {(first, "gpu-1"), (second, "gpu-0")}
            place.stage.settle()
            assert not writes_at_rest(place.stage)
