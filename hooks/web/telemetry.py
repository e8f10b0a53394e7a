"""Telemetry: one JSON line and a few metrics for each request."""

import logging
import os
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY

from hooks import __version__
from hooks.kernel import prose
from hooks.kernel.resource import HOOKS, Answer, Resource

LOGGER = logging.getLogger("hooks.web")

LOOK_UP_RESULTS = ("named", "unnamed", "failed")

Metric = TypeVar("Metric", Counter, Histogram)

# No label holds the name of an object: every NIMService would have its own time series.
_RESULT = ["resource", "hook", "status"]
_BYTES = (1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216)
_REQUESTS = Counter(
    "nimservice_hooks_requests", "Requests answered, by hook and HTTP status.", _RESULT
)
_SECONDS = Histogram(
    "nimservice_hooks_request_duration_seconds",
    "Time from a request's first byte in the application to its answer.",
    _RESULT,
    # after 10 s Metacontroller gives up
    buckets=(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_CHILDREN = Histogram(
    "nimservice_hooks_children",
    "Children in an answer.",
    ["resource", "hook"],
    buckets=(0, 1, 2, 4, 6, 8, 12, 16, 24),
)
_BYTES_IN = Histogram(
    "nimservice_hooks_request_bytes",
    "Size of a request's body.",
    ["resource", "hook"],
    buckets=_BYTES,
)
_BYTES_OUT = Histogram(
    "nimservice_hooks_response_bytes", "Size of an answer.", ["resource", "hook"], buckets=_BYTES
)
_HOLDS = Counter(
    "nimservice_hooks_holds",
    "Syncs that held a workload, by the reason in the status.",
    ["resource", "reason"],
)
_BECAME = Counter(
    "nimservice_hooks_reason_changes",
    "Syncs that changed the reason of the condition Ready, by the new reason.",
    ["resource", "reason"],
)
_REFUSALS = Counter(
    "nimservice_hooks_release_refusals", "Requests for another release of the hooks, answered 429."
)
_ERRORS = Counter(
    "nimservice_hooks_internal_errors",
    "Requests answered 500 because of a bug.",
    ["resource", "hook"],
)
_LOOK_UPS = Counter(
    "nimservice_hooks_model_lookups",
    "Model servers asked for their model's name, by the result.",
    ["result"],
)
_BUILD = Gauge(
    "nimservice_hooks_build_info",
    "Always 1; the label is the release of the hooks.",
    ["version"],
    multiprocess_mode="max",
)
_BUILD.labels(__version__).set(1)


def declare(resources: Iterable[Resource[Any]]) -> None:
    """Create all known time series, so that the first event of each counts as an increase."""
    for result in LOOK_UP_RESULTS:
        _LOOK_UPS.labels(result)
    for each in resources:
        for reason in each.reasons:
            _BECAME.labels(each.path, reason.name)
            if reason.holds:
                _HOLDS.labels(each.path, reason.name)
        for hook in HOOKS:
            _ERRORS.labels(each.path, hook)


@cache  # there are few label sets, and looking one up takes as long as counting
def _labelled(metric: Metric, *labels: object) -> Metric:
    return metric.labels(*labels)


class Exchange:
    """What is known of one request and its answer: collected while serving, reported at the end."""

    def __init__(self, resource: str, hook: str) -> None:
        self.resource = resource
        self.hook = hook
        self.bytes_in: int | None = None
        self.namespace: str | None = None
        self.name: str | None = None
        self.children: int | None = None
        self.held: str | None = None
        self.became: str | None = None
        self.failure: BaseException | None = None
        self.refused_release: str | None = None
        self.error: str | None = None
        self._started = perf_counter()

    @property
    def subject(self) -> str:
        """The parent as ``namespace/name``, with ``?`` for an unknown part."""
        return f"{self.namespace or '?'}/{self.name or '?'}"

    def read(self, answer: Answer) -> None:
        """Note the children, the hold and the new reason of an answer."""
        if "children" in answer.body:
            self.children = len(answer.body["children"])
        self.held, self.became = answer.held, answer.became

    def tell(self, status: int, bytes_out: int | None) -> None:
        """Log the request and count it."""
        seconds = perf_counter() - self._started
        _labelled(_REQUESTS, self.resource, self.hook, status).inc()
        _labelled(_SECONDS, self.resource, self.hook, status).observe(seconds)
        if self.bytes_in is not None:
            _labelled(_BYTES_IN, self.resource, self.hook).observe(self.bytes_in)
        if bytes_out is not None:
            _labelled(_BYTES_OUT, self.resource, self.hook).observe(bytes_out)
        if self.children is not None:
            _labelled(_CHILDREN, self.resource, self.hook).observe(self.children)
        if self.held is not None:
            _HOLDS.labels(self.resource, self.held).inc()
        if self.became is not None:
            _BECAME.labels(self.resource, self.became).inc()
        if self.refused_release is not None:
            _REFUSALS.inc()
        if self.failure is not None:
            _ERRORS.labels(self.resource, self.hook).inc()
        level = logging.INFO if status < 400 else logging.WARNING if status < 500 else logging.ERROR
        if not LOGGER.isEnabledFor(level):
            return
        fields = {
            "resource": self.resource,
            "hook": self.hook,
            "namespace": self.namespace,
            "name": self.name,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "bytes_in": self.bytes_in,
            "bytes_out": bytes_out,
            "children": self.children,
            "held": self.held,
            "became": self.became,
            "release": self.refused_release,
            "error": self.error,
            "builder": getattr(self.failure, "builder", None),
        }
        LOGGER.log(level, "request", extra={"fields": fields}, exc_info=self.failure)
        # Its traceback refers to this object: both would wait for the collector with the request.
        self.failure = None


def looked_up(subject: str, address: str, found: str | None, failure: Exception | None) -> None:
    """Count a look-up of a model's name, and log one that failed."""
    _LOOK_UPS.labels("named" if found else "failed" if failure else "unnamed").inc()
    if failure is None:
        return
    namespace, _, name = subject.partition("/")
    error = prose.of(str(failure) or type(failure).__name__)
    fields = {"namespace": namespace, "name": name, "address": address, "error": error}
    LOGGER.warning("no name from the model server", extra={"fields": fields})


class JSONFormatter(logging.Formatter):
    """A log record as one line of JSON, without unknown fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))
        return orjson.dumps(
            {key: value for key, value in line.items() if value is not None}, default=str
        ).decode()


def configure_logging(level: str) -> None:
    """Send every log record of this process to standard error, as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    if level == "info":
        # We log the start in one line, gunicorn in five.
        logging.getLogger("gunicorn").setLevel(logging.WARNING)


def exposition() -> bytes:
    """Return the metrics of all workers of this server in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def blame(failure: BaseException) -> str:
    """Return type and place of a failure.

    Its text stays out: it may quote a secret, and the answer ends up in an Event.
    """
    package = Path(__file__).parents[1]
    while failure.__cause__ is not None:  # the cause shows where a builder failed
        failure = failure.__cause__
    for frame in reversed(traceback.extract_tb(failure.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(package):
            place = f"{file.relative_to(package.parent)}:{frame.lineno}"
            return f"{type(failure).__name__} at {place}"
    return type(failure).__name__
