"""Metacontroller: the CompositeControllers of one installation, run side by side on any ``Api``."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from hooks.cluster.api import Object
from nimservice_simulator.api import Api
from nimservice_simulator.clock import Clock
from nimservice_simulator.counting import CountingApi
from nimservice_simulator.metacontroller.children import Engine
from nimservice_simulator.metacontroller.informers import Informers
from nimservice_simulator.metacontroller.parentcontroller import (
    ParentController,
    Process,
    WarningEvent,
)
from nimservice_simulator.metacontroller.transport import Transport


class Metacontroller:
    """Some CompositeControllers with one cache; ``run`` does all there is to do at this moment."""

    def __init__(  # noqa: PLR0913 - the flags of the original, each with its default
        self,
        api: Api,
        controllers: Iterable[Object],
        transport: Transport,
        *,
        clock: Clock,
        engine: Engine = "dynamic-apply",
        manager: str = "metacontroller",
        seed: int = 0,
    ) -> None:
        self.api = CountingApi(api)
        """The API as the loops use it; its ``requests`` count what they ask for."""
        self.informers = Informers(self.api)
        self.calls: Counter[str] = Counter()
        """How often each hook was called, by its name, whoever the parent."""
        self.warnings: list[WarningEvent] = []
        process = Process(
            self.api,
            self.informers,
            transport,
            clock,
            engine,
            manager,
            seed,
            self.calls,
            self.warnings,
        )
        self.controllers = [ParentController(process, controller) for controller in controllers]
        """One for each CompositeController, in their order."""
        self._turn = 0

    def run(self, limit: int = 1000) -> int:
        """Take in events and sync until nothing is left to do now.

        Return the number of syncs, at most the limit.
        """
        count = 0
        while count < limit:
            self.informers.deliver()
            if not self.step():
                return count
            count += 1
        return count

    def step(self) -> bool:
        """Sync the next parent, of each controller in turn, from the caches as they are.

        Return False if none waits.
        """
        for _ in self.controllers:
            controller = self.controllers[self._turn % len(self.controllers)]
            self._turn += 1
            if controller.step():
                return True
        return False

    def idle(self) -> bool:
        """Tell whether there is nothing to do until time passes or something changes."""
        return not self.informers.behind() and not any(
            len(controller.queue) for controller in self.controllers
        )

    def next_timer(self) -> datetime | None:
        """Return when the first timer of any controller fires; None without controllers."""
        return min((controller.next_timer() for controller in self.controllers), default=None)

    def resync(self) -> None:
        """Ask for a sync of every parent, as the periodic re-sync does."""
        for controller in self.controllers:
            controller.resync()
