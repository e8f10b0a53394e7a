"""Finalizer: put on parents while a finalize hook is configured, taken off when the hook is done."""

from hooks.local.api import Api, Conflict, KindRef, Object, is_deleting, name_of
from hooks.local.loop.composite import Composite
from hooks.local.values import copied

_TRIES = 5


def has(composite: Composite, parent: Object) -> bool:
    """Tell whether the parent carries our finalizer."""
    return composite.finalizer in (parent["metadata"].get("finalizers") or [])


def reconciled(api: Api, kind: KindRef, composite: Composite, parent: Object, manager: str) -> Object:
    """Return the parent with our finalizer on it exactly if a finalize hook is configured; a deleting one gets none."""
    wanted = "finalize" in composite.hooks
    if has(composite, parent) == wanted or (wanted and is_deleting(parent)):
        return parent
    return _write(api, kind, composite, parent, manager, wanted)


def removed(api: Api, kind: KindRef, composite: Composite, parent: Object, manager: str) -> Object:
    """Return the live parent without our finalizer."""
    return _write(api, kind, composite, parent, manager, wanted=False)


def manages_children(composite: Composite, parent: Object) -> bool:
    """Tell whether children are still managed: always while the parent lives, else while our finalizer holds it alone."""
    if not is_deleting(parent):
        return True
    others = set(parent["metadata"].get("finalizers") or [])
    return "finalize" in composite.hooks and has(composite, parent) and not others & {"foregroundDeletion", "orphan"}


def _write(api: Api, kind: KindRef, composite: Composite, parent: Object, manager: str, wanted: bool) -> Object:
    for attempt in range(_TRIES):
        live = api.get(kind, *name_of(parent))
        if has(composite, live) == wanted:
            return live
        rest = [name for name in live["metadata"].get("finalizers") or [] if name != composite.finalizer]
        changed = copied(live)
        changed["metadata"]["finalizers"] = [*rest, composite.finalizer] if wanted else rest
        try:
            return api.update(changed, manager=manager)
        except Conflict:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError("the last try returns or raises")
