"""Builder: makes the children of one kind; a tuple of builders is the registry of a resource's children."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hooks.kernel import lastapplied
from hooks.kernel.context import Context
from hooks.kernel.finding import Finding
from hooks.kernel.kind import PERSISTENT_VOLUME_CLAIM, Kind
from hooks.kernel.manifest import Manifest, without_none

Builder = Callable[[Any], Iterator[Manifest | Finding]]
"""Yields the children of one kind, or findings; it takes the context and nothing else."""


class BuilderError(Exception):
    """A builder failed; the answer must not be given, because it would miss that builder's children. ``builder`` is its name."""

    def __init__(self, builder: str, error: Exception) -> None:
        super().__init__(f"{builder}: {type(error).__name__}: {error}")
        self.builder = builder


def build(
    ctx: Context[Any, Any],
    builders: Iterable[Builder],
    prune: Callable[[Manifest], Manifest] = without_none,
) -> tuple[list[Manifest], list[Finding]]:
    """Return the children that this installation manages, pruned, and the findings; one for each kind that it does not manage.

    Args:
        ctx: what the builders take.
        builders: in the order of the children.
        prune: takes out of a child what the API server would not keep.

    Raises:
        BuilderError: where a builder fails; it names the builder.
    """
    children: list[Manifest] = []
    findings: list[Finding] = []
    unmanaged: set[Kind] = set()
    for item in _built(ctx, builders):
        if isinstance(item, Finding):
            findings.append(item)
        elif ctx.manages(kind := ctx.kind_of(item)):
            children.append(prune(item))
        else:
            unmanaged.add(kind)
    return children, [*findings, *map(_unmanaged, sorted(unmanaged))]


def _built(ctx: Context[Any, Any], builders: Iterable[Builder]) -> Iterator[Manifest | Finding]:
    for builder in builders:
        try:
            yield from builder(ctx)
        except Exception as error:
            raise BuilderError(builder.__module__.rpartition(".")[2], error) from error


def _unmanaged(kind: Kind) -> Finding:
    components = " or ".join(kind.components)
    return Finding(
        "KindNotManaged",
        f"{kind.kind} is wanted, but this installation does not manage it: add the component {components}",
        subject=kind.kind,
    )


def kept_claims(ctx: Context[Any, Any], children: Iterable[Manifest]) -> Iterator[Manifest]:
    """Yield the claims that exist and are no longer desired: they hold the model, and an answer without one deletes it."""
    desired = {_key(child) for child in children if PERSISTENT_VOLUME_CLAIM.is_of(child)}
    for key, existing in sorted(ctx.request.observed(PERSISTENT_VOLUME_CLAIM).items()):
        if key not in desired:
            yield lastapplied.last_applied(existing, ctx.settings.field_manager)


def _key(child: Manifest) -> str:
    return f"{child['metadata'].get('namespace')}/{child['metadata']['name']}"
