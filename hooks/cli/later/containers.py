"""Containers: their variables, probes and volumes."""

import re
from collections.abc import Iterator
from typing import Any

from hooks.cli.later.values import cut
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.kernel.observed import mapping

_PORT = re.compile(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")

_COUNTS = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)

_VARIABLE = re.compile(r"[ -<>-~]+")  # printable, without =


def variables(variables: list[JSON], path: str) -> Iterator[Problem]:
    """Yield what is wrong with variables."""
    for index, each in enumerate(variables):
        name = each.get("name")
        if isinstance(name, str) and name and not _VARIABLE.fullmatch(name):
            yield Problem(
                f"{path}[{index}].name",
                f'"{name}" is no name of a variable',
                "use letters, digits and '_'",
            )
        if each.get("value") and each.get("valueFrom"):
            yield Problem(
                f"{path}[{index}].valueFrom", "must be absent beside value", "remove one of them"
            )
        sources = [
            source for source in mapping(each.get("valueFrom")).values() if source is not None
        ]
        if len(sources) > 1:
            yield Problem(f"{path}[{index}].valueFrom", "has more than one source", "keep one")


def probes(container: JSON, path: str) -> Iterator[Problem]:
    """Yield what is wrong with the probes of a container."""
    for field in PROBES:
        yield from probe(mapping(container.get(field)), f"{path}.{field}", field)


def probe(probe: JSON, path: str, field: str) -> Iterator[Problem]:
    """Yield what is wrong with a probe in the field of its kind."""
    ways = [way for way in ("exec", "grpc", "httpGet", "tcpSocket") if probe.get(way) is not None]
    if len(ways) > 1:
        yield Problem(path, f"has more than one way, {' and '.join(ways)}", "keep one")
    if probe and not ways:
        yield Problem(path, "has no way to ask", "add exec, grpc, httpGet or tcpSocket")
    for way in ways:
        yield from _port(mapping(probe[way]).get("port"), f"{path}.{way}.port")
    for name in _COUNTS:
        if type(count := probe.get(name)) is int and count < 0:
            yield Problem(f"{path}.{name}", f"must be 0 or more, is {count}")
    times = probe.get("successThreshold")
    if field != "readinessProbe" and type(times) is int and times > 1:
        yield Problem(
            f"{path}.successThreshold",
            f"must be 1, is {times}",
            "remove it, because only a readinessProbe can ask for several successes",
        )


def _port(port: Any, path: str) -> Iterator[Problem]:
    if type(port) is int and not 1 <= port <= 65535:
        yield Problem(path, f"must be from 1 to 65535, is {port}")
    elif isinstance(port, str) and not _PORT.fullmatch(port):
        yield Problem(
            path,
            f'"{cut(port)}" is no name of a port',
            "remove the quotes"
            if port.isdecimal()
            else "use at most 15 lower-case letters, digits and '-', with a letter",
        )


def volumes(volumes: list[JSON], path: str) -> Iterator[Problem]:
    """Yield the volumes with several sources."""
    for index, volume in enumerate(volumes):
        sources = [key for key, given in volume.items() if key != "name" and given is not None]
        if len(sources) > 1:
            yield Problem(
                f"{path}[{index}]", f"has several sources, {' and '.join(sources)}", "keep one"
            )
