"""Hook call: asks a hook, and sorts its answers into good, later and failed."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from hooks.cluster.api import Object
from nimservice_simulator.clock import Clock
from nimservice_simulator.metacontroller.composite import Hook
from nimservice_simulator.metacontroller.failure import RetryLater, SyncError
from nimservice_simulator.metacontroller.transport import Answer, Transport, TransportError


def ask(transport: Transport, hook: Hook, request: Object, clock: Clock) -> bytes:
    """Return the body of a 200; raise RetryLater for 429 and SyncError for anything else."""
    try:
        answer = transport.call(hook.url, request)
    except TransportError as error:
        raise SyncError(f"{hook.name} hook failed: {error}") from error
    if answer.status == 429:
        raise RetryLater(_retry_after(answer, clock.now()))
    if answer.status != 200:
        body = answer.body.decode(errors="replace").strip()
        raise SyncError(
            f"{hook.name} hook failed: unsupported status code: {answer.status} body: {body}"
        )
    return answer.body


def _retry_after(answer: Answer, now: datetime) -> float:
    """Return the seconds a 429 asks for: whole seconds or a date.

    Anything else is zero, which makes a tight loop.
    """
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        due = parsedate_to_datetime(text)
    except ValueError:
        return 0
    return max(0, math.ceil((due.astimezone(UTC) - now).total_seconds()))
