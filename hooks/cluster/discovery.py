"""Discovery: the kinds that an API server serves, cached for a while."""

import time
from collections.abc import Callable, Iterator

from hooks.cluster.api import NotFound, Object, Resource
from hooks.cluster.connection import Connection

KEPT = 20.0
"""Seconds to cache an answer: the interval in Metacontroller's own manifests."""


class Discovery:
    """The kinds of one API server, read group by group on demand."""

    def __init__(
        self,
        connection: Connection,
        kept: float = KEPT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection, self._kept, self._clock = connection, kept, clock
        self._known: dict[str, tuple[float, list[Resource]]] = {}

    def kinds(self, api_version: str) -> list[Resource]:
        """Return the kinds of a group and version; none if the server does not serve it."""
        asked, resources = self._known.get(api_version, (0.0, []))
        if not resources or self._clock() - asked > self._kept:
            resources = list(self._ask(api_version))
            self._known[api_version] = self._clock(), resources
        return resources

    def _ask(self, api_version: str) -> Iterator[Resource]:
        try:
            entries: list[Object] = self._connection.request("GET", root(api_version))["resources"]
        except NotFound:
            return
        names = {entry["name"] for entry in entries}
        for entry in entries:
            if "/" not in entry["name"]:
                plural = entry["name"]
                yield Resource(
                    api_version,
                    entry["kind"],
                    plural,
                    entry["namespaced"],
                    f"{plural}/status" in names,
                )


def root(api_version: str) -> str:
    """Return the URL path of a group and version."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
