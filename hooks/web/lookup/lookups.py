"""Look-ups: the names of models, looked up beside the syncs, which never wait for one.

A sync with a question starts the look-up and asks Metacontroller to sync again soon. A later sync
finds the name, and the status keeps it. A worker that does not know it removes nothing from the
status.
"""

import asyncio
import threading
from collections import OrderedDict
from functools import cached_property
from typing import NamedTuple

from hooks.kernel.document import JSON
from hooks.kernel.resource import Answer
from hooks.web import telemetry
from hooks.web.lookup import modelname

_SOON = 2  # seconds until the next sync: most model servers answer in less
_AT_ONCE = 8  # look-ups: they share one thread
_KEPT = 1024  # answers: each is needed only until the status has it


class _Question(NamedTuple):
    address: str
    uid: str
    generation: int


class LookUps:
    """The look-ups of one worker and their results; safe for several threads."""

    def __init__(self, resync_seconds: int) -> None:
        self._later = resync_seconds
        self._lock = threading.Lock()
        self._found: OrderedDict[_Question, str | None] = OrderedDict()
        self._asking: dict[str, _Question] = {}
        """The running look-ups by namespace: one in each, so that no team delays another."""

    def settle(self, answer: Answer, metadata: JSON) -> None:
        """Put a known name into an answer; else start the look-up, and ask for another sync."""
        given = metadata.get("generation")
        question = _Question(
            answer.question or "",
            str(metadata.get("uid")),
            given if type(given) is int else 0,
        )
        namespace = str(metadata.get("namespace"))
        with self._lock:
            if question in self._found:
                model = answer.body["status"]["model"]
                if name := self._found[question]:
                    model["name"] = name
                model["observedGeneration"] = question.generation
                return
            known = self._asking.get(namespace)
            begins = known is None and len(self._asking) < _AT_ONCE
            if begins:
                self._asking[namespace] = question
                subject = f"{namespace}/{metadata['name']}"
                asyncio.run_coroutine_threadsafe(
                    self._look_up(question, namespace, subject), self._loop
                )
        answer.body["resyncAfterSeconds"] = min(
            _SOON if begins or known == question else self._later,
            answer.body.get("resyncAfterSeconds", self._later),
        )

    async def _look_up(self, question: _Question, namespace: str, subject: str) -> None:
        found, failure = None, None
        try:
            found = await modelname.look_up(question.address)
        except Exception as error:  # noqa: BLE001 - any failure must free the place
            failure = error
        with self._lock:
            del self._asking[namespace]
            self._found[question] = found
            if len(self._found) > _KEPT:
                self._found.popitem(last=False)
        telemetry.looked_up(subject, question.address, found, failure)

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        """An event loop in its own thread, made at the first question: a fork has no threads."""
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, name="look-ups", daemon=True).start()
        return loop
