"""Rows: fields about the model's files."""

from tests.fields.row import Row, within

_CREATED = {"storage": {"pvc": {"create": True, "size": "50Gi"}}}
_CACHED = {"storage": {"nimCache": {"name": "cache"}}}

ROWS: dict[str, Row] = within(
    "storage",
    {
        "nimCache.name": Row("cache", "other", _CACHED),
        "nimCache.profile": Row("fast", beside=_CACHED),
        "pvc.create": Row(True, False, {"storage": {"pvc": {"name": "models", "size": "50Gi"}}}),
        "pvc.name": Row("llama-models", beside=_CREATED),
        "pvc.size": Row("100Gi", beside=_CREATED),
        "pvc.storageClass": Row("fast", beside=_CREATED),
        "pvc.volumeAccessMode": Row("ReadWriteMany", beside=_CREATED),
        "pvc.subPath": Row("llama", beside=_CREATED),
        "pvc.annotations{}": Row({"team.example.com/owner": "search"}, beside=_CREATED),
        "hostPath": Row("/models", "/other", {"storage": {"hostPath": "/models"}}),
        "emptyDir.sizeLimit": Row("80Gi", beside={"storage": {"emptyDir": {}}}),
        "sharedMemorySizeLimit": Row("16Gi"),
        "readOnly": Row(True),
    },
)
