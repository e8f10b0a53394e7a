"""App: the routes of the hook server, and their one error handler."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from hooks import __version__
from hooks.kernel import protocol, resource
from hooks.kernel.resource import HOOKS, Resource
from hooks.resources import RESOURCES, Settings
from hooks.web import modelname, telemetry, token
from hooks.web.telemetry import Exchange


def create_app(settings: Settings, resources: Sequence[Resource[Any]] = RESOURCES) -> Flask:
    """Return the WSGI application that serves the hooks of the resources."""
    app = Flask("hooks", static_folder=None)
    served = {each.path: each for each in resources}
    telemetry.declare(resources)
    tokens = token.tokens(settings)

    @app.before_request
    def begin() -> None:
        asked = request.view_args or {}
        g.exchange = Exchange(asked.get("path", "other"), asked.get("hook", "other"))

    @app.post(
        f"/<any({', '.join(served)}):path>/<any({', '.join(HOOKS)}):hook>",
        provide_automatic_options=False,
    )
    def hook(path: str, hook: str) -> Response:
        body = _body(settings.max_body_bytes)
        if tokens is not None and not tokens.admit(request.headers.get("Authorization", "")):
            return _error(
                401,
                "Authorization: missing or unknown bearer token",
                {"WWW-Authenticate": "Bearer"},
            )
        release = request.args.get("release", __version__)
        if release != __version__:
            g.exchange.refused_release = release[:64]
            return _error(
                429,
                f"this server is release {__version__} of the hooks, the request is for another",
                {"Retry-After": "1"},
            )
        asked = protocol.decode(body)
        metadata = asked.parent["metadata"]
        g.exchange.namespace, g.exchange.name = metadata.get("namespace"), metadata["name"]
        answer = resource.call(hook, served[path], asked, settings, datetime.now(UTC))
        if answer.question and (name := modelname.look_up(answer.question)):
            answer.body["status"]["model"]["name"] = name
        g.exchange.read(answer)
        return Response(protocol.encode(answer.body), mimetype="application/json")

    @app.get("/healthz", provide_automatic_options=False)
    @app.get("/readyz", provide_automatic_options=False)
    def probe() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/metrics", provide_automatic_options=False)
    def metrics() -> Response:
        return Response(
            telemetry.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8"
        )

    paths = ", ".join(f"/{path}/{hook}" for path in served for hook in HOOKS)
    app.config["HOOKS"] = f"the hooks are {paths}"
    app.register_error_handler(Exception, _explain)
    app.after_request(_finish)
    return app


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


def _body(limit: int) -> bytes:
    """Return the body.

    The rest of one that is too large is read and dropped, so that the sender reads the answer.
    """
    # gunicorn ends the stream where the body ends, with a Content-Length or in chunks.
    stream = request.environ["wsgi.input"]
    try:
        body: bytes = stream.read(limit + 1)
        g.exchange.bytes_in = len(body)
        if len(body) <= limit:
            return body
        while g.exchange.bytes_in < 8 * limit and (more := stream.read(65536)):
            g.exchange.bytes_in += len(more)
    except OSError as error:
        raise protocol.BadRequest(400, f"body: {type(error).__name__} while reading it") from None
    raise protocol.BadRequest(
        413, f"body: larger than {limit} bytes, the setting NIM_HOOKS_MAX_BODY_BYTES"
    )


def _explain(failure: Exception) -> Response:
    """Return a status and one line for a failure; Metacontroller puts the line into an Event."""
    match failure:
        case protocol.BadRequest():
            return _error(failure.status, str(failure))
        case NotFound():
            return _error(404, f"{request.path}: not found; {current_app.config['HOOKS']}")
        case MethodNotAllowed():
            allowed = ", ".join(sorted(failure.valid_methods or ()))
            return _error(
                405,
                f"{request.path}: method {request.method} is not allowed, only {allowed}",
                {"Allow": allowed},
            )
        case HTTPException(code=int(code)):
            return _error(code, f"request: {failure.description or failure.name}")
    g.exchange.failure = failure
    doing = {"sync": "syncing", "finalize": "finalizing", "customize": "customizing"}.get(
        g.exchange.hook, "serving"
    )
    return _error(
        500,
        f"internal error while {doing} {g.exchange.subject}: {telemetry.blame(failure)}; "
        "see the traceback in the server's log",
    )


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    g.exchange.error = " ".join(message.split())[:500]
    return Response(
        protocol.encode({"error": g.exchange.error}), status, headers, mimetype="application/json"
    )


def _finish(response: Response) -> Response:
    if request.endpoint not in ("probe", "metrics"):  # they would fill the log
        g.exchange.tell(response.status_code, response.content_length)
    return response
