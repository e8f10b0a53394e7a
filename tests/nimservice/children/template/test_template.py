"""Pod: what runs the model, the same on every platform."""

import pytest

from hooks.kernel.manifest import without_none
from hooks.nimservice.children import template
from hooks.resources import Settings
from tests.nimservice.children.template.podspec import env, helper, server, spec
from tests.situations import nimservice as situation


def test_a_small_pod_says_nothing_that_was_not_asked_for():
    assert set(spec()) == {
        "serviceAccountName",
        "automountServiceAccountToken",
        "imagePullSecrets",
        "securityContext",
        "containers",
        "volumes",
    }
    assert set(server()) == {
        "name",
        "image",
        "imagePullPolicy",
        "env",
        "ports",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "securityContext",
        "terminationMessagePolicy",
        "volumeMounts",
    }


def test_a_pod_has_no_token_of_the_kubernetes_api_unless_its_annotation_asks_for_one():
    token = "apps.nvidia.com/service-account-token"
    assert spec()["automountServiceAccountToken"] is False
    assert spec(annotations={token: "false"})["automountServiceAccountToken"] is False
    assert "automountServiceAccountToken" not in spec(annotations={token: "true"})


SCHEDULING = {
    "schedulerName": "volcano",
    "priorityClassName": "high",
    "runtimeClassName": "nvidia",
    "nodeSelector": {"nvidia.com/gpu.present": "true", "zone": "1", "disk": "yes"},
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}
        }
    },
    "tolerations": [
        {"key": "gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
    ],
}


@pytest.mark.parametrize("field", [field for field in SCHEDULING if field != "affinity"])
def test_scheduling_is_handed_on_as_it_is(field):
    """Q5, Q7, I-3: the reference loses ``tolerationSeconds``, and fails over node selectors such as
    ``"true"``."""
    assert spec(**SCHEDULING)[field] == SCHEDULING[field]


@pytest.mark.parametrize("field", ["schedulerName", "priorityClassName", "runtimeClassName"])
def test_an_empty_text_is_no_choice(field):
    assert field not in spec(**{field: ""})


MINE = {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]}
OTHER = {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "node"}]}


@pytest.mark.parametrize(
    ("affinity", "pod_affinity", "made"),
    [
        (None, None, None),
        ({}, {}, None),
        (None, MINE, {"podAffinity": MINE}),
        ({"nodeAffinity": {"x": "y"}}, MINE, {"nodeAffinity": {"x": "y"}, "podAffinity": MINE}),
        ({"podAffinity": OTHER}, MINE, {"podAffinity": OTHER}),
    ],
)
def test_the_deprecated_pod_affinity_joins_where_there_is_no_other(affinity, pod_affinity, made):
    """Q46, I-34: the reference ignores it."""
    assert spec(affinity=affinity, podAffinity=pod_affinity).get("affinity") == made


@pytest.mark.parametrize(
    ("tag", "given", "policy"),
    [
        ("1.12.0", None, "IfNotPresent"),
        ("latest", None, "Always"),
        ("latest", "Never", "Never"),
        ("1.12.0", "Always", "Always"),
    ],
)
def test_the_pull_policy_that_would_be_in_effect_is_written_out(tag, given, policy):
    image = {"repository": "x", "tag": tag, **({"pullPolicy": given} if given else {})}
    assert server(image=image)["imagePullPolicy"] == policy


def test_pull_secrets_of_all_containers_join_each_once():
    """Q46, I-34: the reference ignores those of further containers."""
    made = spec(
        image={"repository": "x", "tag": "1", "pullSecrets": ["a", "b", ""]},
        initContainers=[helper("init", image={"pullSecrets": ["b", "c"]})],
        sidecarContainers=[helper("side", image={"pullSecrets": ["d", "a"]})],
    )
    assert [each["name"] for each in made["imagePullSecrets"]] == ["a", "b", "c", "d"]


def test_command_and_arguments_are_the_users():
    made = server(command=["serve"], args=["--port", "$(NIM_SERVER_PORT)"])
    assert (made["command"], made["args"]) == (["serve"], ["--port", "$(NIM_SERVER_PORT)"])


def test_a_role_can_bring_its_own_arguments_ports_probes_mounts_and_volumes():
    role = template.Role(
        container="nim-worker",
        env=[{"name": "NIM_LEADER_ROLE", "value": "0"}],
        args=["join"],
        ports=[],
        probes={},
        mounts=[{"name": "ssh", "mountPath": "/ssh"}],
        volumes=[{"name": "ssh", "emptyDir": {}}],
    )
    made = server(role=role, args=["serve"])
    assert made["name"] == "nim-worker"
    assert made["args"] == ["join"]
    assert env(made)["NIM_LEADER_ROLE"] == "0"
    assert not {"ports", "livenessProbe", "readinessProbe", "startupProbe"} & set(made)
    assert made["volumeMounts"][-1] == {"name": "ssh", "mountPath": "/ssh"}
    assert spec(role=role)["volumes"][-1] == {"name": "ssh", "emptyDir": {}}


def test_ports_are_those_that_the_service_leads_to():
    made = server(expose={"service": {"port": 9000, "grpcPort": 9001, "metricsPort": 9002}})
    assert [(port["name"], port["containerPort"]) for port in made["ports"]] == [
        ("api", 9000),
        ("grpc", 9001),
        ("metrics", 9002),
    ]


def test_metadata_has_the_labels_that_selectors_look_for():
    made = without_none(
        template.metadata(
            situation.context(labels={"app": "x", "team": "nlp"}, annotations={"a": "b"}), "llama"
        )
    )
    assert made["labels"]["app"] == "llama"
    assert made["labels"]["team"] == "nlp"
    assert made["annotations"] == {"a": "b"}


def test_on_openshift_a_users_annotation_does_not_change_the_constraints():
    ctx = situation.context(
        annotations={"openshift.io/required-scc": "privileged"}, settings=Settings(openshift=True)
    )
    assert template.annotations(ctx) == {"openshift.io/required-scc": "nonroot"}


def test_without_annotations_there_is_no_field_for_them():
    assert template.annotations(situation.context()) is None


SPREAD = {
    "maxSkew": 1,
    "topologyKey": "topology.kubernetes.io/zone",
    "whenUnsatisfiable": "DoNotSchedule",
}


def test_a_pod_has_the_time_that_its_requests_need():
    stop = {"preStop": {"exec": {"command": ["sleep", "20"]}}}
    made = spec(terminationGracePeriodSeconds=600, lifecycle=stop)
    assert made["terminationGracePeriodSeconds"] == 600
    assert made["containers"][0]["lifecycle"] == stop
    assert "terminationGracePeriodSeconds" not in spec(lifecycle={})


def test_extra_containers_end_by_themselves():
    made = spec(lifecycle={"preStop": {"sleep": {"seconds": 1}}}, sidecarContainers=[helper("log")])
    assert ["lifecycle" in each for each in made["containers"]] == [True, False]


def test_pods_spread_among_themselves_unless_a_selector_says_otherwise():
    among = {"matchLabels": {"team": "nlp"}}
    made = spec(topologySpreadConstraints=[SPREAD, {**SPREAD, "labelSelector": among}])
    assert made["topologySpreadConstraints"] == [
        {**SPREAD, "labelSelector": {"matchLabels": {"app": "llama"}}},
        {**SPREAD, "labelSelector": among},
    ]


@pytest.mark.parametrize(
    ("platform", "among"),
    [
        ({"multiNode": {"parallelism": {"pipeline": 2}}}, {"app": "llama-lws"}),
        ({"inferencePlatform": "kserve"}, {"serving.kserve.io/inferenceservice": "llama"}),
    ],
)
def test_on_every_platform_they_spread_by_labels_that_all_of_them_have(platform, among):
    (made,) = spec(topologySpreadConstraints=[SPREAD], **platform)["topologySpreadConstraints"]
    assert made["labelSelector"] == {"matchLabels": among}
