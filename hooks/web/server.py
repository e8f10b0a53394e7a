"""Server: gunicorn with the application, without a configuration file, and its listening socket."""

import contextlib
import gc
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from hooks import __version__
from hooks.kernel.settings import variable
from hooks.resources import Settings
from hooks.web.answer import token
from hooks.web.connection import tls

_LOGGER = logging.getLogger("hooks.web")


class GunicornLogger(Logger):  # type: ignore[misc]
    """Passes gunicorn's own log records to the root logger."""

    def setup(self, cfg: Any) -> None:
        """Keep the handlers and levels of ``telemetry.configure_logging``."""
        self.cfg = cfg
        self.error_log.propagate = True

    def access(self, *_: Any) -> None:
        """Write nothing: the application writes its own line."""


class HookServer(BaseApplication):  # type: ignore[misc]
    """gunicorn with the hooks as its application."""

    def __init__(self, load: Callable[[], Any], options: dict[str, Any]) -> None:
        self._load = load
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Set the options; a release of gunicorn that lacks one does not need it."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return what the workers serve."""
        return self._load()


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; an empty host or ``::`` means every address of both families.

    Raises:
        OSError: where the address is in use, unknown or not allowed.
    """
    if host in ("", "::"):
        with contextlib.suppress(OSError):
            if socket.has_dualstack_ipv6():
                return socket.create_server(
                    ("::", port), family=socket.AF_INET6, backlog=2048, dualstack_ipv6=True
                )
        host = "0.0.0.0" if host == "" else host  # noqa: S104 - the node has no IPv6
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(address[:2], family=family, backlog=2048)


def address_of(listener: socket.socket, scheme: str = "http") -> str:
    """Return the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def unusable(settings: Settings) -> Iterator[str]:
    """Yield one line for each unusable file in the settings."""
    for names, use in (
        (("tls_cert_file", "tls_key_file"), tls.certificate),
        (("token_file",), token.tokens),
    ):
        try:
            use(settings)
        except (OSError, ValueError) as error:
            yield f"{' and '.join(map(variable, names))}: {error}"


def serve(listener: socket.socket, settings: Settings, workers: int, threads: int) -> None:
    """Serve the hooks until SIGTERM, then finish the requests in flight and exit 0."""
    master = os.getpid()
    directory = tempfile.mkdtemp(prefix="nimservice-hooks-", dir=_shared_memory())
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory  # the workers add up their metrics here
    try:
        HookServer(_load(settings), _options(listener, settings, workers, threads)).run()
    finally:
        if os.getpid() == master:  # an exiting worker gets here, too
            shutil.rmtree(directory, ignore_errors=True)


def _load(settings: Settings) -> Callable[[], Any]:
    def load() -> Any:
        # On import, prometheus-client reads the directory from the environment.
        from hooks.web import telemetry, worker  # noqa: PLC0415
        from hooks.web.answer import app, front  # noqa: PLC0415

        telemetry.configure_logging(settings.log_level)
        app.rehearse(settings)
        return worker.Service(front.Front(settings), tls.certificate(settings))

    return load


def _options(
    listener: socket.socket, settings: Settings, workers: int, threads: int
) -> dict[str, Any]:
    address = address_of(listener, "https" if settings.tls_cert_file else "http")

    def ready(_: Any) -> None:
        gc.collect()
        # Objects that all workers share stay uncollected: their pages stay shared, collections
        # short.
        gc.freeze()
        _LOGGER.info(
            "listening",
            extra={
                "fields": {
                    "address": address,
                    "release": __version__,
                    "workers": workers,
                    "threads": threads,
                }
            },
        )

    return {
        "bind": f"fd://{listener.detach()}",
        "workers": workers,
        "worker_class": "hooks.web.worker.HookWorker",
        "threads": threads,
        "preload_app": True,
        "timeout": 30,
        "graceful_timeout": 20,
        "worker_tmp_dir": _shared_memory(),
        "control_socket_disable": True,
        "logger_class": GunicornLogger,
        "when_ready": ready,
        "child_exit": lambda _, worker: _forget(worker.pid),
        "on_exit": lambda _: _LOGGER.info("stopped"),
    }


def _forget(pid: int) -> None:
    from prometheus_client import multiprocess  # noqa: PLC0415 - as in _load()

    multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _shared_memory() -> str | None:
    """Return a directory in memory, writable even with a read-only root file system, or None."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
