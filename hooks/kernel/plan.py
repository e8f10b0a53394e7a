"""Plan: the children that a resource is to have now, and what was found out while they were built."""

from dataclasses import dataclass

from hooks.kernel.finding import Finding
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest


@dataclass(frozen=True)
class Plan:
    """What a resource is to have, and what was found out on the way."""

    children: tuple[Manifest, ...] = ()
    findings: tuple[Finding, ...] = ()
    held: str | None = None
    """The reason why children are kept as they are instead of being built, or None where they are built."""

    def has(self, kind: Kind, name: str) -> bool:
        """Whether a child is among them."""
        return any(
            kind.is_of(child) and child["metadata"]["name"] == name for child in self.children
        )
