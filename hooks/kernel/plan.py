"""Plan: the desired children of a parent, and the findings of building them."""

from dataclasses import dataclass

from hooks.kernel.finding import Finding
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest


@dataclass(frozen=True)
class Plan:
    """The desired children and the findings of building them."""

    children: tuple[Manifest, ...] = ()
    findings: tuple[Finding, ...] = ()
    held: str | None = None
    """The reason for holding children as last applied, or None if all of them are built."""

    def has(self, kind: Kind, name: str) -> bool:
        """Whether a child is desired."""
        return any(
            kind.is_of(child) and child["metadata"]["name"] == name for child in self.children
        )
