"""Failure: the status and the one line that a caller gets for it."""

from collections.abc import Mapping

from hooks.kernel import prose, protocol
from hooks.kernel.protocol import BadRequest
from hooks.web import telemetry
from hooks.web.message import Refusal, Reply
from hooks.web.telemetry import Exchange


def explained(failure: Exception, exchange: Exchange) -> Reply:
    """Return a status and one line for a failure; Metacontroller puts the line into an Event."""
    if isinstance(failure, BadRequest):
        headers = failure.headers if isinstance(failure, Refusal) else {}
        return _error(failure.status, str(failure), exchange, headers)
    exchange.failure = failure
    doing = {"sync": "syncing", "finalize": "finalizing", "customize": "customizing"}.get(
        exchange.hook, "serving"
    )
    return _error(
        500,
        f"internal error while {doing} {exchange.subject}: {telemetry.blame(failure)}; "
        "see the traceback in the server's log",
        exchange,
        {},
    )


def _error(status: int, message: str, exchange: Exchange, headers: Mapping[str, str]) -> Reply:
    exchange.error = prose.shortened(prose.one_line(message), 500)
    return Reply(status, protocol.encode({"error": exchange.error}), headers=headers)
