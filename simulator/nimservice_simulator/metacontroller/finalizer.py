"""Finalizer: set on parents while there is a finalize hook, removed when the hook is done."""

from hooks.cluster.api import Conflict, KindRef, Object, is_deleting, name_of
from hooks.kernel.values import copied
from nimservice_simulator.api import Api
from nimservice_simulator.metacontroller.composite import Composite

_TRIES = 5


def has(composite: Composite, parent: Object) -> bool:
    """Tell whether the parent carries our finalizer."""
    return composite.finalizer in (parent["metadata"].get("finalizers") or [])


def manages_children(composite: Composite, parent: Object) -> bool:
    """Tell whether children are still managed.

    They are while the parent lives, or while only our finalizer holds it.
    """
    if not is_deleting(parent):
        return True
    others = set(parent["metadata"].get("finalizers") or [])
    return (
        "finalize" in composite.hooks
        and has(composite, parent)
        and not others & {"foregroundDeletion", "orphan"}
    )


class Finalizer:
    """Writes the finalizer of one controller."""

    def __init__(self, api: Api, kind: KindRef, composite: Composite, manager: str) -> None:
        self._api, self._kind, self._composite, self._manager = api, kind, composite, manager

    def reconciled(self, parent: Object) -> Object:
        """Return the parent with our finalizer on it exactly if a finalize hook is configured.

        A deleting one gets none.
        """
        wanted = "finalize" in self._composite.hooks
        if has(self._composite, parent) == wanted or (wanted and is_deleting(parent)):
            return parent
        return self._write(parent, wanted=wanted)

    def removed(self, parent: Object) -> Object:
        """Return the live parent without our finalizer."""
        return self._write(parent, wanted=False)

    def _write(self, parent: Object, *, wanted: bool) -> Object:
        for attempt in range(_TRIES):
            live = self._api.get(self._kind, *name_of(parent))
            if has(self._composite, live) == wanted:
                return live
            rest = [
                name
                for name in live["metadata"].get("finalizers") or []
                if name != self._composite.finalizer
            ]
            changed = copied(live)
            changed["metadata"]["finalizers"] = (
                [*rest, self._composite.finalizer] if wanted else rest
            )
            try:
                return self._api.update(changed, manager=self._manager)
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("the last try returns or raises")
