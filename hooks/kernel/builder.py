"""Builder: makes the children of one kind; a tuple of builders is the registry of a resource."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hooks.kernel import lastapplied
from hooks.kernel.context import Context
from hooks.kernel.finding import Finding
from hooks.kernel.kind import PERSISTENT_VOLUME_CLAIM, Kind
from hooks.kernel.manifest import Manifest, without_none
from hooks.kernel.protocol import BadRequest

Builder = Callable[[Any], Iterator[Manifest | Finding]]
"""Yields the children of one kind, or findings, given the context and nothing else."""


class BuilderError(Exception):
    """A builder failed, so an answer would delete its children; ``builder`` is its name."""

    def __init__(self, builder: str, error: Exception) -> None:
        super().__init__(f"{builder}: {type(error).__name__}: {error}")
        self.builder = builder


def build(
    ctx: Context[Any, Any],
    builders: Iterable[Builder],
    prune: Callable[[Manifest], Manifest] = without_none,
) -> tuple[list[Manifest], list[Finding]]:
    """Return the managed children, pruned, and the findings, one for each kind that is not managed.

    Args:
        ctx: the context of the builders.
        builders: the builders, in the order of the children.
        prune: returns a child without the parts that the API server would not keep.

    Raises:
        BuilderError: if a builder fails; it names the builder.
        BadRequest: if a builder refuses an odd object.
    """
    children: list[Manifest] = []
    findings: list[Finding] = []
    left_out: set[Kind] = set()
    for item in _built(ctx, builders):
        if isinstance(item, Finding):
            findings.append(item)
        elif ctx.manages(kind := ctx.kind_of(item)):
            children.append(prune(item))
        else:
            left_out.add(kind)
    return children, [*findings, *map(unmanaged, sorted(left_out))]


def _built(ctx: Context[Any, Any], builders: Iterable[Builder]) -> Iterator[Manifest | Finding]:
    refused: BadRequest | None = None
    for builder in builders:
        try:
            yield from builder(ctx)
        except BadRequest as error:
            # The other builders still run, so that an odd object never hides a bug of ours.
            refused = refused or error
        except Exception as error:
            raise BuilderError(builder.__module__.rpartition(".")[2], error) from error
    if refused:
        raise refused


def unmanaged(kind: Kind) -> Finding:
    """Return the finding on children of a kind that this installation does not manage."""
    return Finding(
        "KindNotManaged",
        f"The spec needs a {kind.kind}, but this installation does not manage that kind",
        f"add the component {' or '.join(kind.components)}",
        subject=kind.kind,
    )


def kept_claims(ctx: Context[Any, Any], children: Iterable[Manifest]) -> Iterator[Manifest]:
    """Yield existing claims that are not desired: leaving one out would delete the model."""
    desired = {_key(child) for child in children if PERSISTENT_VOLUME_CLAIM.is_of(child)}
    for key, existing in sorted(ctx.request.observed(PERSISTENT_VOLUME_CLAIM).items()):
        if key not in desired:
            yield lastapplied.held(existing, ctx.settings.field_manager)


def _key(child: Manifest) -> str:
    return f"{child['metadata'].get('namespace')}/{child['metadata']['name']}"
