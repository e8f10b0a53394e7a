"""NIMPipeline: several NIMServices as one, as users write it."""

from pydantic import Field

from hooks.kernel.api.model import Model
from hooks.kernel.api.parent import Parent
from hooks.nimpipeline.api.service import Service, Services


class NIMPipelineSpec(Model):
    """What is asked of the pipeline."""

    services: Services = Field(default_factory=list)
    """The NIMServices of the pipeline, at most 15 of them."""


class NIMPipeline(Parent):
    """Several NIMServices that belong together: they are made, changed, watched and deleted as one."""

    spec: NIMPipelineSpec = Field(default_factory=NIMPipelineSpec)
    """What is asked of the pipeline."""

    @property
    def enabled(self) -> tuple[Service, ...]:
        """The services that there is to be a NIMService of, in their order."""
        return tuple(each for each in self.spec.services if each.enabled)
