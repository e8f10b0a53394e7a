"""The download: commands, variables, mounts and volumes are those of NVIDIA's operator."""

import pytest

from hooks.nimcache.choice import Choice
from hooks.nimcache.job import download
from tests.nimcache import observing
from tests.nimcache.sources import PROXY, SOURCES

STORE = {"/model-store": "llama", "/scratch": None}


def made(choice=None, **options):
    return download.made(observing.context(**options), choice or Choice(names=("a", "b")))


def pod(job):
    return job["spec"]["template"]["spec"]


def container(job):
    (found,) = pod(job)["containers"]
    return found


def mounts(each):
    return {mount["mountPath"]: mount.get("subPath") for mount in each["volumeMounts"]}


@pytest.mark.parametrize("case", SOURCES)
def test_a_source_is_downloaded_by_the_image_in_its_way(case):
    spec, choice, (command, args), variables = SOURCES[case]
    storage = {"pvc": {"name": "models", "subPath": "llama"}}
    found = container(made(choice, storage=storage, **spec))
    assert (found["name"], found.get("command"), found.get("args")) == (
        "nim-cache-ctr",
        command,
        args,
    )
    assert {each["name"]: each["value"] for each in found["env"]} == variables
    native = {"/model": "llama", "/opt/cache": "llama", "/scratch": None}
    assert mounts(found) == (native if choice.type == "native" else STORE)


def test_the_job_is_tried_six_times_and_never_runs_two_pods():
    spec = made()["spec"]
    assert (spec["backoffLimit"], spec["podReplacementPolicy"]) == (5, "Failed")
    assert spec["podFailurePolicy"]["rules"] == [
        {
            "action": "Ignore",
            "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
        }
    ]
    assert "ttlSecondsAfterFinished" not in spec


def test_the_pod_has_the_claim_and_a_scratch_folder():
    job = made()
    assert pod(job)["volumes"] == [
        {"name": "nim-cache-volume", "persistentVolumeClaim": {"claimName": "llama-cache-pvc"}},
        {"name": "scratch", "emptyDir": {}},
    ]
    assert pod(job)["restartPolicy"] == "Never"
    assert container(job)["envFrom"] == [{"secretRef": {"name": "ngc-api-secret"}}]
    assert pod(job)["imagePullSecrets"] == [{"name": "ngc-secret"}]
    assert container(job)["terminationMessagePolicy"] == "FallbackToLogsOnError"


def test_a_namespace_that_enforces_restricted_admits_it():
    job = made()
    assert pod(job)["securityContext"] == {
        "runAsUser": 1000,
        "runAsGroup": 2000,
        "fsGroup": 2000,
        "runAsNonRoot": True,
    }
    assert container(job)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsNonRoot": True,
    }
    assert pod(job)["automountServiceAccountToken"] is False


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, {"feature.node.kubernetes.io/pci-10de.present": "true"}),
        ({}, None),
        ({"zone": "a"}, {"zone": "a"}),
    ],
)
def test_no_node_selector_is_another_thing_than_an_empty_one(given, expected):
    spec = {} if given is None else {"nodeSelector": given}
    assert pod(made(**spec)).get("nodeSelector") == expected


def test_amounts_are_asked_for_and_limited_and_none_is_none():
    asked = container(made(resources={"cpu": "500m", "memory": "20Gi"}))["resources"]
    assert asked == {
        "limits": {"cpu": "500m", "memory": "20Gi"},
        "requests": {"cpu": "500m", "memory": "20Gi"},
    }
    assert "resources" not in container(made(resources={"cpu": "0", "memory": "0"}))
    assert "resources" not in container(made(resources={}))


def test_a_users_variable_wins_but_over_those_of_a_native_image():
    env = [
        {"name": "NIM_CACHE_PATH", "value": "/x"},
        {"name": "NIM_ENGINE_MODEL_PATH", "value": "/y"},
        {"name": "NIM_REPOSITORY_OVERRIDE", "value": "https://mirror/"},
    ]
    legacy = {each["name"]: each["value"] for each in container(made(env=env))["env"]}
    assert (legacy["NIM_CACHE_PATH"], legacy["NIM_REPOSITORY_OVERRIDE"]) == (
        "/x",
        "https://mirror/",
    )
    native = {
        each["name"]: each["value"] for each in container(made(Choice("native"), env=env))["env"]
    }
    assert native["NIM_ENGINE_MODEL_PATH"] == "/model/llama-cache"


def test_a_proxy_gives_its_variables_and_no_empty_ones():
    found = {
        each["name"]: each["value"]
        for each in container(made(proxy={"httpsProxy": "http://p"}))["env"]
    }
    assert (found["HTTPS_PROXY"], found["https_proxy"], found["NIM_SDK_USE_NATIVE_TLS"]) == (
        "http://p",
        "http://p",
        "1",
    )
    assert "HTTP_PROXY" not in found


def test_certificates_are_installed_by_root_without_credentials_and_without_the_claim():
    job = made(
        proxy=PROXY,
        initContainers=[{"name": "mine", "image": {"repository": "busybox", "tag": "1"}}],
    )
    authority, mine = pod(job)["initContainers"]
    assert (authority["name"], mounts(authority)) == (
        "update-ca-certificates",
        {"/ca-certs": None, "/custom": None},
    )
    assert "env" not in authority
    assert "envFrom" not in authority
    assert authority["securityContext"]["runAsUser"] == 0
    assert mounts(container(job)) == {"/model-store": None, "/scratch": None, "/etc/ssl": None}
    assert (mine["name"], mounts(mine)) == ("mine", {"/model-store": None, "/scratch": None})
    assert {each["name"] for each in pod(job)["volumes"]} >= {"ca-cert-volume", "custom-ca"}


def test_an_init_container_has_the_variables_of_the_download_and_its_own_win():
    given = {
        "name": "mine",
        "image": {"repository": "busybox", "tag": "1", "pullSecrets": ["other"]},
        "env": [{"name": "NIM_CACHE_PATH", "value": "/mine"}],
    }
    job = made(initContainers=[given], env=[{"name": "A", "value": "1"}])
    (mine,) = pod(job)["initContainers"]
    assert {each["name"]: each["value"] for each in mine["env"]} == {
        "NIM_CACHE_PATH": "/mine",
        "A": "1",
    }
    assert pod(job)["imagePullSecrets"] == [{"name": "ngc-secret"}, {"name": "other"}]


def test_its_pods_are_selected_by_no_service():
    labels = made()["spec"]["template"]["metadata"]["labels"]
    assert "app" not in labels
    assert labels["apps.nvidia.com/nimcache"] == "llama-cache"


def test_an_edit_changes_the_hash_and_a_choice_does_not_change_the_inputs():
    first, second = made(), made(env=[{"name": "A", "value": "1"}])
    key = "apps.nvidia.com/template-hash"
    assert first["metadata"]["annotations"][key] != second["metadata"]["annotations"][key]
    key = "apps.nvidia.com/inputs"
    assert first["metadata"]["annotations"][key] == second["metadata"]["annotations"][key]
