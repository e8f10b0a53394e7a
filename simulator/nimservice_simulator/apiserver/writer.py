"""Writer: stores an object, with versions, generations and owners, unless a rule refuses it."""

from typing import NamedTuple

from hooks.cluster.api import Forbidden, Invalid, NotFound, Object, Objects, Resource, is_deleting
from hooks.kernel.condition import timestamp
from hooks.kernel.values import copied, same
from nimservice_simulator.apiserver import deletion, fieldmanager, intake, metadata
from nimservice_simulator.apiserver.definition import Definition
from nimservice_simulator.apiserver.fieldmanager import Author
from nimservice_simulator.apiserver.intake import Admission
from nimservice_simulator.apiserver.registry import Registry
from nimservice_simulator.apiserver.store import Store, in_version
from nimservice_simulator.clock import Clock

_NAMESPACE = Resource("v1", "Namespace", "namespaces", namespaced=False)


class Write(NamedTuple):
    """How a request writes."""

    api_version: str
    manager: str
    config: Object | None = None
    """What is applied, under server-side apply."""
    asked: Object | None = None
    """The object as asked for, before the server added anything.

    Under server-side apply it is merged.
    """
    subresource: str = ""


class Writer:
    """Writes into one server's store."""

    def __init__(
        self, store: Store, kinds: Registry, clock: Clock, admission: list[Admission]
    ) -> None:
        self._store, self._kinds, self._clock, self._admission = store, kinds, clock, admission
        self._made = 0

    def name(self, prefix: str) -> str:
        """Return a name that begins as asked for and is not taken."""
        self._made += 1
        return f"{prefix[:58]}{self._made:05x}"

    def insert(self, definition: Definition, new: Object, write: Write) -> Object:
        """Store a new object with what only the server gives."""
        self._check_namespace(new)
        new["metadata"] = {
            name: value for name, value in new["metadata"].items() if name not in metadata.SYSTEM
        }
        if definition.status:
            new.pop("status", None)
        asked = copied(new) if definition.allocates else dict(new)
        definition.default(new)
        self._made += 1
        meta = new["metadata"]
        meta.update(
            uid=f"00000000-0000-4000-8000-{self._made:012x}",
            creationTimestamp=timestamp(self._clock.now()),
        )
        definition.create(new)
        definition.allocate(new, None, self._made)
        intake.check(definition, new, None, self._admission)
        if definition.generation:
            meta["generation"] = 1
        meta["managedFields"] = self._managed(definition, None, asked, write)
        return in_version(
            self._store.put(definition, new, write.manager),
            write.api_version,
        )

    def replace(self, definition: Definition, old: Object, new: Object, write: Write) -> Object:
        """Write all but the status over an object."""
        if definition.status:
            new = {
                **{name: value for name, value in new.items() if name != "status"},
                **({"status": old["status"]} if "status" in old else {}),
            }
        meta = {
            name: value for name, value in new["metadata"].items() if name not in metadata.SYSTEM
        }
        new["metadata"] = meta | {
            name: old["metadata"][name] for name in metadata.SYSTEM if name in old["metadata"]
        }
        asked = copied(new) if definition.allocates else new
        definition.allocate(new, old, self._made)
        added = set(meta.get("finalizers") or []) - set(old["metadata"].get("finalizers") or [])
        if is_deleting(old) and added:
            raise Invalid(
                f"metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted: {sorted(added)}"
            )
        return self.save(
            definition, old, new, write if write.config else write._replace(asked=asked)
        )

    def save(self, definition: Definition, old: Object, new: Object, write: Write) -> Object:
        """Store a change and its generation; delete an object that only waited for finalizers."""
        intake.check(definition, new, old, self._admission)
        meta = {name: value for name, value in new["metadata"].items() if name != "managedFields"}
        if definition.generation and not same(intake.wanted(old), intake.wanted(new)):
            meta["generation"] = old["metadata"]["generation"] + 1
        managed = self._managed(definition, old, new, write)
        new = {**new, "metadata": {**meta, **({"managedFields": managed} if managed else {})}}
        if same(old, new):
            return in_version(old, write.api_version)
        if is_deleting(new) and not deletion.waits(new):
            new = self._store.remove(definition, new, write.manager)
        else:
            new = self._store.put(definition, new, write.manager)
        return in_version(new, write.api_version)

    def _managed(
        self, definition: Definition, old: Object | None, new: Object, write: Write
    ) -> Objects:
        author = Author(write.manager, timestamp(self._clock.now()), write.subresource)
        if write.config is not None:
            return fieldmanager.settled(
                old, write.asked or new, write.config, author, definition.merging
            )
        return fieldmanager.updated(old, write.asked or new, author, definition.merging)

    def _check_namespace(self, new: Object) -> None:
        namespace = new["metadata"].get("namespace")
        if not namespace:
            return
        home = self._store.find(self._kinds.definition(_NAMESPACE), "", namespace)
        if home is None:
            raise NotFound(f'namespaces "{namespace}" not found')
        if is_deleting(home):
            raise Forbidden(
                f"unable to create new content in namespace {namespace} because it is being terminated"
            )
