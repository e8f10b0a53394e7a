"""NIMCache: one model downloaded in advance, as users write it and as a NIMService reads it."""

from typing import Annotated, Any, Self

from pydantic import Field

from hooks.kernel.api.container import Container
from hooks.kernel.api.kubernetes import EnvVar, Quantity, Toleration
from hooks.kernel.api.model import Int64, Model, Required, Rule, SchemaOf, without_null
from hooks.kernel.api.parent import Parent
from hooks.kernel.document import JSON
from hooks.nimcache.api.proxy import Proxy
from hooks.nimcache.api.source import Source
from hooks.nimcache.api.status import NIMCacheStatus
from hooks.nimcache.api.storage import Storage


class Resources(Model):
    """Compute resources of the download, both requested and the limit."""

    cpu: Quantity | None = None
    """CPUs, for example `2`."""
    memory: Quantity | None = None
    """Memory, for example `8Gi`."""


class CertConfig(Model):
    """A ConfigMap with certificates. Deprecated: use `proxy.certConfigMap`."""

    name: Annotated[str, Required()] = ""
    """Name of the ConfigMap."""
    mount_path: Annotated[str, Required()] = ""
    """Folder that it is mounted at."""


class NIMCacheSpec(Model):
    """What is asked of the download."""

    source: Annotated[Source, Required()] = Field(default_factory=Source)
    """Where the model comes from."""
    storage: Annotated[Storage, Required()] = Field(default_factory=Storage)
    """Where the model's files are put."""
    resources: Resources | None = None
    """Compute resources of the download."""
    tolerations: list[Toleration] = Field(default_factory=list)
    """Taints that the pods tolerate."""
    node_selector: dict[str, str] | None = None
    """Labels that a node must have. Nodes with an NVIDIA device, by Node Feature Discovery's label, where it is absent; `{}` takes any node."""
    user_id: Int64 | None = None
    """User that the containers run as. 1000 where it is absent."""
    group_id: Int64 | None = None
    """Group that the containers run as. 2000 where it is absent."""
    env: list[EnvVar] = Field(default_factory=list)
    """Environment variables of the download."""
    runtime_class_name: str | None = None
    """RuntimeClass of the pods."""
    proxy: Proxy | None = None
    """How the containers reach the outside."""
    cert_config: CertConfig | None = None
    """A ConfigMap with certificates. Deprecated: use `proxy.certConfigMap`."""
    init_containers: Annotated[list[Annotated[JSON, SchemaOf(Container)]], Field(max_length=64)] = (
        Field(default_factory=list)
    )
    """Containers that run, one after the other, before the download."""


class NIMCache(Parent):
    """A model that is downloaded once, for many NIMServices to use."""

    rules = (
        Rule(
            # The probe's Job is <name>-probe, and the name of a Job is a label of its pods.
            "size(self.metadata.name) <= 57",
            "metadata.name must have at most 57 characters, because Jobs are named by it",
            field_path=".metadata",
            only_new=True,
        ),
    )

    spec: NIMCacheSpec = Field(default_factory=NIMCacheSpec)
    """What is asked of the download."""
    status: NIMCacheStatus = Field(default_factory=NIMCacheStatus)
    """How far the download is, and what the cache holds."""

    @classmethod
    def read(cls, manifest: dict[str, Any]) -> Self:
        """Return the NIMCache of a manifest, its status with it; a field that is null counts as absent.

        Raises:
            pydantic.ValidationError: where a field has another type than the API allows.
        """
        return cls.model_validate(without_null(manifest))
