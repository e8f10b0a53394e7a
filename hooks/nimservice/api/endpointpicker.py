"""Endpoint picker: the scheduler of the Gateway API inference extension, in front of the replicas."""

from typing import Annotated, Any

from pydantic import Field

from hooks.kernel.api.container import Container
from hooks.kernel.api.kubernetes import ContainerPort, Definition, Probe
from hooks.kernel.api.model import Int64, Model, PublishedDefault, Rule
from hooks.kernel.document import JSON


class ConfigMapKey(Model):
    """A key of a ConfigMap in the same namespace."""

    name: Annotated[str, PublishedDefault()] = ""
    """Name of the ConfigMap."""
    key: str
    """Key that holds the configuration."""
    optional: bool | None = None
    """Whether the pods start without it."""


class Plugin(Model):
    """A plugin that the endpoint picker loads."""

    name: str | None = None
    """Name that profiles refer to; the type where it is absent."""
    type: str
    """Type of the plugin, for example `queue-scorer`."""
    parameters: JSON | str | None = None
    """Parameters of the plugin: an object, or the same as JSON in base64 text."""


class SchedulingPlugin(Model):
    """A plugin within a scheduling profile."""

    plugin_ref: str
    """Name of the plugin."""
    weight: int | None = None
    """Weight of a scorer; 1 where it is absent."""


class SchedulingProfile(Model):
    """A named list of plugins that together choose a replica."""

    name: str
    """Name of the profile."""
    plugins: Annotated[list[SchedulingPlugin], Field(max_length=64)]
    """The plugins of the profile."""


class SaturationDetector(Model):
    """When a replica counts as saturated."""

    queue_depth_threshold: int | None = None
    """Waiting requests from which on it does."""
    kv_cache_util_threshold: float | None = None
    """Share of the KV cache in use, between 0 and 1, from which on it does."""
    metrics_staleness_threshold: (
        Annotated[
            str,
            Field(
                pattern=r"^[-+]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|ms|s|m|h))+)$",
                max_length=64,
            ),
        ]
        | None
    ) = None
    """Age of its metrics, for example `200ms`, from which on it does."""


class DataExtractor(Model):
    """A plugin that reads a replica's attributes out of a data source."""

    plugin_ref: str
    """Name of the plugin."""


class DataSource(Model):
    """A plugin that collects data from the replicas."""

    plugin_ref: str
    """Name of the plugin."""
    extractors: Annotated[list[DataExtractor], Field(max_length=64)]
    """The plugins that read the data."""


class DataLayer(Model):
    """Where the endpoint picker's knowledge about the replicas comes from."""

    sources: Annotated[list[DataSource], Field(max_length=64)]
    """The data sources."""


class EndpointPickerConfig(Model):
    """The endpoint picker's configuration. Fields that are not listed here are handed on as they are."""

    model_config = {"extra": "allow"}

    api_version: str | None = None
    """API version of the configuration; `inference.networking.x-k8s.io/v1alpha1` where it is absent."""
    kind: str | None = None
    """Kind of the configuration; `EndpointPickerConfig` where it is absent."""
    plugins: Annotated[list[Plugin], Field(max_length=64)]
    """The plugins to load."""
    scheduling_profiles: Annotated[list[SchedulingProfile], Field(max_length=64)]
    """The scheduling profiles."""
    feature_gates: Annotated[list[str], Field(max_length=64)] = Field(default_factory=list)
    """Experimental features to switch on."""
    saturation_detector: SaturationDetector | None = None
    """When a replica counts as saturated."""
    data: DataLayer | None = None
    """Where the endpoint picker's knowledge about the replicas comes from."""

    def given(self) -> dict[str, Any]:
        """Return the configuration as the user gave it, unknown fields included."""
        return self.model_dump(by_alias=True, exclude_unset=True)


PORTS_IN_RANGE = Rule(
    "!has(self.ports) || self.ports.all(port, port.containerPort >= 1 && port.containerPort <= 65535)",
    "eppConfig.ports[].containerPort must be between 1 and 65535",
    field_path=".ports",
)


class EndpointPicker(Model):
    """An endpoint picker: a Deployment that chooses the replica for each request of the InferencePool."""

    rules = (
        Rule(
            "!(has(self.configMapRef) && has(self.config))",
            "specify either configMapRef or config, not both; remove one of them from eppConfig",
        ),
        Rule(
            "has(self.configMapRef) || has(self.config)",
            "eppConfig has no configuration; give eppConfig.config or eppConfig.configMapRef",
            reason="FieldValueRequired",
        ),
        PORTS_IN_RANGE,
    )

    container_spec: Container
    """The endpoint picker's container."""
    readiness_probe: Probe | None = None
    """The container's readiness probe. gRPC health on port 9003 where it is absent."""
    liveness_probe: Probe | None = None
    """The container's liveness probe. gRPC health on port 9003 where it is absent."""
    startup_probe: Probe | None = None
    """The container's startup probe. None where it is absent."""
    ports: list[ContainerPort] = Field(default_factory=list)
    """The container's ports. `grpc-ext-proc` 9002, `grpc-health` 9003 and `http-metrics` 9090 where there are none."""
    termination_grace_period_seconds: Annotated[Int64, Field(ge=0)] | None = None
    """Extension. Seconds that the endpoint picker has to finish its requests when it is stopped. 30 where it is absent."""
    config_map_ref: Annotated[ConfigMapKey, Definition("core.v1.ConfigMapKeySelector")] | None = (
        None
    )
    """A ConfigMap that holds the configuration."""
    config: Annotated[EndpointPickerConfig, Field()] | None = None
    """The configuration. Either this or `configMapRef` is required."""

    @property
    def configured(self) -> bool:
        """Whether there is a configuration, without which the endpoint picker does not start."""
        return self.config is not None or bool(self.config_map_ref and self.config_map_ref.name)
