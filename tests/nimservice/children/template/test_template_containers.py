"""Template: containers before and beside the model server."""

import pytest

from hooks.kernel.manifest import without_none
from hooks.nimservice import validation
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import template
from hooks.nimservice.modelstore import ModelStore
from tests.nimservice.children.template.podspec import ROLE, STORE, env, helper, server, spec
from tests.situations import nimservice as situation


def test_further_containers_come_before_and_beside_the_model_server():
    made = spec(
        initContainers=[helper("first"), helper("second")],
        sidecarContainers=[helper("side")],
        proxy={"certConfigMap": "ca"},
    )
    assert [each["name"] for each in made["initContainers"]] == [
        "update-ca-certificates",
        "first",
        "second",
    ]
    assert [each["name"] for each in made["containers"]] == ["llama-ctr", "side"]


@pytest.mark.parametrize("field", ["initContainers", "sidecarContainers"])
def test_a_further_container_is_what_the_user_writes_and_no_more_privileged(field):
    given = helper("helper", command=["sh"], args=["-c", "true"], workingDir="/scratch")
    made = next(
        each
        for each in (
            *spec(**{field: [given]}).get("initContainers", []),
            *spec(**{field: [given]})["containers"][1:],
        )
    )
    assert made["image"] == "busybox:1.36"
    assert (made["command"], made["args"], made["workingDir"]) == (
        ["sh"],
        ["-c", "true"],
        "/scratch",
    )
    assert made["securityContext"] == server()["securityContext"]
    assert "resources" not in made
    assert ("dshm" in {each["name"] for each in made["volumeMounts"]}) == (
        field == "sidecarContainers"
    )


@pytest.mark.parametrize("own", [None, "Never"])
@pytest.mark.parametrize("general", [None, "Always"])
def test_the_pull_policy_of_a_further_container_is_its_own_or_else_the_nimservices(own, general):
    image = {"repository": "x", "tag": "1", **({"pullPolicy": general} if general else {})}
    given = helper("helper", image={"pullPolicy": own} if own else {})
    (made,) = spec(image=image, initContainers=[given])["initContainers"]
    assert made["imagePullPolicy"] == (own or general or "IfNotPresent")


@pytest.mark.parametrize(
    "store",
    [
        ModelStore(
            claim="c",
            nim_cache="cache",
            hugging_face=True,
            model_name="/model-store",
            profile="fp8",
        ),
        ModelStore(claim="c", nim_cache="cache", layout="native", profile="fp8"),
    ],
    ids=["Hugging Face", "native"],
)
def test_further_containers_have_every_variable_of_the_model_server(store):
    """Q27: the reference computes theirs too early, so a secret without an NGC key keeps them from
    starting."""
    made = spec(
        store=store,
        initContainers=[helper("init")],
        sidecarContainers=[helper("side")],
        proxy={"certConfigMap": "ca"},
    )
    main, side = made["containers"]
    for other in (side, *made["initContainers"]):
        assert other["env"] == main["env"]


def test_a_further_containers_own_variables_win():
    given = helper(
        "init", env=[{"name": "NIM_LOG_LEVEL", "value": "DEBUG"}, {"name": "OWN", "value": "1"}]
    )
    made = spec(initContainers=[given], env=[{"name": "NIM_LOG_LEVEL", "value": "WARN"}])
    assert env(made["initContainers"][0]) == {
        **env(made["containers"][0]),
        "NIM_LOG_LEVEL": "DEBUG",
        "OWN": "1",
    }
    assert env(made["containers"][0])["NIM_LOG_LEVEL"] == "WARN"


def test_no_two_containers_share_an_object():
    """Whoever changed one would change the other."""
    made = template.spec(situation.context(sidecarContainers=[helper("side")]), STORE, ROLE)
    main, side = without_none(made)["containers"]
    main["env"].append({"name": "X"})
    main["securityContext"]["runAsNonRoot"] = None
    assert {"name": "X"} not in side["env"]
    assert side["securityContext"]["runAsNonRoot"] is True


LOGS = {"name": "logs", "emptyDir": {}}


def test_an_extra_container_has_what_the_user_says_of_it():
    probe = {"httpGet": {"path": "/up", "port": 9100}}
    log = helper(
        "log",
        resources={"limits": {"memory": "1024Mi"}, "requests": {}},
        volumeMounts=[{"name": "logs", "mountPath": "/logs"}],
        ports=[{"containerPort": 9100, "protocol": "TCP"}],
        livenessProbe=probe,
        readinessProbe=probe,
        startupProbe=probe,
    )
    made = spec(volumes=[LOGS], sidecarContainers=[log])["containers"][1]
    assert made["resources"] == {"limits": {"memory": "1Gi"}}
    assert made["ports"] == [{"containerPort": 9100, "protocol": "TCP"}]
    assert [made["livenessProbe"], made["readinessProbe"], made["startupProbe"]] == [probe] * 3
    assert [made["volumeMounts"][place]["mountPath"] for place in (0, -1)] == [
        "/model-store",
        "/logs",
    ]


def test_a_native_sidecar_is_an_init_container_that_runs_on():
    (made,) = spec(initContainers=[helper("mesh", restartPolicy="Always")])["initContainers"]
    assert made["restartPolicy"] == "Always"


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (
            {"sidecarContainers": [helper("a", restartPolicy="Always")]},
            "spec.sidecarContainers[0].restartPolicy",
        ),
        (
            {"initContainers": [helper("a", startupProbe={"exec": {"command": ["true"]}})]},
            "spec.initContainers[0]",
        ),
        (
            {"initContainers": [helper("a", resources={"claims": [{"name": "gpu"}]})]},
            "spec.initContainers[0].resources.claims",
        ),
        (
            {
                "volumes": [LOGS],
                "sidecarContainers": [
                    helper("a", volumeMounts=[{"name": "logs", "mountPath": "/scratch"}])
                ],
            },
            "spec.sidecarContainers[0].volumeMounts[0].mountPath",
        ),
        (
            {"initContainers": [helper("a", volumeMounts=[{"name": "b", "mountPath": "/b"}])]},
            "spec.initContainers[0].volumeMounts[0].name",
        ),
        (
            {"sidecarContainers": [helper("a", resources={"limits": {"memory": "much"}})]},
            "spec.sidecarContainers[0].resources.limits[memory]",
        ),
    ],
)
def test_what_the_api_server_would_refuse_of_it_is_refused_at_once(asked, path):
    refused = validation.of(NIMService.parse(situation.nimservice(**asked)))
    assert refused is not None
    assert refused.path == path
