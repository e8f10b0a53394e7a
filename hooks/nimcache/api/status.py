"""Status: how far a NIMCache is, and what it holds."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.condition import Condition
from hooks.kernel.api.model import Int64, ListMap, Model, SchemaOf
from hooks.kernel.document import JSON


class CachedProfile(Model):
    """A profile that is downloaded."""

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

    observed_generation: Int64 | None = None
    """The `metadata.generation` that this status was found for."""
    state: str | None = None
    """The state in one word: `Ready` once the model can be used; `PVC-Created`, `Started`, `Pending`, `InProgress`, `NotReady` or `Failed`."""
    type: str | None = None
    """What the image can do: `native` and `model-free` are read by a NIMService."""
    pvc: str | None = None
    """Name of the PersistentVolumeClaim that holds the model, once it is ready."""
    claim_uid: str | None = None
    """UID of that claim. Another claim of its name holds no model."""
    inputs: str | None = None
    """Hash of what `type` and `profiles` were chosen for."""
    profiles: list[CachedProfile] = Field(default_factory=list)
    """Profiles that were chosen; once the state is `Ready`, they have been downloaded."""
    conditions: Annotated[list[Annotated[JSON, SchemaOf(Condition)]], ListMap("type")] = Field(
        default_factory=list
    )
    """The state in detail. `Ready` says what is missing; `Failed`, `Degraded`, `Reconciling` and `Stalled` say how serious it is."""
