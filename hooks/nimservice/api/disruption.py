"""Disruption: how many pods a drain of nodes may take away at a time."""

from hooks.kernel.api.kubernetes import IntOrString
from hooks.kernel.api.model import Model, Rule


class PodDisruptionBudget(Model):
    """How many replicas a drain of nodes may take away; of several nodes, how many groups."""

    rules = (
        Rule(
            "has(self.minAvailable) != has(self.maxUnavailable)",
            "podDisruptionBudget must have exactly one of minAvailable and maxUnavailable; keep one",
        ),
    )

    min_available: IntOrString | None = None
    """Extension. Replicas that have to stay, as a number or a percentage."""
    max_unavailable: IntOrString | None = None
    """Extension. Replicas that may be away, as a number or a percentage."""
