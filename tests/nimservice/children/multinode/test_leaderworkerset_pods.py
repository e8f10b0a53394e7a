"""LeaderWorkerSet: the pods of a group are those of a Deployment, but for their roles."""

import pytest

from hooks.nimservice import children
from tests.nimservice.children.multinode.grouped import MPI, RAY, groups, plan
from tests.situations import nimservice as situation

SIDECAR = {"name": "exporter", "image": {"repository": "exporter", "tag": "1"}}
EVERYTHING = {
    "command": ["/entrypoint"],
    "args": ["--fast"],
    "image": {
        "repository": "nim",
        "tag": "1",
        "pullPolicy": "Always",
        "pullSecrets": ["ngc-secret"],
    },
    "env": [{"name": "NIM_LOG_LEVEL", "value": "DEBUG"}],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}
        }
    },
    "runtimeClassName": "nvidia",
    "schedulerName": "volcano",
    "priorityClassName": "high",
    "nodeSelector": {"nvidia.com/gpu.present": "true"},
    "tolerations": [
        {"key": "gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
    ],
    "resources": {"limits": {"nvidia.com/gpu": 8}},
    "expose": {"service": {"port": 9000, "grpcPort": 9001, "metricsPort": 9002}},
    "proxy": {"httpsProxy": "http://proxy:3128", "certConfigMap": "ca"},
    "sidecarContainers": [SIDECAR],
    "initContainers": [{"name": "fetch", "image": {"repository": "fetch", "tag": "1"}}],
    "labels": {"team": "nlp"},
    "annotations": {"k8s.v1.cni.cncf.io/networks": "rdma"},
    "userID": 1001,
}


def templates(**options):
    template = groups(**options)["spec"]["leaderWorkerTemplate"]
    return template["leaderTemplate"], template["workerTemplate"]


def pods(**options):
    return tuple(template["spec"] for template in templates(**options))


def servers(**options):
    return tuple(pod["containers"][0] for pod in pods(**options))


def deployment_pod(**spec):
    (made,) = (
        child
        for child in children.plan(situation.context(**spec)).children
        if child["kind"] == "Deployment"
    )
    return made["spec"]["template"]["spec"]


def field(path):
    return {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}


@pytest.mark.parametrize(
    "name",
    [
        "affinity",
        "automountServiceAccountToken",
        "imagePullSecrets",
        "nodeSelector",
        "priorityClassName",
        "runtimeClassName",
        "schedulerName",
        "securityContext",
        "serviceAccountName",
        "tolerations",
    ],
)
def test_leader_and_worker_have_every_field_of_a_deployments_pod(name):
    """Q5, Q7, Q9: the reference drops some of them on both and others on the worker."""
    for pod in pods(**EVERYTHING):
        assert pod[name] == deployment_pod(**EVERYTHING)[name]


@pytest.mark.parametrize(
    "name", ["args", "command", "image", "imagePullPolicy", "ports", "resources", "securityContext"]
)
def test_leader_and_worker_run_the_container_of_a_deployment(name):
    """Q9: the reference drops command, args, pull policy and the ports of gRPC and metrics."""
    for server in servers(**EVERYTHING):
        assert server[name] == deployment_pod(**EVERYTHING)["containers"][0][name]


def test_leader_and_worker_have_the_variables_of_a_deployment():
    expected = {each["name"]: each for each in deployment_pod(**EVERYTHING)["containers"][0]["env"]}
    for server in servers(**EVERYTHING):
        assert expected.items() <= {each["name"]: each for each in server["env"]}.items()


def test_leader_and_worker_have_the_other_containers_of_a_deployment():
    for pod in pods(**EVERYTHING):
        assert [each["name"] for each in pod["initContainers"]] == [
            "update-ca-certificates",
            "fetch",
        ]
        assert [each["name"] for each in pod["containers"][1:]] == ["exporter"]
        assert pod["containers"][1]["volumeMounts"] == pod["containers"][0]["volumeMounts"]


def test_references_carry_their_version_in_every_container():
    """What is stored is what is sent: a LeaderWorkerSet's server adds no defaults to its pods."""
    for pod in pods(**EVERYTHING):
        for container in (*pod["initContainers"], *pod["containers"]):
            (rank,) = (each for each in container["env"] if each["name"] == "NIM_NODE_RANK")
            assert rank["valueFrom"] == field(
                "metadata.labels['leaderworkerset.sigs.k8s.io/worker-index']"
            )


def test_workers_carry_labels_and_annotations_like_leaders():
    """Q9: in the reference a worker has no label."""
    leader, worker = (template["metadata"] for template in templates(**EVERYTHING))
    assert leader == {
        "labels": {**worker["labels"], "nim-llm-role": "leader"},
        "annotations": EVERYTHING["annotations"],
    }
    assert worker["annotations"] == EVERYTHING["annotations"]
    assert {"app": "llama-lws", "team": "nlp", "app.kubernetes.io/name": "llama"}.items() <= worker[
        "labels"
    ].items()


def test_every_mount_has_its_volume():
    for multi in (MPI, RAY):
        for pod in pods(multiNode=multi, **EVERYTHING):
            used = {
                mount["name"]
                for container in (*pod["initContainers"], *pod["containers"])
                for mount in container["volumeMounts"]
            }
            assert used == {volume["name"] for volume in pod["volumes"]}


@pytest.mark.parametrize(
    ("domain", "related", "template"),
    [
        ({"create": True}, [], "cd-claimtemplate-6649479bc4"),
        (
            {"name": "rack-1"},
            [("rack-1", {"channel": {"resourceClaimTemplate": {"name": "rack-1-channel"}}})],
            "rack-1-channel",
        ),
    ],
)
def test_every_container_of_a_group_uses_the_channel_of_its_compute_domain(
    domain, related, template
):
    observed = [
        {
            "apiVersion": "resource.nvidia.com/v1beta1",
            "kind": "ComputeDomain",
            "metadata": {"name": name, "namespace": "nim"},
            "spec": spec,
        }
        for name, spec in related
    ]
    for pod in pods(
        related=observed, multiNode={**MPI, "computeDomain": domain}, sidecarContainers=[SIDECAR]
    ):
        (claim,) = pod["resourceClaims"]
        assert claim["resourceClaimTemplateName"] == template
        assert [container["resources"]["claims"] for container in pod["containers"]] == [
            [{"name": claim["name"]}]
        ] * 2


@pytest.mark.parametrize("multi", [MPI, RAY, {**MPI, "computeDomain": {"create": True}}])
def test_nothing_has_a_key_twice_and_nothing_is_empty(multi):
    """What has two entries of one key, or would be stored otherwise, is written at every sync."""
    claims = [
        {"resourceClaimTemplateName": "gpus", "requests": ["a", "b"]},
        {"resourceClaimTemplateName": "gpus"},
    ]
    for child in plan(multiNode=multi, draResources=claims, **EVERYTHING).children:
        _settles(child, child["kind"])


def _settles(value, path):
    if isinstance(value, dict):
        for key, item in value.items():
            assert item not in (None, [], ""), f"{path}.{key}"
            _settles(item, f"{path}.{key}")
    if isinstance(value, list):
        for key in ("name", "mountPath", "containerPort"):
            keys = [item.get(key) for item in value if isinstance(item, dict) and key in item]
            assert (path.endswith("volumeMounts") and key == "name") or len(keys) == len(
                set(keys)
            ), path
        for index, item in enumerate(value):
            _settles(item, f"{path}[{index}]")
