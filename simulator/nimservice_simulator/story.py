"""Story: steps that follow on settled NIMServices, by a user or a NIMCache."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hooks.cluster.api import Object, name_of
from hooks.kernel.kind import Kind
from hooks.nimservice import kinds
from nimservice_simulator.simulation import Simulation

Change = Callable[[Object], Any]


class Story(NamedTuple):
    """Steps that are taken one after the other, each when nothing changes any more."""

    name: str
    summary: str
    steps: Callable[[Simulation], Iterator[None]]
    """Takes a step, then yields to let it settle."""
    opening: Callable[[Object], Object] = lambda obj: obj
    """Returns an object as it is at first."""


def tell(story: Story, simulation: Simulation) -> None:
    """Play a story to its end."""
    for _ in story.steps(simulation):
        simulation.settle()


def _each(simulation: Simulation, kind: Kind, change: Change) -> None:
    for obj in simulation.server.list(kind):
        namespace, name = name_of(obj)
        simulation.edit(kind, name, change, namespace)


def _cache(simulation: Simulation) -> Iterator[None]:
    for state in ("Ready", "NotReady"):
        for cache in simulation.server.list(kinds.NIM_CACHE):
            simulation.put(_in_state(cache, state), manager="nimcache-controller")
        yield


def _unready(obj: Object) -> Object:
    return _in_state(obj, "NotReady") if obj["kind"] == kinds.NIM_CACHE.kind else obj


def _in_state(cache: Object, state: str) -> Object:
    return {**cache, "status": {**(cache.get("status") or {}), "state": state}}


def _zero(simulation: Simulation) -> Iterator[None]:
    _each(simulation, kinds.NIM_SERVICE, lambda nim: nim["spec"].pop("scale", None))
    _each(simulation, kinds.NIM_SERVICE, lambda nim: nim["spec"].update(replicas=0))
    yield


def _autoscaling(simulation: Simulation) -> Iterator[None]:
    def on(nim: Object) -> None:
        nim["spec"].pop("replicas", None)
        nim["spec"]["scale"] = {"enabled": True, "hpa": {"minReplicas": 3, "maxReplicas": 5}}

    _each(simulation, kinds.NIM_SERVICE, on)
    yield
    _each(simulation, kinds.NIM_SERVICE, lambda nim: nim["spec"]["scale"].update(enabled=False))
    yield


def _platform(simulation: Simulation) -> Iterator[None]:
    _each(simulation, kinds.NIM_SERVICE, lambda nim: nim["spec"].update(inferencePlatform="kserve"))
    yield


def _delete(simulation: Simulation) -> Iterator[None]:
    for nim in simulation.server.list(kinds.NIM_SERVICE):
        namespace, name = name_of(nim)
        simulation.delete(kinds.NIM_SERVICE, name, namespace)
    yield


STORIES = {
    story.name: story
    for story in (
        Story(
            "cache",
            "the NIMCache is not ready yet, turns ready, and unready again",
            _cache,
            _unready,
        ),
        Story("scaled-to-zero", "replicas are set to 0", _zero),
        Story(
            "autoscaling",
            "autoscaling is switched on, with three replicas at least, and off again",
            _autoscaling,
        ),
        Story("platform-switch", "KServe takes over from plain Kubernetes", _platform),
        Story("delete", "the NIMServices are deleted", _delete),
    )
}
"""All stories, in the order people read them."""
