"""Triggers: the parents that a change of a parent, a child or a related object queues."""

from hooks.cluster.api import Object, Resource, controller_of, group_of, is_deleting, name_of
from hooks.kernel.values import same
from nimservice_simulator.metacontroller import finalizer
from nimservice_simulator.metacontroller import selector as selectors
from nimservice_simulator.metacontroller.composite import Composite
from nimservice_simulator.metacontroller.customize import Related
from nimservice_simulator.metacontroller.decode import DecodeError
from nimservice_simulator.metacontroller.failure import RetryLater, SyncError
from nimservice_simulator.metacontroller.informers import Change, Informers
from nimservice_simulator.metacontroller.queue import Queue
from nimservice_simulator.metacontroller.selector import SelectorError


class Triggers:
    """The handlers of the informers' changes."""

    def __init__(
        self,
        queue: Queue,
        informers: Informers,
        composite: Composite,
        parent: Resource,
        related: Related | None,
    ) -> None:
        self._queue, self._informers, self._composite, self._parent, self._related = (
            queue,
            informers,
            composite,
            parent,
            related,
        )

    def all(self) -> None:
        """Ask for a sync of every parent."""
        for parent in self._informers.list(self._parent):
            self._enqueue(parent)

    def parent_changed(self, change: Change) -> None:
        """Queue a parent whose change is more than its status, or any change if configured so."""
        old, new = change.old, change.new
        if (
            old
            and new
            and self._composite.ignore_status_changes
            and not is_deleting(new)
            and _same_but_status(old, new)
        ):
            return
        self._enqueue(new or old or {})

    def child_changed(self, change: Change) -> None:
        """Ask for a sync of the owner, or of every parent that could adopt an orphan."""
        child = change.new or change.old or {}
        if (
            change.old
            and change.new
            and change.old["metadata"]["resourceVersion"]
            == change.new["metadata"]["resourceVersion"]
        ):
            return
        owner = controller_of(child)
        if owner:
            self._enqueue_owner(owner, name_of(child)[0])
        elif change.new and not is_deleting(child):
            for parent in self._informers.list(
                self._parent, name_of(child)[0] if self._parent.namespaced else None
            ):
                if self._could_adopt(parent, child):
                    self._enqueue(parent)

    def related_changed(self, change: Change) -> None:
        """Ask for a sync of every parent whose rules select the object as it was or as it is."""
        for parent in self._informers.list(self._parent):
            try:
                if self._related and self._related.concerns(parent, change):
                    self._enqueue(parent)
            except (SyncError, RetryLater, DecodeError, SelectorError):
                continue  # the customize hook failed: this event is lost for this parent

    def is_ours(self, parent: Object) -> bool:
        """Tell whether a parent is this controller's.

        It is by its labels, or while it has the finalizer.
        """
        return finalizer.has(self._composite, parent) or self.matches_labels(parent)

    def matches_labels(self, parent: Object) -> bool:
        """Tell whether a parent has the labels that the controller selects."""
        return selectors.matches(self._composite.label_selector, parent["metadata"].get("labels"))

    def _could_adopt(self, parent: Object, child: Object) -> bool:
        try:
            return selectors.matches(
                selector_of(self._composite, parent), child["metadata"].get("labels")
            )
        except (SyncError, SelectorError):
            return False

    def _enqueue_owner(self, owner: Object, namespace: str) -> None:
        if (group_of(owner["apiVersion"]), owner["kind"]) != (
            self._parent.group,
            self._parent.kind,
        ):
            return
        parent = self._informers.get(
            self._parent, namespace if self._parent.namespaced else "", owner["name"]
        )
        if parent and parent["metadata"]["uid"] == owner.get("uid"):
            self._enqueue(parent)

    def _enqueue(self, parent: Object) -> None:
        if self.is_ours(parent):
            self._queue.add(name_of(parent))


def selector_of(composite: Composite, parent: Object) -> Object:
    """Return the selector of a parent's children.

    Raise SyncError if the parent's own says nothing.
    """
    if composite.generate_selector:
        return {"matchLabels": {"controller-uid": parent["metadata"]["uid"]}}
    selector = (parent.get("spec") or {}).get("selector")
    if not isinstance(selector, dict) or selectors.is_empty(selector):
        raise SyncError(
            "invalid selector: .spec.selector must have either matchLabels, matchExpressions, or both"
        )
    return selector


def _same_but_status(old: Object, new: Object) -> bool:
    return all(
        same(old["metadata"].get(name), new["metadata"].get(name))
        for name in ("generation", "labels", "annotations")
    )
