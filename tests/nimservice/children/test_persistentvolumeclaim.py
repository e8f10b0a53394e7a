"""PersistentVolumeClaim: a volume for the model's files."""

import pytest

from hooks.nimservice.children import persistentvolumeclaim
from tests.situations import nimservice as situation
from tests.situations import stored


def claim(**pvc):
    return situation.only(
        persistentvolumeclaim, storage={"pvc": {"create": True, "size": "50Gi", **pvc}}
    )


@pytest.mark.parametrize(
    "storage",
    [
        {"pvc": {"name": "models"}},
        {"pvc": {"create": False, "name": "models", "size": "1Gi"}},
        {"emptyDir": {}},
        {"hostPath": "/models"},
        {"nimCache": {"name": "cache"}},
        {"nimCache": {"name": "cache"}, "pvc": {"create": True, "size": "1Gi"}},
    ],
)
def test_absent_unless_it_is_to_be_created(storage):
    assert not stored.built(persistentvolumeclaim, situation.context(storage=storage))


def test_it_asks_for_what_the_user_asks_for():
    made = claim(
        name="models",
        storageClass="fast",
        volumeAccessMode="ReadWriteMany",
        annotations={"a": "b"},
        subPath="ignored",
    )
    assert made["metadata"]["name"] == "models"
    assert made["metadata"]["annotations"] == {"a": "b"}
    assert made["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "50Gi"}},
        "storageClassName": "fast",
    }


@pytest.mark.parametrize("mode", [None, ""])
def test_one_node_at_a_time_is_the_default(mode):
    """I-25: without an access mode the reference's claim is refused by the API server."""
    assert claim(**({} if mode is None else {"volumeAccessMode": mode}))["spec"]["accessModes"] == [
        "ReadWriteOnce"
    ]


def test_an_empty_class_is_the_clusters_default_class():
    assert "storageClassName" not in claim(storageClass="")["spec"]


def test_the_size_is_written_as_it_is_stored():
    assert claim(size="1024Mi")["spec"]["resources"]["requests"]["storage"] == "1Gi"


def test_annotations_of_the_nimservice_are_for_pods_and_not_for_volumes():
    made = situation.only(
        persistentvolumeclaim,
        annotations={"a": "b"},
        storage={"pvc": {"create": True, "size": "1Gi"}},
    )
    assert "annotations" not in made["metadata"]
