"""Service: one NIMService of a pipeline, and the services that it calls."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.model import ListMap, Model, Port, Rule, SchemaOf, WithoutRules
from hooks.kernel.document import JSON
from hooks.nimservice.api import dra, endpointpicker
from hooks.nimservice.api.nimservice import NIMServiceSpec

LEFT_OUT = (dra.VERSION, dra.ONE_CONDITION_A_KEY, endpointpicker.PORTS_IN_RANGE)
"""Rules of NIMService that are too dear in a list of services; ``hooks.nimpipeline.validation`` has them."""

SERVICES = 15
"""The most services of a pipeline: with one more the API server refuses the CustomResourceDefinition for what its rules may cost."""


class Dependency(Model):
    """A service that another one calls."""

    name: str
    """Name of the service that is called."""
    port: Port
    """Port of the service that is called."""
    env_name: Annotated[str, Field(pattern=r"^[ -<>-~]*$")] | None = None
    """Environment variable that tells the caller about it: printable ASCII without `=`. Without a name there is none."""
    env_value: str | None = None
    """Value of the environment variable. Where it is absent, it is `<Service>:<port>`: the address within the namespace, by the name of the Service of that service of the pipeline, or by `name` for any other."""


class Service(Model):
    """A NIMService that the pipeline makes, and what it needs of the others."""

    rules = (
        Rule(
            "!has(self.enabled) || !self.enabled || has(self.spec)",
            "spec is required of a service that is enabled; give it, or set enabled to false",
            field_path=".spec",
            reason="FieldValueRequired",
        ),
        Rule(
            "size(self.name) <= 45 || !has(self.spec) || !has(self.spec.multiNode)",
            "name must be at most 45 characters with spec.multiNode; the pods of a group are named and labelled by it",
            field_path=".name",
        ),
    )

    name: Annotated[
        str, Field(min_length=1, max_length=59, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
    ]
    """Name of the NIMService, which is also the name that the others call it by."""
    enabled: bool | None = None
    """Whether there is to be a NIMService. Where it is absent there is none."""
    spec: Annotated[JSON, SchemaOf(NIMServiceSpec), WithoutRules(LEFT_OUT)] | None = None
    """What is asked of the NIMService, as in a NIMService of its own."""
    dependencies: list[Dependency] = Field(default_factory=list)
    """Services that it calls. Their variables come first and win over those of `spec.env`."""


Services = Annotated[list[Service], Field(max_length=SERVICES), ListMap("name")]
