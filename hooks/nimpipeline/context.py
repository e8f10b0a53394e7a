"""Context: everything one sync of a NIMPipeline knows, read-only."""

from hooks.kernel import context
from hooks.kernel.manifest import Manifest
from hooks.kernel.settings import Settings
from hooks.nimpipeline import kinds
from hooks.nimpipeline.api.nimpipeline import NIMPipeline


class Context(context.Context[NIMPipeline, Settings]):
    """One NIMPipeline, what is observed around it, and what this installation decides."""

    CHILDREN = kinds.MANAGED
    # A NIMService without an owner runs somebody's model. If the pipeline took it over, it would
    # update it, and delete it with the pipeline.
    UNOWNED = kinds.MANAGED

    @property
    def pipeline(self) -> NIMPipeline:
        """The NIMPipeline."""
        return self.parent

    def running(self, name: str) -> Manifest | None:
        """Return the observed NIMService of a service."""
        return self.child(kinds.NIM_SERVICE, name)
