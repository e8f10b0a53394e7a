"""Reserved: the names and paths that users cannot have are those of the pods that are made."""

import pytest

from hooks.nimservice import children, validation
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.validation import reserved
from tests.nimservice.children.multinode.grouped import KEY
from tests.situations import nimservice as situation
from tests.situations.nimcache import nimcache

EXTRAS = {
    "proxy": {"certConfigMap": "ca"},
    "sidecarContainers": [{"name": "log", "image": {"repository": "log", "tag": "1"}}],
}
GROUP = {"multiNode": {"parallelism": {"pipeline": 2}}}
NATIVE = {"storage": {"nimCache": {"name": "cache"}}}


def pods(spec, related=()):
    for child in children.plan(situation.context([KEY], related, **EXTRAS, **spec)).children:
        if child["kind"] == "Deployment":
            yield child["spec"]["template"]["spec"]
        if child["kind"] == "LeaderWorkerSet":
            groups = child["spec"]["leaderWorkerTemplate"]
            yield from (groups[f"{role}Template"]["spec"] for role in ("leader", "worker"))


@pytest.mark.parametrize(
    ("specs", "given"),
    [((({}, ()), (NATIVE, (nimcache(type="native"),))), {}), (((GROUP, ()),), GROUP)],
    ids=["one node", "several nodes"],
)
def test_every_volume_and_mount_that_is_made_is_reserved(specs, given):
    nim = NIMService.parse(situation.nimservice(**given))
    made = [pod for spec, related in specs for pod in pods(spec, related)]
    names = {each["name"] for pod in made for each in pod["volumes"]}
    paths = {each["mountPath"] for pod in made for each in pod["containers"][0]["volumeMounts"]}
    native = set() if not given else {"/model", "/opt/cache"}
    assert names == reserved.names(nim)
    assert paths | native == reserved.paths(nim)


CLAIM = {"name": "adapters", "persistentVolumeClaim": {"claimName": "adapters"}}


@pytest.mark.parametrize(
    ("volumes", "mounts", "path"),
    [
        ([{"name": "model-store", "emptyDir": {}}], [], "spec.volumes[0].name"),
        ([CLAIM, CLAIM], [], "spec.volumes[1].name"),
        (
            [CLAIM],
            [{"name": "adapters", "mountPath": "/model-store/"}],
            "spec.volumeMounts[0].mountPath",
        ),
        (
            [CLAIM],
            [{"name": "adapters", "mountPath": "/a"}, {"name": "adapters", "mountPath": "/a"}],
            "spec.volumeMounts[1].mountPath",
        ),
        ([CLAIM], [{"name": "loras", "mountPath": "/a"}], "spec.volumeMounts[0].name"),
    ],
    ids=["a name of ours", "a name twice", "a path of ours", "a path twice", "no such volume"],
)
def test_what_the_api_server_would_refuse_in_the_pod_is_refused_at_once(volumes, mounts, path):
    refused = validation.of(
        NIMService.parse(situation.nimservice(volumes=volumes, volumeMounts=mounts))
    )
    assert refused is not None
    assert refused.path == path


@pytest.mark.parametrize(
    ("mount", "field"),
    [
        ({"mountPath": "/dev//shm"}, "mountPath"),
        ({"mountPath": "/dev/./shm/"}, "mountPath"),
        ({"mountPath": "model-store"}, "mountPath"),
        ({"mountPath": "/x/../model-store"}, "mountPath"),
        ({"mountPath": "/a:b"}, "mountPath"),
        ({"mountPath": "/a", "subPath": "b/../.."}, "subPath"),
        ({"mountPath": "/a", "subPathExpr": "../$(POD)"}, "subPathExpr"),
    ],
)
def test_a_path_is_taken_however_it_is_written(mount, field):
    mounts = [{"name": "adapters", **mount}]
    nim = NIMService.parse(situation.nimservice(volumes=[CLAIM], volumeMounts=mounts))
    refused = validation.of(nim)
    assert refused is not None
    assert refused.path == f"spec.volumeMounts[0].{field}"


def test_a_folder_within_the_model_store_and_a_volume_of_ours_may_be_mounted():
    mounts = [
        {"name": "adapters", "mountPath": "/model-store/adapters"},
        {"name": "model-store", "mountPath": "/models", "subPath": "a"},
    ]
    nim = NIMService.parse(situation.nimservice(volumes=[CLAIM], volumeMounts=mounts))
    assert validation.of(nim) is None


def test_a_quantity_that_is_none_is_refused():
    """A definition that was installed by hand may admit it."""
    volumes = [{"name": "tmp", "emptyDir": {"sizeLimit": "much"}}]
    refused = validation.of(NIMService.parse(situation.nimservice(volumes=volumes)))
    assert refused is not None
    assert refused.path == "spec.volumes[0].emptyDir.sizeLimit"
