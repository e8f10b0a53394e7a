"""Status: what is observed of a NIMPipeline, as users read it."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.condition import Condition
from hooks.kernel.api.model import Int64, ListMap, Model


class NIMPipelineStatus(Model):
    """What is observed of the pipeline."""

    observed_generation: Int64 | None = None
    """The `metadata.generation` that this status was found for."""
    state: str | None = None
    """The state in one word: `NotReady`, `Ready` or `Failed`."""
    states: dict[str, str] = Field(default_factory=dict)
    """The state of each NIMService that is enabled, by its name."""
    ready_services: str | None = None
    """How many of the services that are enabled are Ready, for example `2/3`."""
    conditions: Annotated[list[Condition], ListMap("type")] = Field(default_factory=list)
    """The state in detail. `Ready` says which service is missing and why; `Failed`, `Degraded`, `Reconciling` and `Stalled` say how serious it is."""
