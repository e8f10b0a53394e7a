"""LeaderWorkerSet: runs the model where one replica spans several nodes."""

import pytest

from hooks.nimservice import children, kinds
from tests.situations import nimservice as situation

MPI = {"parallelism": {"pipeline": 2, "tensor": 8}}
RAY = {"parallelism": {"pipeline": 3, "tensor": 4}, "ray": {"rayPort": 6380}}
KEY = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "llama-ssh-pk", "namespace": "nim"},
    "type": "Opaque",
    "data": {"private.key": "a2V5"},
}
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


def plan(observed=(KEY,), related=(), manages=kinds.MANAGED, **spec):
    return children.plan(
        situation.context(observed, related, manages=manages, **{"multiNode": MPI, **spec})
    )


def groups(observed=(KEY,), **options):
    return next(
        (
            child
            for child in plan(observed, **options).children
            if child["kind"] == "LeaderWorkerSet"
        ),
        None,
    )


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
    "multi", [None, {"parallelism": {}}, {"parallelism": {"pipeline": 1, "tensor": 8}}]
)
def test_one_node_needs_a_deployment(multi):
    """Q1: the reference makes a Deployment too, then waits for a LeaderWorkerSet for ever."""
    made = {child["kind"]: child for child in plan(multiNode=multi).children}
    assert "LeaderWorkerSet" not in made
    assert (
        made["Service"]["spec"]["selector"] == made["Deployment"]["spec"]["selector"]["matchLabels"]
    )


def test_several_nodes_need_no_deployment():
    made = {child["kind"] for child in plan().children}
    assert "LeaderWorkerSet" in made
    assert "Deployment" not in made


def test_a_group_has_a_pod_for_each_stage():
    made = groups(multiNode=RAY, replicas=2)
    assert made["metadata"]["name"] == "llama-lws"
    template = made["spec"].pop("leaderWorkerTemplate")
    assert made["spec"] == {
        "replicas": 2,
        "startupPolicy": "LeaderCreated",
        "networkConfig": {"subdomainPolicy": "Shared"},
        "rolloutStrategy": {
            "type": "RollingUpdate",
            "rollingUpdateConfiguration": {"maxUnavailable": 1, "maxSurge": 0},
        },
    }
    assert (template["size"], template["restartPolicy"]) == (3, "RecreateGroupOnPodRestart")


def test_there_is_one_group_where_replicas_are_not_given():
    """Q2: the reference fails with an "unrecognized type: int32"."""
    assert groups()["spec"]["replicas"] == 1


def test_the_number_of_groups_stays_when_replicas_are_not_given_any_more():
    """It does not fall back to one."""
    running = situation.applied(groups(replicas=3))
    assert groups(observed=(KEY, running))["spec"]["replicas"] == 3


def test_no_group_is_made_before_its_key_is_observed():
    """Behaviour 4: until then two syncs may make two keys."""
    assert groups(observed=()) is None
    assert {"Secret", "ConfigMap"} <= {child["kind"] for child in plan(observed=()).children}


def test_ray_needs_no_key():
    assert groups(observed=(), multiNode=RAY)


def test_groups_that_run_stay_when_their_key_is_gone():
    running = situation.applied(groups())
    assert groups(observed=(running,)) == groups()


def test_groups_that_run_are_held_while_their_storage_is_not_ready():
    running = situation.applied(groups())
    assert (
        groups(observed=(KEY, running), storage={"nimCache": {"name": "gone"}}, args=["--new"])
        == groups()
    )


def test_no_group_is_made_while_its_storage_is_not_ready():
    assert groups(storage={"nimCache": {"name": "gone"}}) is None


def test_without_its_component_it_is_left_out_and_named():
    managed = [
        kind for kind in kinds.MANAGED if kind not in (kinds.LEADER_WORKER_SET, kinds.SECRET)
    ]
    (finding,) = plan(observed=(), manages=managed).findings
    assert (finding.reason, finding.remedy) == (
        "KindNotManaged",
        "add the component leaderworkerset",
    )


@pytest.mark.parametrize(
    "name",
    [
        "affinity",
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


def test_the_service_sends_requests_to_leaders_only():
    made = {
        child["kind"]: child
        for child in plan(labels={"nim-llm-role": "leader", "app": "mine", "team": "nlp"}).children
    }
    leader, worker = (
        made["LeaderWorkerSet"]["spec"]["leaderWorkerTemplate"][template]["metadata"]["labels"]
        for template in ("leaderTemplate", "workerTemplate")
    )
    selector = made["Service"]["spec"]["selector"]
    assert selector == {"app": "llama-lws", "nim-llm-role": "leader"}
    assert selector.items() <= leader.items()
    assert not selector.items() <= worker.items()


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


def test_groups_that_run_are_held_while_their_compute_domain_is_gone():
    running = situation.applied(groups())
    found = plan(observed=(KEY, running), multiNode={**MPI, "computeDomain": {"name": "rack-1"}})
    assert next(child for child in found.children if child["kind"] == "LeaderWorkerSet") == groups()


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
