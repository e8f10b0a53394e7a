"""Tied: the variables that repeat what the pod mounts or listens to."""

import pytest

from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.multinode import group
from hooks.nimservice.children.template import environment, tied
from hooks.nimservice.modelstore import ModelStore
from tests.situations import nimservice as situation

LEGACY = ModelStore(claim="models", nim_cache="cache")
NATIVE = ModelStore(claim="models", nim_cache="cache", layout="native")
MOUNT = "the mount of the model store"
KEPT = "The pods use that value"
SERVICE = {"service": {"port": 8000, "grpcPort": 8001, "metricsPort": 8002}}


def env(name, value="other"):
    return [{"name": "OWN", "value": "1"}, {"name": name, "value": value}]


def value(store, name, **spec):
    made = environment.of(situation.context(**spec), store, [])
    (found,) = [each.get("value") for each in made if each["name"] == name]
    return found


def findings(store, **spec):
    nim = NIMService.parse(situation.nimservice(expose=SERVICE, **spec))
    return [(each.path, each.message) for each in tied.findings(nim, store)]


def test_the_path_of_a_native_model_is_that_of_the_mount_whatever_the_user_says():
    """A published chart sets it to the folder of the other layout: the model was cached, and yet
    downloaded again at every start."""
    spec = {"env": env("NIM_ENGINE_MODEL_PATH", "/model-store/cache")}
    assert value(NATIVE, "NIM_ENGINE_MODEL_PATH", **spec) == "/model/cache"
    assert value(LEGACY, "NIM_ENGINE_MODEL_PATH", **spec) == "/model-store/cache"
    assert findings(LEGACY, **spec) == []
    assert findings(NATIVE, **spec) == [
        (
            "spec.env[1]",
            f"NIM_ENGINE_MODEL_PATH differs from /model/cache, which is tied to {MOUNT}. {KEPT}",
        )
    ]


@pytest.mark.parametrize("each", [each for each in tied.VARIABLES if each.users])
def test_a_users_value_of_any_other_variable_counts(each):
    assert value(NATIVE, each.name, env=env(each.name)) == "other"


@pytest.mark.parametrize("each", [each for each in tied.VARIABLES if each.users and each.told])
def test_a_port_that_nothing_else_knows_is_told(each):
    ((path, message),) = findings(LEGACY, env=env(each.name))
    assert path == "spec.env[1]"
    assert message.endswith("The user's value counts")


def test_a_value_that_fits_the_pod_is_not_told():
    ports = {"NIM_SERVER_PORT": "8000", "NIM_GRPC_API_PORT": "8001"}
    assert findings(LEGACY, env=[{"name": k, "value": v} for k, v in ports.items()]) == []
    assert findings(NATIVE, env=env("NIM_ENGINE_MODEL_PATH", "/model/cache")) == []
    assert findings(LEGACY, env=[{"name": "NIM_SERVER_PORT"}]) == []


def test_every_variable_of_mounts_ports_and_groups_has_a_place_in_the_table():
    multi = {"parallelism": {"pipeline": 2, "tensor": 8}}
    ctx = situation.context(multiNode=multi, expose=SERVICE)
    roles = (group.leader(ctx, ctx.nim.multi_node), group.worker(ctx, ctx.nim.multi_node))
    store = ModelStore(
        claim="m", nim_cache="c", model_name="/model-store", model_path="hf://a/b", profile="p"
    )
    made = {
        each["name"]
        for store in (store, NATIVE)
        for role in roles
        for each in environment.of(ctx, store, role.env)
    }
    free = {
        "OUTLINES_CACHE_DIR",
        "NIM_JSONL_LOGGING",
        "NIM_LOG_LEVEL",
        "NGC_API_KEY",
        "HF_TOKEN",
        "NIM_MPI_ALLOW_RUN_AS_ROOT",
        "OMPI_MCA_orte_keep_fqdn_hostnames",
        "OMPI_MCA_plm_rsh_args",
        "CLUSTER_START_TIMEOUT",
        "NAMESPACE",
    }
    assert made - free == {each.name for each in tied.VARIABLES}
    assert all(each.why for each in tied.VARIABLES)
