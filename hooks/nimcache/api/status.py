"""Status: how far a NIMCache is, and what it holds."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.condition import Condition
from hooks.kernel.api.kubernetes import JSON
from hooks.kernel.api.model import Model, SchemaOf


class CachedProfile(Model):
    """A profile that has been downloaded."""

    name: str | None = None
    """Name of the profile."""
    model: str | None = None
    """Name of the model."""
    release: str | None = None
    """Release of the model."""
    config: dict[str, str] = Field(default_factory=dict)
    """What the profile is made for, for example `tp: "2"`."""


class NIMCacheStatus(Model):
    """How far the download is, and what the cache holds."""

    state: str | None = None
    """The state in one word: `Ready` once the model can be used."""
    type: str | None = None
    """What the image can do: `native` and `model-free` are read by a NIMService."""
    pvc: str | None = None
    """Name of the PersistentVolumeClaim that holds the model, once it is ready."""
    profiles: list[CachedProfile] = Field(default_factory=list)
    """Profiles that have been downloaded, where they were chosen."""
    conditions: list[Annotated[JSON, SchemaOf(Condition)]] = Field(default_factory=list)
    """The state in detail."""
