"""Probe: how the kubelet asks whether the model server is up."""

from hooks.kernel.api import kubernetes
from hooks.kernel.api.model import Model


class Probe(Model):
    """A probe of the model server."""

    enabled: bool | None = None
    """Whether the probe is made. It is, unless this is false."""
    probe: kubernetes.Probe | None = None
    """The probe, in place of the default one."""

    @property
    def off(self) -> bool:
        """Whether the user switched the probe off."""
        return self.enabled is False
