"""Condition: one aspect of an object's state, as Kubernetes' tools read it."""

from typing import Annotated, Literal

from pydantic import Field

from hooks.kernel.api.model import Int64, Model


class Condition(Model):
    """One aspect of the state."""

    type: Annotated[
        str,
        Field(
            max_length=316,
            pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
        ),
    ]
    """The aspect, for example `Ready`."""
    status: Literal["True", "False", "Unknown"]
    """Whether it holds."""
    observed_generation: Annotated[Int64, Field(ge=0)] | None = None
    """The `metadata.generation` that this was found for."""
    last_transition_time: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    """When `status` last changed."""
    reason: Annotated[
        str,
        Field(min_length=1, max_length=1024, pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"),
    ]
    """The cause in one CamelCase word, for programs."""
    message: Annotated[str, Field(max_length=32768)]
    """The cause in a sentence, for people."""
