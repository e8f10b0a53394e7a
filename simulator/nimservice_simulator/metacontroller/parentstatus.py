"""Parent status: replaced whole by what the hook says, if that differs from the live one."""

from hooks.cluster.api import Conflict, KindRef, NotFound, Object, name_of
from hooks.kernel.values import same
from nimservice_simulator.api import Api

_TRIES = 5


def write(api: Api, kind: KindRef, parent: Object, status: Object, manager: str) -> None:
    """Write the status with the parent's generation as observedGeneration.

    A parent that is gone or keeps changing is let be.
    """
    wanted = {**status, "observedGeneration": parent["metadata"].get("generation", 0)}
    for _ in range(_TRIES):
        try:
            live = api.get(kind, *name_of(parent))
            if live["metadata"]["uid"] != parent["metadata"]["uid"] or same(
                live.get("status"), wanted
            ):
                return
            api.update_status({**live, "status": wanted}, manager=manager)
        except NotFound:
            return
        except Conflict:
            continue
        else:
            return
