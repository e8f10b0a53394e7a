"""Metacontroller: its CompositeController loop, from watch events to hook calls to writes, on any ``Api``."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from hooks.local.api import Api, ApiError, NotFound, Object, Resource, controller_of, group_of, is_deleting, name_of
from hooks.local.clock import Clock
from hooks.local.counting import Counted
from hooks.local.loop import claims, composite, decode, finalizer, hookcall, parentstatus, request
from hooks.local.loop import selector as selectors
from hooks.local.loop.composite import Composite, CreateError
from hooks.local.loop.customize import NAMESPACES, Related
from hooks.local.loop.decode import DecodeError, SyncAnswer
from hooks.local.loop.dynamicapply import DynamicApply
from hooks.local.loop.failure import RetryLater, SyncError
from hooks.local.loop.informers import Change, Informers
from hooks.local.loop.queue import Key, Queue
from hooks.local.loop.request import Group, Groups, key_of
from hooks.local.loop.selector import SelectorError
from hooks.local.loop.serversideapply import ServerSideApply
from hooks.local.loop.transport import Transport
from hooks.local.values import same

Engine = Literal["dynamic-apply", "server-side-apply"]
ENGINES: tuple[Engine, ...] = ("dynamic-apply", "server-side-apply")
_FLUSH = 1800.0
"""Seconds after which all parents come again, whatever the controller asks for."""
Gvk = tuple[str, str, str]


class Warned(NamedTuple):
    """An event of type Warning that the loop would put on a parent."""

    time: datetime
    parent: Key
    reason: str
    message: str


class _Applier(Protocol):
    def ensure(self, resource: Resource, desired: Object, observed: Object | None, parent: Object, method: str) -> None: ...


class Metacontroller:
    """One CompositeController at work; ``run`` does all there is to do at this moment."""

    def __init__(
        self, api: Api, controller: Object, transport: Transport, *, clock: Clock,
        engine: Engine = "dynamic-apply", manager: str = "metacontroller", seed: int = 0,
    ) -> None:  # fmt: skip
        self.api = Counted(api)
        """The API as the loop uses it; its ``requests`` count what the loop asks for."""
        self.composite: Composite = composite.read(controller)
        self.calls: Counter[str] = Counter()
        """How often each hook was called."""
        self.warnings: list[Warned] = []
        self.queue = Queue(clock)
        self.informers = Informers(self.api)
        self._clock, self._transport, self._manager, self._random = clock, transport, manager, random.Random(seed)
        self._applier: _Applier = (DynamicApply if engine == "dynamic-apply" else ServerSideApply)(self.api, manager)
        self._parent = self._resource(self.composite.api_version, self.composite.plural)
        if not self._parent.status:
            raise CreateError(f"{self._parent.plural} does not have subresource 'Status' enabled")
        customize = self.composite.hooks.get("customize")
        self._related = (
            Related(self.api, self.informers, clock, self._customize, v2=customize.v2) if customize and customize.enabled else None
        )
        children = [self._resource(rule.api_version, rule.plural) for rule in self.composite.rules]
        self.informers.start(NAMESPACES)
        self.informers.start(self._parent, self._parent_changed)
        for child in children:
            self.informers.start(child, self._child_changed)
        seconds = self.composite.resync_seconds
        self._every = timedelta(seconds=min(max(seconds, 1.0), _FLUSH) if seconds else _FLUSH)
        self._next_resync = clock.now() + self._every

    def run(self, limit: int = 1000) -> int:
        """Take in events and sync until nothing is left to do now; return the number of syncs, at most the limit."""
        count = 0
        while count < limit:
            self.informers.deliver()
            if not self.step():
                return count
            count += 1
        return count

    def step(self) -> bool:
        """Sync the next parent, from the caches as they are; return False if none waits."""
        if self._clock.now() >= self._next_resync:
            self._next_resync = self._clock.now() + self._every
            self.resync()
        key = self.queue.take()
        if key is None:
            return False
        try:
            self.sync(key)
            self.queue.forget(key)
        except RetryLater as later:
            self.queue.add_after(key, later.seconds)
        except (SyncError, ApiError, DecodeError, SelectorError) as error:
            self.warnings.append(Warned(self._clock.now(), key, "SyncError", f"Sync error: {error}"))
            self.queue.add_failed(key)
        finally:
            self.queue.done(key)
        return True

    def idle(self) -> bool:
        """Tell whether there is nothing to do until time passes or something changes."""
        return not self.informers.behind() and not len(self.queue)

    def next_timer(self) -> datetime:
        """Return when a timer fires next: a retry, a re-sync that was asked for, or that of all parents."""
        return min(filter(None, (self.queue.next_timer(), self._next_resync)))

    def resync(self) -> None:
        """Ask for a sync of every parent, as the periodic re-sync does."""
        for parent in self.informers.list(self._parent):
            self._enqueue(parent)

    def parents(self) -> Iterable[Key]:
        """Return the keys of all parents known."""
        return [name_of(parent) for parent in self.informers.list(self._parent)]

    def sync(self, key: Key) -> None:
        """Do one sync of a parent; raise RetryLater, or what went wrong."""
        parent = self.informers.get(self._parent, *key)
        if parent is None or not self._is_ours(parent):
            return
        parent = finalizer.reconciled(self.api, self._parent, self.composite, parent, self._manager)
        if not self._is_ours(parent):
            return
        selector = self._selector(parent)
        observed = claims.claimed(self.api, self.informers, parent, selector, self.composite.rules, manager=self._manager)
        related = self._related.objects(parent, self._related_changed) if self._related else {}
        answer = self._call(parent, observed, related)
        if answer.resync_after > 0:
            self.queue.add_after(key, answer.resync_after)
        if answer.finalized:
            parent = finalizer.removed(self.api, self._parent, self.composite, parent, self._manager)
        desired = self._desired(parent, answer.children, selector)
        errors = self._manage(parent, observed, desired) if finalizer.manages_children(self.composite, parent) else []
        parentstatus.write(self.api, self._parent, parent, answer.status, self._manager)
        if errors:
            raise SyncError("; ".join(errors))

    def _call(self, parent: Object, observed: Groups, related: Groups) -> SyncAnswer:
        finalize = self.composite.hooks.get("finalize")
        leaving = is_deleting(parent) or not self._matches_labels(parent)
        finalizing = bool(finalize and finalize.enabled and leaving)
        hook = self.composite.hooks.get("finalize" if finalizing else "sync")
        if hook is None or not hook.enabled:
            raise SyncError("sync hook not defined")
        self.calls[hook.name] += 1
        body = request.envelope(self.composite.manifest, parent, observed, related, finalizing=finalizing, v2=hook.v2)
        return decode.sync_answer(hookcall.ask(self._transport, hook, body, self._clock), strict=hook.strict)

    def _customize(self, parent: Object) -> list[Object]:
        hook = self.composite.hooks["customize"]
        self.calls[hook.name] += 1
        body = {"controller": self.composite.manifest, "parent": parent}
        return decode.related_rules(hookcall.ask(self._transport, hook, body, self._clock), strict=hook.strict)

    def _selector(self, parent: Object) -> Object:
        if self.composite.generate_selector:
            return {"matchLabels": {"controller-uid": parent["metadata"]["uid"]}}
        selector = (parent.get("spec") or {}).get("selector")
        if not isinstance(selector, dict) or selectors.is_empty(selector):
            raise SyncError("invalid selector: .spec.selector must have either matchLabels, matchExpressions, or both")
        return selector

    def _desired(self, parent: Object, children: list[Object], selector: Object) -> dict[Gvk, Group]:
        """Return the wanted children by kind, labelled; raise SyncError for labels that are no strings or do not match."""
        groups: dict[Gvk, Group] = {}
        for child in children:
            meta = dict(child.get("metadata") or {})
            if name_of(parent)[0] and not meta.get("namespace"):
                meta["namespace"] = name_of(parent)[0]
            labels = meta.get("labels") or {}
            if any(not isinstance(value, str) for value in labels.values()):
                raise SyncError(f"invalid labels on desired child {child['kind']} {meta.get('name')}: not all values are strings")
            if self.composite.generate_selector:
                meta["labels"] = labels = {"controller-uid": parent["metadata"]["uid"], **labels}
            if not selectors.matches(selector, labels):
                raise SyncError(f"labels on desired child {child['kind']} {meta.get('name')} don't match parent selector")
            new = {**child, "metadata": meta}
            groups.setdefault(_gvk(child.get("apiVersion", ""), child["kind"]), {})[key_of(new)] = new
        return groups

    def _manage(self, parent: Object, observed: Groups, desired: dict[Gvk, Group]) -> list[str]:
        """Delete what is not wanted, then make and mend what is; return what went wrong."""
        seen = {_gvk(resource.api_version, resource.kind): group for resource, group in observed.items()}
        errors = []
        for gvk in sorted(seen):
            for key, child in self._shuffled(seen[gvk]):
                if key not in desired.get(gvk, {}) and not is_deleting(child):
                    errors += self._attempt(lambda child=child: self._delete(child), f"delete {gvk[2]} {key}")  # type: ignore[misc]
        for gvk in sorted(desired):
            for key, child in self._shuffled(desired[gvk]):
                there = seen.get(gvk, {}).get(key)
                errors += self._attempt(lambda child=child, there=there: self._ensure(child, there, parent), f"apply {gvk[2]} {key}")  # type: ignore[misc]
        return errors

    def _attempt(self, action: Callable[[], None], what: str) -> list[str]:
        try:
            action()
        except (ApiError, SyncError) as error:
            return [f"can't {what}: {error}"]
        return []

    def _delete(self, child: Object) -> None:
        resource = self._kind(child)
        try:
            self.api.delete(resource, *name_of(child), uid=child["metadata"]["uid"], propagation="Background")
        except NotFound:
            return

    def _ensure(self, child: Object, observed: Object | None, parent: Object) -> None:
        resource = self._kind(child)
        self._applier.ensure(resource, child, observed, parent, self.composite.method(resource))

    def _shuffled(self, group: Group) -> list[tuple[str, Object]]:
        items = sorted(group.items())
        self._random.shuffle(items)
        return items

    # events

    def _parent_changed(self, change: Change) -> None:
        old, new = change.old, change.new
        if old and new and self.composite.ignore_status_changes and not is_deleting(new) and _same_but_status(old, new):
            return
        self._enqueue(new or old or {})

    def _child_changed(self, change: Change) -> None:
        child = change.new or change.old or {}
        if change.old and change.new and change.old["metadata"]["resourceVersion"] == change.new["metadata"]["resourceVersion"]:
            return
        owner = controller_of(child)
        if owner:
            self._enqueue_owner(owner, name_of(child)[0])
        elif change.new and not is_deleting(child):
            for parent in self.informers.list(self._parent, name_of(child)[0] if self._parent.namespaced else None):
                if self._might_adopt(parent, child):
                    self._enqueue(parent)

    def _related_changed(self, change: Change) -> None:
        for parent in self.informers.list(self._parent):
            try:
                if self._related and self._related.concerns(parent, change):
                    self._enqueue(parent)
            except (SyncError, RetryLater, DecodeError, SelectorError):
                continue  # the hook is asked again at the parent's next sync; this event is lost

    def _might_adopt(self, parent: Object, child: Object) -> bool:
        try:
            return selectors.matches(self._selector(parent), child["metadata"].get("labels"))
        except (SyncError, SelectorError):
            return False

    def _enqueue_owner(self, owner: Object, namespace: str) -> None:
        if (group_of(owner["apiVersion"]), owner["kind"]) != (self._parent.group, self._parent.kind):
            return
        parent = self.informers.get(self._parent, namespace if self._parent.namespaced else "", owner["name"])
        if parent and parent["metadata"]["uid"] == owner.get("uid"):
            self._enqueue(parent)

    def _enqueue(self, parent: Object) -> None:
        if self._is_ours(parent):
            self.queue.add(name_of(parent))

    def _is_ours(self, parent: Object) -> bool:
        return finalizer.has(self.composite, parent) or self._matches_labels(parent)

    def _matches_labels(self, parent: Object) -> bool:
        return selectors.matches(self.composite.label_selector, parent["metadata"].get("labels"))

    def _resource(self, api_version: str, plural: str) -> Resource:
        resource = self.api.find_plural(api_version, plural)
        if resource is None:
            raise CreateError(f"discovery: can't find resource {plural} in apiVersion {api_version}")
        return resource

    def _kind(self, child: Object) -> Resource:
        resource = self.api.find_kind(child.get("apiVersion", ""), child["kind"])
        if resource is None:
            raise SyncError(f"discovery: can't find kind {child['kind']} in apiVersion {child.get('apiVersion', '')}")
        return resource


def _gvk(api_version: str, kind: str) -> Gvk:
    return group_of(api_version), api_version.rpartition("/")[2], kind


def _same_but_status(old: Object, new: Object) -> bool:
    return all(same(old["metadata"].get(name), new["metadata"].get(name)) for name in ("generation", "labels", "annotations"))
