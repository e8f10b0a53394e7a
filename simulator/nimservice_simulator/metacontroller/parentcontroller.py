"""Parent controller: the loop of one CompositeController, from events to hook calls to writes."""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from hooks.cluster.api import ApiError, Object, Resource, is_deleting
from nimservice_simulator.clock import Clock
from nimservice_simulator.counting import CountingApi
from nimservice_simulator.metacontroller import (
    children,
    composite,
    decode,
    finalizer,
    hookcall,
    parentstatus,
    request,
)
from nimservice_simulator.metacontroller.children import Children, Engine
from nimservice_simulator.metacontroller.claims import Claims
from nimservice_simulator.metacontroller.composite import Composite, CreateError
from nimservice_simulator.metacontroller.customize import NAMESPACES, Related
from nimservice_simulator.metacontroller.decode import DecodeError, SyncAnswer
from nimservice_simulator.metacontroller.failure import RetryLater, SyncError
from nimservice_simulator.metacontroller.finalizer import Finalizer
from nimservice_simulator.metacontroller.informers import Informers
from nimservice_simulator.metacontroller.queue import Key, Queue
from nimservice_simulator.metacontroller.request import Observation
from nimservice_simulator.metacontroller.selector import SelectorError
from nimservice_simulator.metacontroller.transport import Transport
from nimservice_simulator.metacontroller.triggers import Triggers, selector_of

_FLUSH = 1800.0
"""Seconds after which all parents come again, whatever the controller asks for."""


class WarningEvent(NamedTuple):
    """An event of type Warning on a parent, as Metacontroller would record it."""

    time: datetime
    kind: str
    """The parent's kind."""
    parent: Key
    reason: str
    message: str


class Process(NamedTuple):
    """What all the controllers of one Metacontroller share, its flags among it."""

    api: CountingApi
    informers: Informers
    transport: Transport
    clock: Clock
    engine: Engine
    manager: str
    seed: int
    calls: Counter[str]
    warnings: list[WarningEvent]


class ParentController:
    """One CompositeController at work; ``step`` syncs the parent that waits longest."""

    def __init__(self, process: Process, controller: Object) -> None:
        self._process, self.api, self.informers = process, process.api, process.informers
        self._clock, self._manager = process.clock, process.manager
        self.composite: Composite = composite.read(controller)
        self.queue = Queue(self._clock)
        self._claims = Claims(self.api, self.informers, self.composite.rules, self._manager)
        self._children = Children(
            self.api, self.composite, process.engine, self._manager, process.seed
        )
        customize = self.composite.hooks.get("customize")
        self._related = (
            Related(self.api, self.informers, self._clock, self._customize)
            if customize and customize.enabled
            else None
        )
        self.parent = self._resource(self.composite.api_version, self.composite.plural)
        if not self.parent.status:
            raise CreateError(f"{self.parent.plural} does not have subresource 'Status' enabled")
        self._finalizer = Finalizer(self.api, self.parent, self.composite, self._manager)
        self._triggers = Triggers(
            self.queue, self.informers, self.composite, self.parent, self._related
        )
        self._start(
            [self._resource(rule.api_version, rule.plural) for rule in self.composite.rules]
        )
        seconds = self.composite.resync_seconds
        self._every = timedelta(seconds=min(max(seconds, 1.0), _FLUSH) if seconds else _FLUSH)
        self._next_resync = self._clock.now() + self._every

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
            self._process.warnings.append(
                WarningEvent(
                    self._clock.now(), self.parent.kind, key, "SyncError", f"Sync error: {error}"
                )
            )
            self.queue.add_failed(key)
        finally:
            self.queue.done(key)
        return True

    def next_timer(self) -> datetime:
        """Return when a timer fires next.

        It is a retry, a requested re-sync, or that of all parents.
        """
        return min(filter(None, (self.queue.next_timer(), self._next_resync)))

    def resync(self) -> None:
        """Ask for a sync of every parent, as the periodic re-sync does."""
        self._triggers.all()

    def sync(self, key: Key) -> None:
        """Do one sync of a parent; raise RetryLater, or what went wrong."""
        parent = self.informers.get(self.parent, *key)
        if parent is None or not self._triggers.is_ours(parent):
            return
        parent = self._finalizer.reconciled(parent)
        if not self._triggers.is_ours(parent):
            return
        selector = selector_of(self.composite, parent)
        observed = self._claims.claimed(parent, selector)
        related = (
            self._related.objects(parent, self._triggers.related_changed) if self._related else {}
        )
        answer = self._ask(parent, Observation(observed, related))
        if answer.resync_after > 0:
            self.queue.add_after(key, answer.resync_after)
        if answer.finalized:
            parent = self._finalizer.removed(parent)
        wanted = children.desired(self.composite, parent, answer.children, selector)
        errors = (
            self._children.manage(parent, observed, wanted)
            if finalizer.manages_children(self.composite, parent)
            else []
        )
        parentstatus.write(self.api, self.parent, parent, answer.status, self._manager)
        if errors:
            raise SyncError("; ".join(errors))

    def _start(self, resources: list[Resource]) -> None:
        self.informers.start(NAMESPACES)
        self.informers.start(self.parent, self._triggers.parent_changed)
        for resource in resources:
            self.informers.start(resource, self._triggers.child_changed)

    def _ask(self, parent: Object, seen: Observation) -> SyncAnswer:
        finalize = self.composite.hooks.get("finalize")
        leaving = is_deleting(parent) or not self._triggers.matches_labels(parent)
        finalizing = bool(finalize and finalize.enabled and leaving)
        hook = self.composite.hooks.get("finalize" if finalizing else "sync")
        if hook is None or not hook.enabled:
            raise SyncError("sync hook not defined")
        self._process.calls[hook.name] += 1
        body = request.envelope(self.composite.manifest, parent, seen, finalizing=finalizing)
        return decode.sync_answer(hookcall.ask(self._process.transport, hook, body, self._clock))

    def _customize(self, parent: Object) -> list[Object]:
        hook = self.composite.hooks["customize"]
        self._process.calls[hook.name] += 1
        body = {"controller": self.composite.manifest, "parent": parent}
        return decode.related_rules(hookcall.ask(self._process.transport, hook, body, self._clock))

    def _resource(self, api_version: str, plural: str) -> Resource:
        resource = self.api.find_plural(api_version, plural)
        if resource is None:
            raise CreateError(
                f"discovery: can't find resource {plural} in apiVersion {api_version}"
            )
        return resource
