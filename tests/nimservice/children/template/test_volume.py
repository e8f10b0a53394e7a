"""Volume: what a pod mounts, and where."""

import pytest

from hooks.kernel.manifest import without_none
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.template import volume
from hooks.nimservice.modelstore import ModelStore
from tests.situations import nimservice as situation

IMAGE = {"repository": "busybox", "tag": "1"}
HELPER = [{"name": "helper", "image": IMAGE}]
CLAIM = ModelStore(claim="models", sub_path="llama")


def nim(**spec):
    return NIMService.parse(situation.nimservice(**spec))


def volumes(store=CLAIM, **spec):
    return {each.pop("name"): each for each in without_none(volume.volumes(nim(**spec), store))}


def mounts(of=volume.mounts, store=CLAIM, **spec):
    further = ([],) if of is volume.mounts else ()
    return [(each["name"], each["mountPath"]) for each in of(nim(**spec), store, *further)]


def test_a_claim_and_shared_memory():
    assert volumes() == {
        "dshm": {"emptyDir": {"medium": "Memory"}},
        "model-store": {"persistentVolumeClaim": {"claimName": "models"}},
    }


def test_shared_memory_has_the_limit_that_the_user_gives():
    assert volumes(storage={"sharedMemorySizeLimit": "1024Mi"})["dshm"] == {
        "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}
    }


@pytest.mark.parametrize(
    ("storage", "source"),
    [
        ({"emptyDir": {}}, {"emptyDir": {}}),
        ({"emptyDir": {"sizeLimit": "10240Mi"}}, {"emptyDir": {"sizeLimit": "10Gi"}}),
        ({"emptyDir": {"sizeLimit": 0}}, {"emptyDir": {"sizeLimit": "0"}}),
        ({"hostPath": "/models"}, {"hostPath": {"path": "/models", "type": "DirectoryOrCreate"}}),
        ({"emptyDir": {}, "readOnly": True}, {"emptyDir": {}}),
    ],
)
def test_a_directory_of_the_node(storage, source):
    assert volumes(ModelStore(), storage=storage)["model-store"] == source


@pytest.mark.parametrize(
    ("read_only", "source"),
    [(True, {"claimName": "models", "readOnly": True}), (False, {"claimName": "models"})],
)
def test_a_claim_can_be_read_only(read_only, source):
    assert volumes(storage={"readOnly": read_only})["model-store"] == {
        "persistentVolumeClaim": source
    }


@pytest.mark.parametrize(
    ("storage", "store", "read_only"),
    [
        ({"hostPath": "/models", "readOnly": True}, ModelStore(), True),
        ({"hostPath": "/models"}, ModelStore(), None),
        ({"pvc": {"name": "models"}, "readOnly": True}, CLAIM, None),
        ({"emptyDir": {}, "readOnly": True}, ModelStore(), None),
    ],
    ids=[
        "a host path",
        "a host path that is written to",
        "a claim, by its volume",
        "an empty directory, which nothing could fill",
    ],
)
def test_a_mount_is_read_only_where_its_volume_cannot_say_so(storage, store, read_only):
    """The reference has ``readOnly`` for claims only."""
    (mount, *_) = without_none(volume.mounts(nim(storage=storage), store, []))
    assert mount.get("readOnly") == read_only


@pytest.mark.parametrize(
    ("spec", "scratch"),
    [
        ({}, False),
        ({"proxy": {"certConfigMap": "ca"}}, False),
        ({"initContainers": HELPER}, True),
        ({"sidecarContainers": HELPER}, True),
        ({"initContainers": HELPER, "proxy": {"certConfigMap": "ca"}}, True),
    ],
    ids=[
        "alone",
        "certificates",
        "an init container",
        "a sidecar",
        "one init container beside certificates",
    ],
)
def test_the_users_containers_share_a_scratch_directory(spec, scratch):
    """I-35, Q26: the reference forgets it for exactly one init container beside certificates."""
    assert ("scratch" in volumes(**spec)) == scratch
    assert (("scratch", "/scratch") in mounts(**spec)) == scratch
    assert (("scratch", "/scratch") in mounts(volume.init_mounts, **spec)) == scratch


def test_certificates_are_made_in_one_directory_and_used_from_it():
    spec = {"proxy": {"certConfigMap": "ca"}}
    assert volumes(**spec)["custom-ca"] == {"configMap": {"name": "ca"}}
    assert volumes(**spec)["ca-cert-volume"] == {"emptyDir": {}}
    assert mounts(volume.init_mounts, **spec)[-2:] == [
        ("ca-cert-volume", "/ca-certs"),
        ("custom-ca", "/custom"),
    ]
    assert mounts(**spec)[-1] == ("ca-cert-volume", "/etc/ssl")


def test_the_order_of_volumes_is_that_of_the_reference():
    spec = {"initContainers": HELPER, "proxy": {"certConfigMap": "ca"}}
    assert list(volumes(**spec)) == [
        "dshm",
        "scratch",
        "model-store",
        "ca-cert-volume",
        "custom-ca",
    ]


@pytest.mark.parametrize(
    ("layout", "paths"), [("legacy", ["/model-store"]), ("native", ["/model", "/opt/cache"])]
)
def test_the_layout_says_where_the_model_is_mounted(layout, paths):
    store = ModelStore(claim="models", sub_path="llama", layout=layout)
    for made in (volume.mounts(nim(), store, []), volume.init_mounts(nim(), store)):
        model = [each for each in made if each["name"] == "model-store"]
        assert [each["mountPath"] for each in model] == paths
        assert {each["subPath"] for each in model} == {"llama"}


def test_init_containers_have_no_shared_memory():
    assert ("dshm", "/dev/shm") in mounts()
    assert ("dshm", "/dev/shm") not in mounts(volume.init_mounts)


def test_a_role_adds_its_own_mounts_last():
    assert volume.mounts(nim(), CLAIM, [{"name": "x", "mountPath": "/x"}])[-1] == {
        "name": "x",
        "mountPath": "/x",
    }
