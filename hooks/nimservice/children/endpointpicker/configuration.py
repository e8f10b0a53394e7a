"""Configuration: which plugins the endpoint picker loads, and the ConfigMap that says so."""

import base64
import hashlib
from typing import Any, NamedTuple

import orjson
import yaml

from hooks.kernel import protocol
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.endpointpicker import EndpointPicker, EndpointPickerConfig
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.context import Context

KEY = "default-plugins.yaml"
"""Key of the configuration in the ConfigMap that is made."""

REVISION = "apps.nvidia.com/endpoint-picker-config"
"""Annotation of the picker's pods that replaces them when the configuration changes."""

_MADE_WITH = "made-with"
"""Key of the checksum of the configuration that the ConfigMap was first made with."""

_PATH = "spec.expose.router.eppConfig"


class Configuration(NamedTuple):
    """Where the picker's configuration is."""

    config_map: str
    key: str
    optional: bool | None = None
    """Whether the picker's pod starts without the ConfigMap."""
    text: str | None = None
    """The configuration, where it stands in the NIMService."""


def name(nim: NIMService) -> str:
    """Return the name of the ConfigMap that is made."""
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
        remedy = "give config, or the name of a ConfigMap in configMapRef"
        return Finding(
            "EndpointPickerUnconfigured",
            f"{_PATH}: the endpoint picker has no configuration: {remedy}",
        )
    return Configuration(reference.name, reference.key, reference.optional)


def manifest(ctx: Context, config: Configuration) -> Manifest:
    """Return the ConfigMap of a configuration that stands in the NIMService."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": naming.metadata(ctx.nim, config.config_map, labels=naming.labels(ctx.nim)),
        "data": {config.key: config.text, _MADE_WITH: _made_with(ctx, config)},
    }


def revision(ctx: Context, config: Configuration) -> str | None:
    """Return what tells this configuration from the one that the picker was made with, or None where it is that one.

    The picker reads its configuration once, so its pods carry this and are replaced when it changes. None at first, so that a
    picker that runs already is not restarted when these hooks take over.
    """
    if config.text is None or _checksum(config) == _made_with(ctx, config):
        return None
    return _checksum(config)


def _made_with(ctx: Context, config: Configuration) -> str:
    observed = ctx.child(kinds.CONFIG_MAP, config.config_map) or {}
    known = (observed.get("data") or {}).get(_MADE_WITH)
    # A ConfigMap that was deleted comes back; pods that carry a revision were made with another configuration before it was.
    return str(known or ("another" if _carries_revision(ctx) else _checksum(config)))


def _carries_revision(ctx: Context) -> bool:
    picker = ctx.child(kinds.DEPLOYMENT, naming.endpoint_picker(ctx.nim)) or {}
    template = (picker.get("spec") or {}).get("template") or {}
    return REVISION in ((template.get("metadata") or {}).get("annotations") or {})


def _checksum(config: Configuration) -> str:
    return hashlib.sha256((config.text or "").encode()).hexdigest()[:12]


def _document(config: EndpointPickerConfig) -> dict[str, Any] | Finding:
    """Return the configuration in full: with its type, without nulls, and with parameters that are data."""
    document = {
        "apiVersion": "inference.networking.x-k8s.io/v1alpha1",
        "kind": "EndpointPickerConfig",
        **config.given(),
    }
    for index, plugin in enumerate(document["plugins"]):
        if isinstance(plugin.get("parameters"), str):
            parameters = _decoded(plugin["parameters"])
            if parameters is None:
                path = f"{_PATH}.config.plugins[{index}].parameters"
                return Finding(
                    "EndpointPickerUnconfigured",
                    f"{path}: is neither an object nor one as JSON in base64: correct it",
                )
            plugin["parameters"] = parameters
    return document


def _written(document: dict[str, Any]) -> str:
    # Written in C: ten times as fast, which shows where parameters are many.
    return str(yaml.dump(document, Dumper=yaml.CSafeDumper))


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        parameters = orjson.loads(base64.b64decode(text, validate=True))
    except ValueError:  # a letter that is not ASCII, no base64, no JSON
        return None
    if not isinstance(parameters, dict) or protocol.too_deep(parameters):
        return None
    return parameters
