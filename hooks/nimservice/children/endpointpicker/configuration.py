"""Configuration: the plugins of the endpoint picker, and the ConfigMap that lists them."""

import base64
import hashlib
from typing import Any, NamedTuple

import orjson
import yaml

from hooks.kernel import protocol, strict
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.endpointpicker import EndpointPicker, EndpointPickerConfig
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.context import Context

KEY = "default-plugins.yaml"
"""Key of the configuration in the hooks' ConfigMap."""

REVISION = "apps.nvidia.com/endpoint-picker-config"
"""Annotation of the picker's pods that restarts them when the configuration changes."""

_MADE_WITH = "made-with"
"""Key of the checksum of the ConfigMap's first configuration."""

_PATH = "spec.expose.router.eppConfig"


class Configuration(NamedTuple):
    """The place of the picker's configuration."""

    config_map: str
    key: str
    optional: bool | None = None
    """Whether the picker's pod starts without the ConfigMap."""
    text: str | None = None
    """The configuration itself, if the NIMService has it."""


def name(nim: NIMService) -> str:
    """Return the name of the hooks' ConfigMap."""
    return f"{naming.endpoint_picker(nim)}-config"


def of(ctx: Context, picker: EndpointPicker) -> Configuration | Finding:
    """Return the picker's configuration, or why there is none."""
    if picker.config is not None:
        document = _document(picker.config)
        return (
            document
            if isinstance(document, Finding)
            else Configuration(name(ctx.nim), KEY, text=_written(document))
        )
    reference = picker.config_map_ref
    if reference is None or not reference.name:
        return Finding(
            "EndpointPickerUnconfigured",
            "the endpoint picker has no configuration",
            "set config, or name a ConfigMap in configMapRef",
            path=_PATH,
        )
    return Configuration(reference.name, reference.key, reference.optional)


def manifest(ctx: Context, config: Configuration) -> Manifest:
    """Return the ConfigMap of a configuration in the NIMService."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": naming.metadata(ctx.nim, config.config_map, labels=naming.labels(ctx.nim)),
        "data": {config.key: config.text, _MADE_WITH: _made_with(ctx, config)},
    }


def revision(ctx: Context, config: Configuration) -> str | None:
    """Return the revision of the configuration, or None for the one that the picker was made with.

    The picker reads its configuration once, so the revision is on its pods and restarts them on a
    change. It is None at first, so that the hooks do not restart a running picker of NVIDIA's
    operator.
    """
    if config.text is None or _checksum(config) == _made_with(ctx, config):
        return None
    return _checksum(config)


def _made_with(ctx: Context, config: Configuration) -> str:
    observed = ctx.child(kinds.CONFIG_MAP, config.config_map) or {}
    known = strict.text(observed, "data", _MADE_WITH)
    # A deleted ConfigMap is made again. Pods with a revision show that there was another one
    # before.
    return known or ("another" if _carries_revision(ctx) else _checksum(config))


def _carries_revision(ctx: Context) -> bool:
    picker = ctx.child(kinds.DEPLOYMENT, naming.endpoint_picker(ctx.nim)) or {}
    return REVISION in strict.mapping(picker, "spec", "template", "metadata", "annotations")


def _checksum(config: Configuration) -> str:
    return hashlib.sha256((config.text or "").encode()).hexdigest()[:12]


def _document(config: EndpointPickerConfig) -> dict[str, Any] | Finding:
    """Return the whole configuration: with its type, without nulls, and with decoded parameters."""
    document = {
        "apiVersion": "inference.networking.x-k8s.io/v1alpha1",
        "kind": "EndpointPickerConfig",
        **config.given(),
    }
    for index, plugin in enumerate(document["plugins"]):
        if isinstance(plugin.get("parameters"), str):
            parameters = _decoded(plugin["parameters"])
            if parameters is None:
                return Finding(
                    "EndpointPickerUnconfigured",
                    "is neither an object nor a base64-encoded JSON object",
                    "correct it",
                    path=f"{_PATH}.config.plugins[{index}].parameters",
                )
            plugin["parameters"] = parameters
    return document


def _written(document: dict[str, Any]) -> str:
    # The C dumper is ten times as fast, which matters with many parameters.
    return str(yaml.dump(document, Dumper=yaml.CSafeDumper))


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        parameters = orjson.loads(base64.b64decode(text, validate=True))
    except ValueError:  # not ASCII, not base64, or not JSON
        return None
    if not isinstance(parameters, dict) or protocol.too_deep(parameters):
        return None
    return parameters
