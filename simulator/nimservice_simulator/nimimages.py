"""NIM images: stand-ins for the images of NIMCaches, whose containers a scenario plays."""

from collections.abc import Callable
from dataclasses import replace

from hooks.cluster.api import Object
from hooks.nimcache import kinds
from hooks.nimcache.naming import ROLE_LABEL
from hooks.preview import image
from hooks.preview.image import Pages
from nimservice_simulator.controllers.scenarios import Ending, Scenario, Start, succeeds

GPU = "NVIDIA-H100-80GB-HBM3"
"""The product of a node's GPUs, as GPU Feature Discovery writes it."""


def played(
    scenario: Scenario,
    *,
    has: Callable[[Object], Pages] = image.assumed,
    downloads: Callable[[Start], Ending | None] = succeeds,
) -> Scenario:
    """Return a scenario in which probes find what images have, and downloads end as they are told.

    Args:
        scenario: what happens to all other pods, and to all pods before their containers run.
        has: returns what the probe of a NIMCache finds in its image.
        downloads: how the containers of a download end.
    """

    def ends(start: Start) -> Ending | None:
        role = (start.pod["metadata"].get("labels") or {}).get(ROLE_LABEL)
        if start.root["kind"] != kinds.NIM_CACHE.kind or role is None:
            return scenario.ends(start)
        return _probes(start, has(start.root)) if role == "probe" else downloads(start)

    return replace(scenario, ends=ends)


def fails(message: str, exit_code: int = 1) -> Callable[[Start], Ending | None]:
    """Return a download whose every attempt ends the same way."""
    return lambda start: succeeds(start) if start.init else Ending(exit_code, message, after=20)


def node(product: str = GPU) -> Object:
    """Return the node that runs everything; GPU Feature Discovery is absent without a product."""
    labels = {"nvidia.com/gpu.product": product} if product else {}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "node-1", "labels": labels},
    }


def _probes(start: Start, pages: Pages) -> Ending:
    spec = start.pod["spec"]
    containers = [each["name"] for each in (*spec.get("initContainers", []), *spec["containers"])]
    page = containers.index(start.container) - len(containers)
    return Ending(message=pages[page], after=1)
