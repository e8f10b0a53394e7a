"""Registry: which kinds the server serves, in which versions, and what it knows of each."""

from collections.abc import Iterable

from hooks.cluster.api import KindRef, NotFound, Object, Resource
from nimservice_simulator.apiserver import customresource
from nimservice_simulator.apiserver.definition import Definition


class Registry:
    """Discovery of one API server."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self._kinds: dict[tuple[str, str], Definition] = {}
        self._plurals: dict[tuple[str, str], Definition] = {}
        for definition in definitions:
            self.serve(definition)

    def serve(self, definition: Definition) -> None:
        """Begin to serve a kind, or serve it by another definition from now on."""
        self.withdraw(definition)
        self._kinds.update(
            {(version, definition.kind): definition for version in definition.versions}
        )
        self._plurals.update(
            {(version, definition.plural): definition for version in definition.versions}
        )

    def install(self, crd: Object) -> None:
        """Begin to serve the kind of a CustomResourceDefinition."""
        self.serve(customresource.from_crd(crd))

    def withdraw(self, definition: Definition) -> None:
        """Stop serving a kind."""
        self._kinds, self._plurals = (
            {names: known for names, known in index.items() if known.key != definition.key}
            for index in (self._kinds, self._plurals)
        )

    def definition(self, kind: KindRef) -> Definition:
        """Return what is known of a kind; raise NotFound if it is not served in that version."""
        definition = self._kinds.get((kind.api_version, kind.kind))
        if definition is None:
            raise NotFound(
                f"the server could not find the requested resource ({kind.api_version} {kind.kind})"
            )
        return definition

    def resources(self) -> list[Resource]:
        """Return every kind in every version that is served."""
        return [definition.resource(version) for (version, _), definition in self._kinds.items()]

    def find_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return the resource of a kind, or None if it is not served."""
        definition = self._kinds.get((api_version, kind))
        return definition.resource(api_version) if definition else None

    def find_plural(self, api_version: str, plural: str) -> Resource | None:
        """Return the resource of a plural name, or None if it is not served."""
        definition = self._plurals.get((api_version, plural))
        return definition.resource(api_version) if definition else None
