"""Definition: all that the API server knows about one kind."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from hooks.cluster.api import Object, Resource, group_of
from nimservice_simulator.apiserver.shape import ANY, METADATA, Shape

Problems = Callable[[Object, Object | None], Iterable[str]]


def _nothing(_: Object) -> None:
    return


def _no_problems(_: Object, __: Object | None) -> Iterable[str]:
    return ()


def _nothing_allocated(_: Object, __: Object | None, ___: int) -> None:
    return


def _nothing_undeclared(_: Object) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Definition:
    """One kind: its names, its rules and what happens to an object on its way in."""

    versions: tuple[str, ...]
    """The apiVersions in which it is served; the first is the one stored."""
    kind: str
    plural: str
    namespaced: bool = True
    status: bool = True
    """Whether status is written through a subresource of its own."""
    generation: bool = True
    """Whether ``metadata.generation`` counts the changes of what is wanted."""
    typed: bool = True
    """Whether the kind is built in, so that nulls and empty optionals are lost in it."""
    graceful: bool = False
    """Whether a deletion waits for the kubelet."""
    shape: Shape = ANY
    prune: Callable[[Object], Object] | None = None
    """Drops fields that the kind's schema does not know."""
    default: Callable[[Object], None] = _nothing
    create: Callable[[Object], None] = _nothing
    """What only a new object gets, after the defaults and its uid.

    Examples are a first phase, a finalizer and a selector.
    """
    allocate: Callable[[Object, Object | None, int], None] = _nothing_allocated
    """Sets what the server assigns, such as addresses, from the old object or a running number."""
    problems: Problems = _no_problems
    undeclared: Callable[[Object], Iterable[str]] = _nothing_undeclared
    """Names the fields that server-side apply refuses, as the schema does not know them."""
    immutable: tuple[str, ...] = field(default=())
    """Dotted paths that may not change once made."""

    @cached_property
    def merging(self) -> Shape:
        """The shape of the object with metadata; built-in kinds always have spec and status."""
        tops = {
            name: replace(self.shape.field(name), always=True)
            for name in ("spec", "status")
            if self.typed
        }
        return replace(self.shape, fields={**self.shape.fields, **tops, "metadata": METADATA})

    @cached_property
    def key(self) -> tuple[str, str]:
        """What the kind is stored under, whatever the version."""
        return group_of(self.versions[0]), self.kind

    @property
    def allocates(self) -> bool:
        """Whether the server allocates a value on creation, for example an address."""
        return self.create is not _nothing or self.allocate is not _nothing_allocated

    @property
    def dotted(self) -> str:
        """The plural with the group, as messages name it."""
        return ".".join(filter(None, (self.plural, self.key[0])))

    def resource(self, api_version: str) -> Resource:
        """Return the kind as discovery tells it in one of its versions."""
        return Resource(api_version, self.kind, self.plural, self.namespaced, self.status)
