"""Rows: fields about devices and about replicas that span several nodes."""

from tests.fields.row import MPI, ONE_NODE, RAY, Row, Silent, within


def _beside(**fields):
    return {"draResources": [{"claimCreationSpec": {"devices": [{"name": "gpu", **fields}]}}]}


_DEVICE = _beside()
_ATTRIBUTE = _beside(attributeSelectors=[{"key": "cores", "op": "Equal", "value": {"intValue": 1}}])
_CAPACITY = _beside(capacitySelectors=[{"key": "memory", "op": "Equal", "value": "40Gi"}])
_NODES = {"multiNode": {"parallelism": {}}}
_ALONE = {ONE_NODE: Silent("`parallelism.pipeline` is 1, so one pod runs the model")}
_TEMPLATE = {"draResources": [{"resourceClaimTemplateName": "devices"}]}
_COMPARED = _beside(attributeSelectors=[{"key": "model", "op": "Equal", "value": {}}])


_SELECTORS = {
    "attributeSelectors[].key": Row("slices", beside=_ATTRIBUTE),
    "attributeSelectors[].op": Row("GreaterThan", beside=_ATTRIBUTE),
    "attributeSelectors[].value.boolValue": Row(True, False, _COMPARED),
    "attributeSelectors[].value.intValue": Row(2, 1, _COMPARED),
    "attributeSelectors[].value.stringValue": Row("B200", "H100", _COMPARED),
    "attributeSelectors[].value.versionValue": Row("10.0.0", "9.0.0", _COMPARED),
    "capacitySelectors[].key": Row("disk", beside=_CAPACITY),
    "capacitySelectors[].op": Row("GreaterThan", beside=_CAPACITY),
    "capacitySelectors[].value": Row("80Gi", beside=_CAPACITY),
    "celExpressions[]": Row("device.attributes['gpu.nvidia.com'].cores > 1", beside=_DEVICE),
}

ROWS: dict[str, Row] = {
    **within(
        "draResources[]",
        {
            "resourceClaimName": Row(
                "gpus", "other", {"draResources": [{"resourceClaimName": "gpus"}]}
            ),
            "resourceClaimTemplateName": Row("others", beside=_TEMPLATE),
            "requests[]": Row("gpu", beside=_TEMPLATE),
            "claimCreationSpec.generateName": Row("devices", beside=_DEVICE),
            **within(
                "claimCreationSpec.devices[]",
                {
                    "name": Row("accelerator", beside=_DEVICE),
                    "count": Row(2, beside=_DEVICE),
                    "deviceClassName": Row("mig.nvidia.com", beside=_DEVICE),
                    "driverName": Row("other.example.com", beside=_ATTRIBUTE),
                    **_SELECTORS,
                },
            ),
        },
    ),
    **within(
        "multiNode",
        {
            "backendType": Row(
                "lws",
                beside=_NODES,
                silent=dict.fromkeys((ONE_NODE, MPI, RAY), Silent("there is one to choose", False)),
            ),
            "parallelism.pipeline": Row(4, beside=_NODES),
            "parallelism.tensor": Row(4, beside=_NODES, silent=_ALONE),
            "mpi.mpiStartTimeout": Row(600, beside=_NODES, silent=_ALONE),
            "ray.rayPort": Row(6380, beside=_NODES, silent=_ALONE),
            "computeDomain.create": Row(True, beside=_NODES, silent=_ALONE),
            "computeDomain.name": Row("shared", beside=_NODES, silent=_ALONE),
        },
    ),
}
