"""Environment: the variables of every container of a pod, computed once and last.

The standard variables come first, so that a user's value can refer to ``$(NIM_SERVER_PORT)`` (Q40).
A user's variable replaces the standard one of its name (Q28), but for those in ``tied``.
"""

from collections.abc import Mapping

from hooks.kernel import proxy
from hooks.kernel.manifest import Manifest, env_var, merge_by_name
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.template import tied
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import MOUNT_PATH, ModelStore


def of(ctx: Context, store: ModelStore, role: list[Manifest]) -> list[Manifest]:
    """Return the variables of the model server."""
    nim = ctx.nim
    user = [env_var(each) for each in nim.spec.env]
    standard = [
        *_server(nim),
        *_credentials(nim, store),
        *proxy.variables(nim.spec.proxy),
        *role,
        *_given(store.variables),
    ]
    return merge_by_name(standard, user, _same_port(user), tied.kept(store))


def _same_port(user: list[Manifest]) -> list[Manifest]:
    """Return the second variable with the port of the API, if the user sets the first one.

    It refers to the first one, because its value may be a reference or come from an object.
    """
    given = {each["name"]: each for each in user}
    port = given.get(_PORT, {})
    if not ("value" in port or "valueFrom" in port) or _SECOND_PORT in given:
        return []
    number = port.get("value", "")
    # A number is written out, as it always was: another text would restart pods.
    return [{"name": _SECOND_PORT, "value": number if number.isdecimal() else f"$({_PORT})"}]


_PORT, _SECOND_PORT = "NIM_SERVER_PORT", "NIM_HTTP_API_PORT"


def _server(nim: NIMService) -> list[Manifest]:
    service = nim.spec.expose.service
    values: dict[str, str | int | None] = {
        "NIM_CACHE_PATH": MOUNT_PATH,
        "OUTLINES_CACHE_DIR": "/tmp/outlines",
        _PORT: service.port,
        _SECOND_PORT: service.port,
        "NIM_JSONL_LOGGING": "1",
        "NIM_LOG_LEVEL": "INFO",
        "NIM_GRPC_API_PORT": service.grpc_port,
        "NIM_TRITON_GRPC_PORT": service.grpc_port,
        "NIM_TRITON_METRICS_PORT": service.metrics_port,
    }
    return _given(values)


def _credentials(nim: NIMService, store: ModelStore) -> list[Manifest]:
    """Return the keys from the auth secret; the model's source decides which are required."""
    secret = nim.spec.auth_secret
    if not secret:
        return []
    hugging_face = store.hugging_face or _asks_hugging_face(nim)
    native = store.layout == "native"
    key = _secret("NGC_API_KEY", secret, optional=hugging_face or native)
    return (
        [key, _secret("HF_TOKEN", secret, optional=not hugging_face)]
        if hugging_face or native
        else [key]
    )


def _asks_hugging_face(nim: NIMService) -> bool:
    return any(
        each["name"] == "NIM_MODEL_NAME" and str(each.get("value", "")).startswith("hf://")
        for each in nim.spec.env
    )


def _given(values: Mapping[str, str | int | None]) -> list[Manifest]:
    return [{"name": name, "value": str(value)} for name, value in values.items() if value]


def _secret(key: str, secret: str, *, optional: bool) -> Manifest:
    return {
        "name": key,
        "valueFrom": {"secretKeyRef": {"name": secret, "key": key, "optional": optional or None}},
    }
