"""Environment: the variables of every container, as a mapping of names to values, and their
order."""

import pytest

from hooks.kernel.manifest import without_none
from hooks.nimservice.children.template import environment
from hooks.nimservice.modelstore import ModelStore
from tests.situations import nimservice as situation

STORE = ModelStore(claim="models")
HF = ModelStore(
    claim="models",
    nim_cache="cache",
    model_name="/model-store",
    model_path="hf://meta-llama/Llama",
    hugging_face=True,
)
DATA_STORE = ModelStore(claim="models", nim_cache="cache", hugging_face=True)
ENDPOINT = ModelStore(claim="models", nim_cache="cache", model_name="/model-store")
NATIVE = ModelStore(claim="models", nim_cache="cache", layout="native")


def variables(store=STORE, role=(), **spec):
    from_builder = environment.of(situation.context(**spec), store, list(role))
    return {
        each["name"]: each.get("value", each.get("valueFrom"))
        for each in without_none(from_builder)
    }


def names(store=STORE, **spec):
    return [each["name"] for each in environment.of(situation.context(**spec), store, [])]


def secret(key, optional=None):
    ref = {"name": "ngc-api-secret", "key": key}
    return {"secretKeyRef": ref if optional is None else {**ref, "optional": optional}}


STANDARD = {
    "NIM_CACHE_PATH": "/model-store",
    "OUTLINES_CACHE_DIR": "/tmp/outlines",
    "NIM_SERVER_PORT": "8000",
    "NIM_HTTP_API_PORT": "8000",
    "NIM_JSONL_LOGGING": "1",
    "NIM_LOG_LEVEL": "INFO",
}
REQUIRED_KEY = {"NGC_API_KEY": secret("NGC_API_KEY")}
OPTIONAL_KEY = {"NGC_API_KEY": secret("NGC_API_KEY", optional=True)}

TABLE = [
    pytest.param({}, STORE, {**STANDARD, **REQUIRED_KEY}, id="a model server"),
    pytest.param({"authSecret": None}, STORE, STANDARD, id="without a secret"),
    pytest.param({"authSecret": ""}, STORE, STANDARD, id="with an empty secret"),
    pytest.param(
        {"expose": {"service": {"port": 9000, "grpcPort": 9001, "metricsPort": 9002}}},
        STORE,
        {
            **STANDARD,
            **REQUIRED_KEY,
            "NIM_SERVER_PORT": "9000",
            "NIM_HTTP_API_PORT": "9000",
            "NIM_GRPC_API_PORT": "9001",
            "NIM_TRITON_GRPC_PORT": "9001",
            "NIM_TRITON_METRICS_PORT": "9002",
        },
        id="with further ports",
    ),
    pytest.param(
        {},
        ModelStore(profile="fp8"),
        {**STANDARD, **REQUIRED_KEY, "NIM_MODEL_PROFILE": "fp8"},
        id="with a profile",
    ),
    pytest.param(
        {},
        HF,
        {
            **STANDARD,
            **OPTIONAL_KEY,
            "HF_TOKEN": secret("HF_TOKEN"),
            "NIM_MODEL_NAME": "/model-store",
            "HF_HOME": "/model-store/huggingface/hub",
            "NIM_MODEL_PATH": "hf://meta-llama/Llama",
        },
        id="a model of Hugging Face",
    ),
    pytest.param(
        {},
        DATA_STORE,
        {**STANDARD, **OPTIONAL_KEY, "HF_TOKEN": secret("HF_TOKEN")},
        id="a data store",
    ),
    pytest.param(
        {},
        ENDPOINT,
        {
            **STANDARD,
            **REQUIRED_KEY,
            "NIM_MODEL_NAME": "/model-store",
            "HF_HOME": "/model-store/huggingface/hub",
        },
        id="an endpoint of NGC, without an empty NIM_MODEL_PATH (Q30, I-39)",
    ),
    pytest.param(
        {},
        NATIVE,
        {
            **STANDARD,
            **OPTIONAL_KEY,
            "HF_TOKEN": secret("HF_TOKEN", optional=True),
            "NIM_ENGINE_MODEL_PATH": "/model/cache",
        },
        id="a native image with a NIMCache",
    ),
    pytest.param(
        {},
        ModelStore(layout="native"),
        {
            **STANDARD,
            **OPTIONAL_KEY,
            "HF_TOKEN": secret("HF_TOKEN", optional=True),
            "NIM_ENGINE_MODEL_PATH": "/model",
        },
        id="a native image without a NIMCache",
    ),
    pytest.param(
        {},
        ModelStore(
            claim="c",
            nim_cache="cache",
            layout="native",
            hugging_face=True,
            model_name="/model-store",
        ),
        {
            **STANDARD,
            **OPTIONAL_KEY,
            "HF_TOKEN": secret("HF_TOKEN"),
            "NIM_ENGINE_MODEL_PATH": "/model/cache",
        },
        id="a native image with a model of Hugging Face",
    ),
    pytest.param(
        {"env": [{"name": "NIM_MODEL_NAME", "value": "hf://meta-llama/Llama"}]},
        STORE,
        {
            **STANDARD,
            **OPTIONAL_KEY,
            "HF_TOKEN": secret("HF_TOKEN"),
            "NIM_MODEL_NAME": "hf://meta-llama/Llama",
        },
        id="a model of Hugging Face that the user names",
    ),
    pytest.param(
        {"env": [{"name": "NIM_MODEL_NAME", "value": "ngc://nim/meta/llama"}]},
        STORE,
        {**STANDARD, **REQUIRED_KEY, "NIM_MODEL_NAME": "ngc://nim/meta/llama"},
        id="a model of NGC that the user names",
    ),
]


@pytest.mark.parametrize(("spec", "store", "expected"), TABLE)
def test_the_standard_variables(spec, store, expected):
    assert variables(store, **spec) == expected


@pytest.mark.parametrize("store", [STORE, HF, NATIVE], ids=["NGC", "Hugging Face", "native"])
@pytest.mark.parametrize(
    "name",
    [
        "NGC_API_KEY",
        "HF_TOKEN",
        "NIM_CACHE_PATH",
        "NIM_LOG_LEVEL",
        "NIM_MODEL_PROFILE",
        "HTTP_PROXY",
    ],
)
def test_the_users_variable_wins_over_a_standard_one_of_its_name(name, store):
    """Q28, Q26, I-40: in the reference keys of Hugging Face and native images, and all about
    proxies, win over the user's."""
    mine = [{"name": name, "value": "mine"}]
    assert variables(store, env=mine, proxy={"httpProxy": "http://proxy"})[name] == "mine"


def test_a_users_key_from_another_secret_wins_too():
    ref = {"secretKeyRef": {"name": "mine", "key": "key"}}
    assert variables(HF, env=[{"name": "NGC_API_KEY", "valueFrom": ref}])["NGC_API_KEY"] == ref


def test_standard_variables_come_first_so_that_a_users_can_refer_to_them():
    """Q40: Kubernetes expands ``$(NAME)`` only for variables that come before."""
    order = names(env=[{"name": "URL", "value": "http://localhost:$(NIM_SERVER_PORT)"}])
    assert order.index("NIM_SERVER_PORT") < order.index("URL")


def test_a_users_override_can_refer_to_the_users_own():
    order = names(
        env=[
            {"name": "BASE", "value": "/scratch"},
            {"name": "NIM_CACHE_PATH", "value": "$(BASE)/cache"},
        ]
    )
    assert order.index("BASE") < order.index("NIM_CACHE_PATH")


def test_both_ports_of_the_server_follow_the_one_that_the_user_sets():
    got = variables(env=[{"name": "NIM_SERVER_PORT", "value": "9999"}])
    assert (got["NIM_SERVER_PORT"], got["NIM_HTTP_API_PORT"]) == ("9999", "9999")


@pytest.mark.parametrize(
    "port",
    [
        {"value": "$(MY_PORT)"},
        {"value": "tcp://10.0.0.1:8000"},
        {"valueFrom": {"configMapKeyRef": {"name": "ports", "key": "http"}}},
    ],
    ids=["a reference", "no number", "from elsewhere"],
)
def test_the_second_port_refers_to_a_server_port_that_is_no_number(port):
    """The text of a reference would stand before what it refers to, where nothing expands it."""
    env = [{"name": "MY_PORT", "value": "9000"}, {"name": "NIM_SERVER_PORT", **port}]
    assert variables(env=env)["NIM_HTTP_API_PORT"] == "$(NIM_SERVER_PORT)"
    order = names(env=env)
    assert order.index("MY_PORT") < order.index("NIM_SERVER_PORT") or "$" not in str(port)
    assert order.index("NIM_SERVER_PORT") < order.index("NIM_HTTP_API_PORT")


def test_a_server_port_without_a_value_leaves_the_second_one_as_it_is():
    assert variables(env=[{"name": "NIM_SERVER_PORT"}])["NIM_HTTP_API_PORT"] == "8000"


def test_a_second_port_of_the_users_own_is_kept():
    env = [
        {"name": "NIM_SERVER_PORT", "value": "$(X)"},
        {"name": "NIM_HTTP_API_PORT", "value": "1"},
    ]
    assert variables(env=env)["NIM_HTTP_API_PORT"] == "1"


def test_the_roles_variables_stand_between_the_standard_ones_and_the_users():
    role = [{"name": "NIM_MULTI_NODE", "value": "1"}, {"name": "NIM_NODE_RANK", "value": "0"}]
    got = variables(role=role, env=[{"name": "NIM_NODE_RANK", "value": "7"}])
    assert (got["NIM_MULTI_NODE"], got["NIM_NODE_RANK"]) == ("1", "7")


IN_CLUSTER = "localhost,127.0.0.1,::1,.svc,.cluster.local"


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        ({}, {}),
        ({"certConfigMap": "ca"}, {}),
        ({"httpProxy": "", "httpsProxy": "", "noProxy": ""}, {}),
        ({"httpProxy": "http://p"}, {"HTTP_PROXY": "http://p", "NO_PROXY": IN_CLUSTER}),
        (
            {"httpProxy": "http://p", "httpsProxy": "https://p", "noProxy": " 10.0.0.0/8 , .svc,"},
            {
                "HTTP_PROXY": "http://p",
                "HTTPS_PROXY": "https://p",
                "NO_PROXY": "10.0.0.0/8,.svc,localhost,127.0.0.1,::1,.cluster.local",
            },
        ),
        ({"noProxy": "10.0.0.0/8"}, {"NO_PROXY": "10.0.0.0/8"}),
    ],
)
def test_only_the_proxies_that_are_given_are_set(proxy, expected):
    """Q26, I-40: the reference sets what is not given to the empty string, and forgets the names
    within the cluster."""
    lower = {name.lower(): value for name, value in expected.items()}
    assert variables(proxy=proxy) == {
        **STANDARD,
        **REQUIRED_KEY,
        "NIM_SDK_USE_NATIVE_TLS": "1",
        **expected,
        **lower,
    }


def test_no_variable_has_an_empty_value():
    made = environment.of(situation.context(env=[{"name": "EMPTY", "value": ""}]), STORE, [])
    assert {"name": "EMPTY"} in made
    assert not any(each.get("value") == "" for each in made)
