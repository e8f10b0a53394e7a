"""App: the routes of the hook server, and their one error handler."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from hooks.kernel import protocol, resource
from hooks.kernel.protocol import BadRequest
from hooks.kernel.resource import HOOKS, Resource
from hooks.resources import RESOURCES, Settings
from hooks.web import telemetry
from hooks.web.answer import failure, wsgi
from hooks.web.lookup.lookups import LookUps
from hooks.web.message import Refusal
from hooks.web.telemetry import Exchange

_BYTES_PER_VALUE = 8
"""Bytes of the largest body for each value in it.

A value takes a hundred bytes of memory or more, however few it takes in JSON. Metacontroller's
requests have fourteen bytes for each value.
"""


def create_app(settings: Settings, resources: Sequence[Resource[Any]] = RESOURCES) -> Flask:
    """Return the WSGI application that serves the hooks of the resources.

    ``hooks.web.answer.front`` calls it with whole requests, whose token and release it has checked.
    """
    app = Flask("hooks", static_folder=None)
    served = {each.path: each for each in resources}
    look_ups = LookUps(settings.resync_seconds)
    telemetry.declare(resources)

    @app.post(
        f"/<any({', '.join(served)}):path>/<any({', '.join(HOOKS)}):hook>",
        provide_automatic_options=False,
    )
    def hook(path: str, hook: str) -> Response:
        body = request.get_data()
        _bound(body, settings.max_body_bytes // _BYTES_PER_VALUE)
        asked = protocol.decode(body)
        metadata, exchange = asked.parent["metadata"], _exchange()
        exchange.namespace, exchange.name = metadata.get("namespace"), metadata["name"]
        answer = resource.call(hook, served[path], asked, settings, datetime.now(UTC))
        if answer.question:
            look_ups.settle(answer, metadata)
        exchange.read(answer)
        return Response(protocol.encode(answer.body), mimetype="application/json")

    @app.get("/healthz", provide_automatic_options=False)
    @app.get("/readyz", provide_automatic_options=False)
    def probe() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    @app.get("/metrics", provide_automatic_options=False)
    def metrics() -> Response:
        exposition = telemetry.exposition()
        return Response(exposition, content_type="text/plain; version=0.0.4; charset=utf-8")

    paths = ", ".join(f"/{path}/{hook}" for path in served for hook in HOOKS)

    @app.errorhandler(Exception)
    def explain(error: Exception) -> Response:
        """Turn every failure into a status and one line; Metacontroller puts it into an Event."""
        reply = failure.explained(_refusal(error, paths), _exchange())
        return Response(reply.body, reply.status, reply.headers, mimetype="application/json")

    return app


def _exchange() -> Exchange:
    exchange: Exchange = request.environ[wsgi.EXCHANGE]
    return exchange


def _refusal(error: Exception, paths: str) -> Exception:
    """Return Flask's own errors as refusals in our words, and any other error as it is."""
    match error:
        case NotFound():
            return BadRequest(404, f"{request.path}: not found; the hooks are {paths}")
        case MethodNotAllowed():
            allowed = ", ".join(sorted(error.valid_methods or ()))
            words = f"{request.path}: method {request.method} is not allowed, only {allowed}"
            return Refusal(405, words, {"Allow": allowed})
        case HTTPException(code=int(code)):
            return BadRequest(code, f"request: {error.description or error.name}")
    return error


def rehearse(settings: Settings) -> None:
    """Answer for an example of each resource before the workers start.

    The workers share what this builds, and a server that cannot answer does not start.
    """
    metadata = {"name": "rehearsal", "namespace": "rehearsal", "uid": "rehearsal", "generation": 1}
    for each in RESOURCES:
        parent = {
            "apiVersion": each.kind.api_version,
            "kind": each.kind.kind,
            "metadata": metadata,
            "spec": each.example,
        }
        for hook in HOOKS:
            protocol.encode(
                resource.call(
                    hook, each, protocol.HookRequest(parent), settings, datetime.now(UTC)
                ).body
            )


def _bound(body: bytes, most: int) -> None:
    """Refuse a body of too many values.

    Values inside texts count, too: an annotation contains JSON that the hooks read.
    """
    if len(body) > most and sum(map(body.count, (b",", b"{", b"["))) > most:
        raise BadRequest(
            413,
            f"body: more than {most} values, one for each {_BYTES_PER_VALUE} bytes of the "
            "setting NIM_HOOKS_MAX_BODY_BYTES",
        )
