"""API server: keeps objects in memory and treats them on their way in as a real one does."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hooks.local.api import (
    AlreadyExists,
    ApiError,
    BadRequest,
    Conflict,
    Event,
    Forbidden,
    Invalid,
    KindRef,
    NotFound,
    Object,
    Objects,
    Resource,
    Watcher,
    is_deleting,
)
from hooks.local.clock import Clock, VirtualClock, timestamp
from hooks.local.server import catalogue, customresource, fieldmanager, metadata, service, typed
from hooks.local.server.definition import Definition
from hooks.local.values import copied, same

USER = "kubectl"
"""The manager of a write that names none."""
Name = tuple[str, str]
Admission = Callable[[Object, Object | None], str | None]
"""Given the new and the old object, returns why the write is refused, or None."""


class ApiServer:
    """An API server in memory; what it returns is shared with its store and may not be changed."""

    def __init__(self, *, clock: Clock | None = None, crds: Iterable[Object] = ()) -> None:
        self.clock: Clock = clock or VirtualClock()
        self.requests: Counter[tuple[str, str]] = Counter()
        """How often each verb was asked for each kind, whether or not anything changed."""
        self.admission: list[Admission] = []
        """Rules that may refuse a write: quotas, policies, webhooks."""
        self._definitions: dict[tuple[str, str], Definition] = {}
        self._kinds: dict[tuple[str, str], Definition] = {}
        self._objects: dict[tuple[str, str], dict[Name, Object]] = {}
        self._watchers: list[tuple[Definition | None, str, Watcher]] = []
        self._version = 0
        self._made = 0
        for definition in (*catalogue.DEFINITIONS, *customresource.DEFINITIONS):
            self.serve(definition)
        for crd in crds:
            self.install(crd)
        self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
        self.requests.clear()

    # discovery

    def serve(self, definition: Definition) -> None:
        """Begin to serve a kind, or serve it by another definition from now on."""
        self._definitions[definition.key] = definition
        self._objects.setdefault(definition.key, {})
        self._kinds.update({(version, definition.kind): definition for version in definition.versions})

    def install(self, crd: Object) -> None:
        """Begin to serve the kind of a CustomResourceDefinition."""
        self.serve(customresource.from_crd(crd))

    def uninstall(self, kind: KindRef) -> None:
        """Stop serving a kind; its objects go without a word."""
        definition = self._definition(kind)
        del self._definitions[definition.key], self._objects[definition.key]
        self._kinds = {key: value for key, value in self._kinds.items() if value is not definition}

    def resources(self) -> list[Resource]:
        """Return every kind in every version that is served."""
        return [definition.resource(version) for (version, _), definition in self._kinds.items()]

    def find_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return the resource of a kind, or None if it is not served."""
        definition = self._kinds.get((api_version, kind))
        return definition.resource(api_version) if definition else None

    def find_plural(self, api_version: str, plural: str) -> Resource | None:
        """Return the resource of a plural name, or None if it is not served."""
        found = (definition for (version, _), definition in self._kinds.items() if version == api_version and definition.plural == plural)
        definition = next(found, None)
        return definition.resource(api_version) if definition else None

    # reading

    def get(self, kind: KindRef, namespace: str, name: str) -> Object:
        """Return one object; raise NotFound if there is none."""
        definition = self._definition(kind)
        self.requests["get", kind.kind] += 1
        return _in_version(self._stored(definition, namespace, name), kind.api_version)

    def list(self, kind: KindRef, namespace: str | None = None) -> Objects:
        """Return all objects of a kind, of one namespace if given, in the order of their names."""
        definition = self._definition(kind)
        self.requests["list", kind.kind] += 1
        found = sorted(self._objects[definition.key].items())
        return [_in_version(obj, kind.api_version) for (space, _), obj in found if namespace in (None, space)]

    def everything(self) -> Iterator[Object]:
        """Return every object there is, in the version stored."""
        return iter([obj for objects in self._objects.values() for obj in objects.values()])

    def watch(self, kind: KindRef, watcher: Watcher) -> None:
        """Tell the watcher of every object there is, before returning, and of every change from then on."""
        definition = self._definition(kind)
        for obj in self.list(kind):
            watcher(Event("ADDED", obj))
        self._watchers.append((definition, kind.api_version, watcher))

    def watch_all(self, watcher: Watcher) -> None:
        """Tell the watcher of every change of any kind from now on."""
        self._watchers.append((None, "", watcher))

    # writing

    def create(self, obj: Object, *, manager: str = USER) -> Object:
        """Create an object; raise AlreadyExists, Invalid, BadRequest, Forbidden or, without its namespace, NotFound."""
        self.requests["create", _kind_of(obj)] += 1
        new, definition = self._prepared(obj)
        self._refuse_name_taken(definition, new)
        return self._insert(definition, new, manager, None, obj["apiVersion"])

    def update(self, obj: Object, *, manager: str = USER) -> Object:
        """Replace all but the status; raise NotFound, Conflict on an old resourceVersion, or Invalid."""
        self.requests["update", _kind_of(obj)] += 1
        new, definition = self._prepared(obj)
        old = self._stored(definition, *_name(new))
        _refuse_stale(old, obj)
        return self._replace(definition, old, new, manager, obj["apiVersion"])

    def update_status(self, obj: Object, *, manager: str = USER) -> Object:
        """Replace the status alone; raise NotFound, Conflict or Invalid."""
        self.requests["update_status", _kind_of(obj)] += 1
        new, definition = self._prepared(obj)
        if not definition.status:
            raise NotFound("the server could not find the requested resource")
        old = self._stored(definition, *_name(new))
        _refuse_stale(old, obj)
        with_status = (
            {**old, "status": new["status"]} if "status" in new else {name: value for name, value in old.items() if name != "status"}
        )
        with_status = self._normalised(definition, copied(with_status))
        return self._save(definition, old, with_status, manager, obj["apiVersion"], subresource="status")

    def edit(self, kind: KindRef, namespace: str, name: str, change: Callable[[Object], Any], *, manager: str = USER) -> Object:
        """Change an object by a function of a copy, status and all, as a patch of each would."""
        obj = copied(self.get(kind, namespace, name))
        change(obj)
        result = self.update(obj, manager=manager)
        if "status" in obj and self.exists(kind, namespace, name):
            result = self.update_status({**obj, "metadata": result["metadata"]}, manager=manager)
        return result

    def exists(self, kind: KindRef, namespace: str, name: str) -> bool:
        """Tell whether there is such an object."""
        definition = self._definition(kind)
        return (namespace if definition.namespaced else "", name) in self._objects[definition.key]

    def apply(self, obj: Object, *, manager: str, force: bool = False, dry_run: bool = False) -> Object:
        """Apply an object on the server's side; raise Conflict where others own a field with another value, unless forced."""
        self.requests["apply", _kind_of(obj)] += 1
        if (obj.get("metadata") or {}).get("managedFields"):
            raise BadRequest("metadata.managedFields must be nil")
        config, definition = self._named(obj)
        config["metadata"] = {name: value for name, value in config["metadata"].items() if name not in metadata.SYSTEM}
        if definition.status:
            config.pop("status", None)
        unknown = list(definition.undeclared(config))
        if unknown:
            raise ApiError(
                f"failed to create typed patch object ({'/'.join(_name(config))}; {obj['apiVersion']}, Kind={obj['kind']}): {unknown[0]}"
            )
        live = self._objects[definition.key].get(_name(config))
        merged = fieldmanager.applied(live, config, manager=manager, force=force, shape=definition.shape)
        new = self._normalised(definition, copied(merged))
        if live is None:
            return self._insert(definition, new, manager, config, obj["apiVersion"], dry_run=dry_run)
        return self._replace(definition, live, new, manager, obj["apiVersion"], config=config, dry_run=dry_run)

    def delete(
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
        """Delete an object, now or once its finalizers allow; raise NotFound, or Conflict if it has another uid."""
        self.requests["delete", kind.kind] += 1
        definition = self._definition(kind)
        old = self._stored(definition, namespace, name)
        if uid and uid != old["metadata"]["uid"]:
            raise Conflict(f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['metadata']['uid']}")
        finalizers = list(old["metadata"].get("finalizers") or [])
        for policy, finalizer in (("Foreground", "foregroundDeletion"), ("Orphan", "orphan")):
            if propagation == policy and finalizer not in finalizers:
                finalizers.append(finalizer)
        waits = bool(definition.graceful and grace != 0 and old.get("spec", {}).get("nodeName"))
        if not finalizers and not waits and not old.get("spec", {}).get("finalizers"):
            self._remove(definition, old, manager)
            return
        seconds = (old["spec"].get("terminationGracePeriodSeconds", 30) if grace is None else grace) if definition.graceful else 0
        self._mark_deleted(definition, old, finalizers, seconds, manager)

    # the way in

    def _definition(self, kind: KindRef) -> Definition:
        definition = self._kinds.get((kind.api_version, kind.kind))
        if definition is None:
            raise NotFound(f"the server could not find the requested resource ({kind.api_version} {kind.kind})")
        return definition

    def _stored(self, definition: Definition, namespace: str, name: str) -> Object:
        obj = self._objects[definition.key].get((namespace if definition.namespaced else "", name))
        if obj is None:
            raise NotFound(f'{definition.plural}{_dotted(definition)} "{name}" not found')
        return obj

    def _named(self, obj: Object) -> tuple[Object, Definition]:
        """Return a copy with its namespace settled and its kind's definition."""
        if not isinstance(obj.get("apiVersion"), str) or not isinstance(obj.get("kind"), str):
            raise BadRequest("apiVersion and kind must be set")
        metadata.checked_strings(obj)
        definition = self._definition(Resource(obj["apiVersion"], obj["kind"], ""))
        new = copied(obj)
        new["apiVersion"] = definition.versions[0]
        if not definition.namespaced:
            new["metadata"].pop("namespace", None)
        elif not new["metadata"].get("namespace"):
            raise BadRequest("an empty namespace may not be set during creation")
        return new, definition

    def _prepared(self, obj: Object) -> tuple[Object, Definition]:
        new, definition = self._named(obj)
        return self._normalised(definition, new), definition

    def _normalised(self, definition: Definition, new: Object) -> Object:
        """Return the object pruned, without what its types lose, and defaulted."""
        entries = new["metadata"].pop("managedFields", None)
        if definition.typed:
            new = typed.normalised(new)
        elif definition.prune:
            new = definition.prune(new)
        new["metadata"] = metadata.without_empty(new["metadata"])
        try:
            definition.default(new)
        except (AttributeError, TypeError, KeyError) as error:
            raise BadRequest(f"{new['kind']} in version {new['apiVersion']} cannot be handled: {error}") from error
        if entries:
            new["metadata"]["managedFields"] = entries
        return new

    def _refuse_name_taken(self, definition: Definition, new: Object) -> None:
        meta = new["metadata"]
        if not meta.get("name"):
            if not meta.get("generateName"):
                raise Invalid("metadata.name: Required value: name or generateName is required")
            self._made += 1
            meta["name"] = f"{meta['generateName'][:58]}{self._made:05x}"
        if _name(new) in self._objects[definition.key]:
            raise AlreadyExists(f'{definition.plural}{_dotted(definition)} "{meta["name"]}" already exists')

    def _insert(
        self, definition: Definition, new: Object, manager: str, config: Object | None, api_version: str, *, dry_run: bool = False
    ) -> Object:
        self._refuse_namespace(new)
        meta = new["metadata"] = {name: value for name, value in new["metadata"].items() if name not in metadata.SYSTEM}
        if definition.status:
            new.pop("status", None)
            definition.default(new)
        definition.create(new)
        self._made += not dry_run
        if new["kind"] == "Service":
            service.allocate(new, None, self._made)
        self._refuse_problems(definition, new, None)
        meta.update(uid=f"00000000-0000-4000-8000-{self._made:012x}", creationTimestamp=timestamp(self.clock.now()))
        if definition.generation:
            meta["generation"] = 1
        meta["managedFields"] = self._managed(definition, None, new, manager, config, "")
        return self._commit(definition, None, new, manager, api_version, dry_run)

    def _replace(
        self,
        definition: Definition,
        old: Object,
        new: Object,
        manager: str,
        api_version: str,
        *,
        config: Object | None = None,
        dry_run: bool = False,
    ) -> Object:
        new = {name: value for name, value in new.items() if name != "status" or not definition.status}
        if definition.status and "status" in old:
            new["status"] = old["status"]
        meta = {name: value for name, value in new["metadata"].items() if name not in metadata.SYSTEM}
        new["metadata"] = meta | {name: old["metadata"][name] for name in metadata.SYSTEM if name in old["metadata"]}
        if new["kind"] == "Service":
            new = copied(new)
            service.allocate(new, old, self._made)
        added = set(meta.get("finalizers") or []) - set(old["metadata"].get("finalizers") or [])
        if is_deleting(old) and added:
            raise Invalid(f"metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted: {sorted(added)}")
        return self._save(definition, old, new, manager, api_version, config=config, dry_run=dry_run)

    def _save(
        self, definition: Definition, old: Object, new: Object, manager: str, api_version: str, *,
        subresource: str = "", config: Object | None = None, dry_run: bool = False,
    ) -> Object:  # fmt: skip
        """Store a changed object, count its generation, and let it go if it only waited for finalizers."""
        self._refuse_problems(definition, new, old)
        if definition.generation and not same(_wanted(old), _wanted(new)):
            new["metadata"] = {**new["metadata"], "generation": old["metadata"]["generation"] + 1}
        managed = self._managed(definition, old, new, manager, config, subresource)
        new["metadata"] = {**{name: value for name, value in new["metadata"].items() if name != "managedFields"}, "managedFields": managed}
        return self._commit(definition, old, new, manager, api_version, dry_run)

    def _managed(
        self, definition: Definition, old: Object | None, new: Object, manager: str, config: Object | None, subresource: str
    ) -> Objects:
        now = timestamp(self.clock.now())
        if config is None:
            return fieldmanager.updated(old, new, manager=manager, now=now, shape=definition.shape, subresource=subresource)
        return fieldmanager.settled(old, new, config, manager=manager, now=now, shape=definition.shape)

    def _commit(self, definition: Definition, old: Object | None, new: Object, manager: str, api_version: str, dry_run: bool) -> Object:
        if old is not None and same(old, new):
            return _in_version(old, api_version)
        if dry_run:
            return _in_version(new, api_version)
        if old is not None and is_deleting(new) and not new["metadata"].get("finalizers") and not self._held(definition, new):
            self._remove(definition, new, manager)
            return _in_version(new, api_version)
        self._store(definition, new)
        self._emit(definition, Event("MODIFIED" if old else "ADDED", new, old, manager))
        return _in_version(new, api_version)

    def _held(self, definition: Definition, obj: Object) -> bool:
        return bool(obj.get("spec", {}).get("finalizers")) or (
            definition.graceful and obj["metadata"].get("deletionGracePeriodSeconds", 0) > 0
        )

    def _mark_deleted(self, definition: Definition, old: Object, finalizers: Iterable[str], seconds: int, manager: str) -> None:
        if is_deleting(old):
            meta = {**old["metadata"], **({"finalizers": list(finalizers)} if finalizers else {})}
        else:
            meta = {**old["metadata"], "deletionTimestamp": timestamp(self.clock.now()), "deletionGracePeriodSeconds": seconds}
            if finalizers:
                meta["finalizers"] = list(finalizers)
            if "generation" in meta:
                meta["generation"] += 1
        new = {**old, "metadata": meta}
        if new["kind"] == "Namespace":
            new["status"] = {"phase": "Terminating"}
        if not same(old, new):
            self._store(definition, new)
            self._emit(definition, Event("MODIFIED", new, old, manager))

    def _store(self, definition: Definition, new: Object) -> None:
        self._version += 1
        new["metadata"] = {**new["metadata"], "resourceVersion": str(self._version)}
        self._objects[definition.key][_name(new)] = new

    def _remove(self, definition: Definition, obj: Object, manager: str) -> None:
        old = self._objects[definition.key].pop(_name(obj))
        self._version += 1
        last = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self._version)}}
        self._emit(definition, Event("DELETED", last, old, manager))

    def _refuse_namespace(self, new: Object) -> None:
        namespace = new["metadata"].get("namespace")
        if not namespace:
            return
        home = self._objects["", "Namespace"].get(("", namespace))
        if home is None:
            raise NotFound(f'namespaces "{namespace}" not found')
        if is_deleting(home):
            raise Forbidden(f"unable to create new content in namespace {namespace} because it is being terminated")

    def _refuse_problems(self, definition: Definition, new: Object, old: Object | None) -> None:
        found = [*metadata.problems(new), *definition.problems(new, old)]
        if old is not None:
            found += [
                f"{path}: Invalid value: field is immutable" for path in definition.immutable if not same(_at(old, path), _at(new, path))
            ]
        if found:
            raise Invalid(f'{definition.kind}{_dotted(definition)} "{new["metadata"].get("name")}" is invalid: {"; ".join(found)}')
        for rule in self.admission:
            refusal = rule(new, old)
            if refusal:
                raise Forbidden(f'{definition.plural}{_dotted(definition)} "{new["metadata"].get("name")}" is forbidden: {refusal}')

    def _emit(self, definition: Definition, event: Event) -> None:
        for wanted, version, watcher in tuple(self._watchers):
            if wanted is None:
                watcher(event)
            elif wanted.key == definition.key:
                watcher(event._replace(object=_in_version(event.object, version), old=event.old and _in_version(event.old, version)))


def _kind_of(obj: Object) -> str:
    return str(obj.get("kind"))


def _name(obj: Object) -> Name:
    return obj["metadata"].get("namespace") or "", obj["metadata"].get("name") or ""


def _dotted(definition: Definition) -> str:
    return f".{definition.key[0]}" if definition.key[0] else ""


def _in_version(obj: Object, api_version: str) -> Object:
    return obj if obj["apiVersion"] == api_version else {**obj, "apiVersion": api_version}


def _wanted(obj: Object) -> Object:
    return {name: value for name, value in obj.items() if name not in ("metadata", "status", "apiVersion", "kind")}


def _at(obj: Object, path: str) -> Any:
    value: Any = obj
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _refuse_stale(old: Object, obj: Object) -> None:
    sent = obj["metadata"]
    if sent.get("uid") and sent["uid"] != old["metadata"]["uid"]:
        raise Conflict(f"the UID in the precondition ({sent['uid']}) does not match the UID in record ({old['metadata']['uid']})")
    if sent.get("resourceVersion") and sent["resourceVersion"] != old["metadata"]["resourceVersion"]:
        raise Conflict("the object has been modified; please apply your changes to the latest version and try again")
