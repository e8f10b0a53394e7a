"""KServe's configuration: whether KServe copies to pods what changes with every edit, read only."""

import json
import shlex
from collections.abc import Collection, Iterator
from typing import NamedTuple

from hooks.cluster.api import Forbidden, NotFound, Object, Resource
from hooks.cluster.server import KubeServer
from hooks.kernel.document import JSON
from hooks.kernel.observed import mapping, text
from hooks.nimservice.api import kserve

CONTROLLER = "kserve-controller-manager"
"""The Deployment of KServe's controller, which reads the ConfigMap of its own namespace."""
_USUAL = "kserve"
_CONFIG_MAP = Resource("v1", "ConfigMap", "configmaps")


class Fault(NamedTuple):
    """What is wrong, with its remedy."""

    subject: str
    message: str
    remedy: str


def faults(server: KubeServer, namespaces: Collection[str]) -> Iterator[Fault]:
    """Yield what is wrong with KServe's ConfigMap in each namespace, or in the usual one."""
    for namespace in sorted({*namespaces}) or [_USUAL]:
        yield from _of(server, namespace)


def _of(server: KubeServer, namespace: str) -> Iterator[Fault]:
    subject, keys = f"ConfigMap {namespace}/{kserve.CONFIG_MAP}", ", ".join(kserve.RECORDS)
    try:
        found = server.connection.request(
            "GET", server.path(_CONFIG_MAP, namespace, kserve.CONFIG_MAP)
        )
        config = _config(found)
    except Forbidden:
        yield Fault(
            subject,
            f"cannot be read with your rights, so it is unknown whether KServe copies {keys} to "
            "the pods",
            "let somebody run nimservice doctor who may get it",
        )
        return
    except NotFound:
        yield Fault(
            subject,
            f"does not exist, so it is unknown whether KServe copies {keys} to the pods",
            "install KServe, or name its namespace with --kserve-namespace",
        )
        return
    except ValueError:
        yield Fault(subject, f"has no JSON object in {kserve.CONFIG_KEY}", "correct it")
        return
    missing = [key for key in kserve.RECORDS if key not in _listed(config)]
    if missing:
        yield Fault(
            subject,
            f"does not list {', '.join(missing)}, so KServe copies it to the pods, and every edit "
            "that changes an InferenceService restarts them",
            f"run {_command(config, missing, namespace)}",
        )


def _config(found: Object) -> JSON:
    """Return KServe's configuration of InferenceServices.

    Raises:
        ValueError: if it is no JSON object.
    """
    given = text(mapping(found.get("data")).get(kserve.CONFIG_KEY))
    try:
        config = json.loads(given or "{}")
        json.dumps(config, allow_nan=False)  # Python reads numbers that are no JSON
    except RecursionError as error:  # Kubernetes stores any text
        raise ValueError(kserve.CONFIG_KEY) from error
    if not _is_right(config):
        raise ValueError(kserve.CONFIG_KEY)
    return dict(config)


def _is_right(config: object) -> bool:
    return isinstance(config, dict) and isinstance(_listed(config), list)


def _listed(config: JSON) -> list[str]:
    listed: list[str] = config.get(kserve.ANNOTATIONS_NOT_COPIED) or []
    return listed


def _command(config: JSON, missing: list[str], namespace: str) -> str:
    """Return the command that adds keys and keeps all else; KServe adds its own keys itself."""
    wanted = {**config, kserve.ANNOTATIONS_NOT_COPIED: [*_listed(config), *missing]}
    patch = {"data": {kserve.CONFIG_KEY: _compact(wanted)}}
    return (
        f"kubectl patch configmap {kserve.CONFIG_MAP} -n {shlex.quote(namespace)} --type merge "
        f"-p {shlex.quote(_compact(patch))}"
    )


def _compact(value: JSON) -> str:
    return json.dumps(value, separators=(",", ":"))
