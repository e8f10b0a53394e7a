"""API server: keeps objects in memory and answers each verb as a real one does."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hooks.cluster.api import (
    AlreadyExists,
    ApiError,
    BadRequest,
    Conflict,
    Invalid,
    KindRef,
    NotFound,
    Object,
    Objects,
    Resource,
    name_of,
)
from hooks.kernel.condition import timestamp
from hooks.kernel.values import copied, same
from nimservice_simulator.api import Event, Watcher
from nimservice_simulator.apiserver import (
    catalogue,
    customresource,
    deletion,
    fieldmanager,
    intake,
    metadata,
)
from nimservice_simulator.apiserver.definition import Definition
from nimservice_simulator.apiserver.intake import Admission
from nimservice_simulator.apiserver.registry import Registry
from nimservice_simulator.apiserver.store import Store, in_version
from nimservice_simulator.apiserver.writer import Write, Writer
from nimservice_simulator.clock import Clock, VirtualClock

USER = "kubectl"
"""The manager of a write that names none."""


class ApiServer:
    """An API server in memory; what it returns is shared with its store and may not be changed."""

    def __init__(self, *, clock: Clock | None = None, crds: Iterable[Object] = ()) -> None:
        self.clock: Clock = clock or VirtualClock()
        self.kinds = Registry((*catalogue.DEFINITIONS, *customresource.DEFINITIONS))
        """What is served; ``install`` adds a CustomResourceDefinition."""
        self.admission: list[Admission] = []
        """Rules that may refuse a write: quotas, policies, webhooks."""
        self.requests: Counter[tuple[str, str]] = Counter()
        """How often each verb was asked for each kind, whether or not anything changed."""
        self._store = Store()
        self._writer = Writer(self._store, self.kinds, self.clock, self.admission)
        for crd in crds:
            self.kinds.install(crd)
        self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
        self.requests.clear()

    def find_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return the resource of a kind, or None if it is not served."""
        return self.kinds.find_kind(api_version, kind)

    def find_plural(self, api_version: str, plural: str) -> Resource | None:
        """Return the resource of a plural name, or None if it is not served."""
        return self.kinds.find_plural(api_version, plural)

    def uninstall(self, kind: KindRef) -> None:
        """Stop serving a kind; its objects go without a word."""
        definition = self.kinds.definition(kind)
        self.kinds.withdraw(definition)
        self._store.forget(definition)

    def get(self, kind: KindRef, namespace: str, name: str) -> Object:
        """Return one object; raise NotFound if there is none."""
        definition = self._asked("get", kind)
        return in_version(self._store.get(definition, namespace, name), kind.api_version)

    def exists(self, kind: KindRef, namespace: str, name: str) -> bool:
        """Tell whether there is such an object."""
        return self._store.find(self.kinds.definition(kind), namespace, name) is not None

    def list(self, kind: KindRef, namespace: str | None = None) -> Objects:
        """Return all objects of a kind, of one namespace if given, in the order of their names."""
        definition = self._asked("list", kind)
        return [in_version(obj, kind.api_version) for obj in self._store.all(definition, namespace)]

    def everything(self) -> Iterator[Object]:
        """Return every object there is, in the version stored."""
        return self._store.everything()

    def watch(self, kind: KindRef, watcher: Watcher) -> None:
        """Tell the watcher of every existing object before returning, then of every change."""
        for obj in self.list(kind):
            watcher(Event("ADDED", obj))
        self._store.watch(self.kinds.definition(kind), kind.api_version, watcher)

    def watch_all(self, watcher: Watcher) -> None:
        """Tell the watcher of every change of any kind from now on."""
        self._store.watch(None, "", watcher)

    def create(self, obj: Object, *, manager: str = USER) -> Object:
        """Create an object.

        Raise AlreadyExists, Invalid, BadRequest, Forbidden or, without its namespace, NotFound.
        """
        new, definition = self._received("create", obj)
        meta = new["metadata"]
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = self._writer.name(meta["generateName"])
        if not meta.get("name"):
            raise Invalid("metadata.name: Required value: name or generateName is required")
        if self._store.find(definition, *name_of(new)):
            raise AlreadyExists(f'{definition.dotted} "{meta["name"]}" already exists')
        return self._writer.insert(definition, new, Write(obj["apiVersion"], manager))

    def update(self, obj: Object, *, manager: str = USER) -> Object:
        """Replace all but the status.

        Raise NotFound, Conflict on an old resourceVersion, or Invalid.
        """
        new, definition = self._received("update", obj)
        old = self._store.get(definition, *name_of(new))
        intake.check_current(old, obj)
        return self._writer.replace(definition, old, new, Write(obj["apiVersion"], manager))

    def update_status(self, obj: Object, *, manager: str = USER) -> Object:
        """Replace the status alone; raise NotFound, Conflict or Invalid."""
        self.requests["update_status", str(obj.get("kind"))] += 1
        sent, definition = intake.read(self.kinds, obj)
        if not definition.status:
            raise NotFound("the server could not find the requested resource")
        old = self._store.get(definition, *name_of(sent))
        intake.check_current(old, obj)
        status = (
            intake.normalised_status(definition, old, sent["status"])
            if sent.get("status") is not None
            else None
        )
        new = {name: value for name, value in old.items() if name != "status"} | (
            {} if status is None else {"status": status}
        )
        return self._writer.save(
            definition, old, new, Write(obj["apiVersion"], manager, subresource="status")
        )

    def scale(
        self, kind: KindRef, namespace: str, name: str, replicas: int, *, manager: str = USER
    ) -> Object:
        """Set the replicas through the scale subresource, as ``kubectl scale`` does."""
        definition = self._asked("scale", kind)
        old = self._store.get(definition, namespace, name)
        new = {**old, "spec": {**old["spec"], "replicas": replicas}}
        return self._writer.save(
            definition,
            old,
            intake.normalised(definition, copied(new)),
            Write(kind.api_version, manager, subresource="scale"),
        )

    def edit(
        self,
        kind: KindRef,
        namespace: str,
        name: str,
        change: Callable[[Object], Any],
        *,
        manager: str = USER,
    ) -> Object:
        """Change an object by a function of a copy, status and all, as a patch of each would."""
        live = self.get(kind, namespace, name)
        obj = copied(live)
        change(obj)
        by_itself = self.kinds.definition(kind).status
        result = live
        if any(
            obj.get(field) != live.get(field)
            for field in {**live, **obj}
            if field != "status" or not by_itself
        ):
            result = self.update(obj, manager=manager)
        if (
            by_itself
            and obj.get("status") != live.get("status")
            and self.exists(kind, namespace, name)
        ):
            result = self.update_status({**obj, "metadata": result["metadata"]}, manager=manager)
        return result

    def apply(self, obj: Object, *, manager: str, force: bool = False) -> Object:
        """Apply an object on the server's side.

        Raise Conflict where others own a field with another value, unless forced.
        """
        self.requests["apply", str(obj.get("kind"))] += 1
        config, definition = intake.read(self.kinds, obj)
        if config["metadata"].pop("managedFields", None):
            raise BadRequest("metadata.managedFields must be nil")
        live = self._store.find(definition, *name_of(config))
        if live:
            intake.check_current(live, obj)
        config["metadata"] = {
            name: value for name, value in config["metadata"].items() if name not in metadata.SYSTEM
        }
        if definition.status:
            config.pop("status", None)
        unknown = next(iter(definition.undeclared(config)), None)
        if unknown:
            raise ApiError(
                f"failed to create typed patch object ({'/'.join(name_of(config))}; {obj['apiVersion']}, Kind={obj['kind']}): {unknown}"
            )
        merged = fieldmanager.applied(
            live, config, manager=manager, force=force, shape=definition.merging
        )
        new = intake.normalised(definition, copied(merged))
        write = Write(obj["apiVersion"], manager, config, asked=merged)
        return (
            self._writer.replace(definition, live, new, write)
            if live
            else self._writer.insert(definition, new, write)
        )

    def delete(  # noqa: PLR0913 - the options of a real DELETE
        self,
        kind: KindRef,
        namespace: str,
        name: str,
        *,
        uid: str = "",
        propagation: str = "Background",
        grace: int | None = None,
        manager: str = USER,
    ) -> None:
        """Delete an object, now or once its finalizers and its grace allow.

        Raise NotFound, or Conflict if it has another uid.
        """
        definition = self._asked("delete", kind)
        old = self._store.get(definition, namespace, name)
        if uid and uid != old["metadata"]["uid"]:
            raise Conflict(
                f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['metadata']['uid']}"
            )
        seconds = deletion.grace_of(definition, old, grace)
        new = deletion.marked(
            old, deletion.finalizers(old, propagation), seconds, timestamp(self.clock.now())
        )
        if not deletion.waits(new):
            self._store.remove(definition, old, manager)
        elif not same(old, new):
            self._store.put(definition, new, manager)

    def _asked(self, verb: str, kind: KindRef) -> Definition:
        self.requests[verb, kind.kind] += 1
        return self.kinds.definition(kind)

    def _received(self, verb: str, obj: Object) -> tuple[Object, Definition]:
        self.requests[verb, str(obj.get("kind"))] += 1
        new, definition = intake.read(self.kinds, obj)
        return intake.normalised(definition, new), definition
