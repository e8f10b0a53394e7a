"""Story: steps that follow on settled objects, by a user or by what happens to a cluster."""

import copy
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from hooks.cluster.api import Object, name_of
from hooks.kernel.crd import admission
from hooks.kernel.kind import Kind
from hooks.nimservice import kinds
from hooks.preview import image
from hooks.preview.image import Pages
from nimservice_simulator import nimimages
from nimservice_simulator.controllers.scenarios import READY, Ending, Start, succeeds
from nimservice_simulator.simulation import Simulation

Change = Callable[[Object], Any]

_UNTIL_IT_STARTS_ANEW = timedelta(minutes=5)
"""Less than a download that failed rests: what is told is its failure, not its next attempt."""


class Story(NamedTuple):
    """Steps that are taken one after the other, each when nothing changes any more."""

    name: str
    summary: str
    steps: Callable[[Simulation], Iterator[None]] = lambda _: iter(())
    """Takes a step, then yields to let it settle."""
    has: Callable[[Object], Pages] = image.assumed
    """Returns what the probe of a NIMCache finds in its image."""
    downloads: Callable[[Start], Ending | None] = succeeds
    """How the downloads of NIMCaches end at first."""
    gpus: str = nimimages.GPU
    """The product of the GPUs of the cluster, if it is known."""
    patience: timedelta = timedelta(minutes=20)
    """How long nothing has to change before it counts as settled."""
    about: Callable[[Object], bool] | None = None
    """Whether it can be told of a NIMCache; None where it is not about NIMCaches."""
    serves: Callable[[Object], bool] | None = None
    """Whether it can be told of a NIMService; None where it is not about NIMServices."""
    needs: str = "a NIMCache that these hooks fill"
    """What it has to be told of."""

    def applies(self, parent: Object) -> bool:
        """Whether it can be told of an object; what is told of a NIMPipeline is its services."""
        told = {kinds.NIM_SERVICE.kind: self.serves, kinds.NIM_CACHE.kind: self.about}
        applies = told.get(parent["kind"])
        return applies is not None and applies(parent)


def _any(_: Object) -> bool:
    return True


def _taking(change: Change) -> Callable[[Object], bool]:
    """Return whether a NIMService changes by an edit that the API server admits."""

    def taken(nim: Object) -> bool:
        edited = copy.deepcopy(nim)
        change(edited)
        return edited["spec"] != nim["spec"] and not admission.problems(edited, nim)

    return taken


def _without(cache: Object) -> Pages:
    return image.lacking(cache) or image.assumed(cache)


def settle(story: Story | None, simulation: Simulation) -> None:
    """Let time pass until nothing changes, and play a story to its end."""
    if story is None:
        simulation.settle()
        return
    simulation.settle(patience=story.patience)
    for _ in story.steps(simulation):
        simulation.settle(patience=story.patience)


def _each(simulation: Simulation, kind: Kind, change: Change) -> None:
    """Change the objects of a kind that the API server lets change that way."""
    for obj in simulation.server.list(kind):
        namespace, name = name_of(obj)
        if _taking(change)(obj):
            simulation.edit(kind, name, change, namespace)


def _drained(simulation: Simulation) -> Iterator[None]:
    simulation.drain()
    yield
    simulation.play(nimimages.played(READY))
    yield


def _runs(start: Start) -> Ending | None:
    return succeeds(start) if start.init else None


def _claim_lost(simulation: Simulation) -> Iterator[None]:
    claims = {
        (name_of(cache)[0], (cache.get("status") or {}).get("pvc"))
        for cache in simulation.server.list(kinds.NIM_CACHE)
    }
    for namespace, name in claims:
        if name:
            simulation.delete(kinds.PERSISTENT_VOLUME_CLAIM, name, namespace)
    yield
    # Kubernetes keeps a claim for as long as a pod on a node uses it.
    for pod in simulation.server.list(kinds.POD):
        simulation.delete(kinds.POD, *reversed(name_of(pod)))
    yield


def _zero(simulation: Simulation) -> Iterator[None]:
    _each(simulation, kinds.NIM_SERVICE, _to_zero)
    yield


def _to_zero(nim: Object) -> None:
    nim["spec"].pop("scale", None)
    nim["spec"]["replicas"] = 0


def _autoscaling(simulation: Simulation) -> Iterator[None]:
    _each(simulation, kinds.NIM_SERVICE, _autoscaled)
    yield
    _each(simulation, kinds.NIM_SERVICE, _unscaled)
    yield


def _autoscaled(nim: Object) -> None:
    nim["spec"].pop("replicas", None)
    nim["spec"]["scale"] = {"enabled": True, "hpa": {"minReplicas": 3, "maxReplicas": 5}}


def _unscaled(nim: Object) -> None:
    nim["spec"].setdefault("scale", {})["enabled"] = False


def _platform(simulation: Simulation) -> Iterator[None]:
    _each(simulation, kinds.NIM_SERVICE, _by_kserve)
    yield


def _by_kserve(nim: Object) -> None:
    nim["spec"]["inferencePlatform"] = "kserve"


def _delete(simulation: Simulation) -> Iterator[None]:
    for nim in simulation.server.list(kinds.NIM_SERVICE):
        namespace, name = name_of(nim)
        simulation.delete(kinds.NIM_SERVICE, name, namespace)
    yield


_UNAUTHORIZED = "ERROR: 401 Client Error: Unauthorized for url: https://api.ngc.nvidia.com/v2"
_FULL = "OSError: [Errno 28] No space left on device: '/model-store/ngc/hub'"

STORIES = {
    story.name: story
    for story in (
        Story(
            "scaled-to-zero",
            "replicas are set to 0",
            _zero,
            serves=_taking(_to_zero),
            needs="a NIMService with replicas",
        ),
        Story(
            "autoscaling",
            "autoscaling is switched on, with three replicas at least, and off again",
            _autoscaling,
            serves=_taking(_autoscaled),
            needs="a NIMService that can be autoscaled",
        ),
        Story(
            "platform-switch",
            "KServe takes over from plain Kubernetes",
            _platform,
            serves=_taking(_by_kserve),
            needs="a NIMService on plain Kubernetes that KServe can run",
        ),
        Story(
            "delete",
            "the NIMServices are deleted; a NIMPipeline makes its own anew",
            _delete,
            serves=_any,
            needs="a NIMService",
        ),
        Story(
            "download", "NIMCaches download their models, and NIMServices wait for them", about=_any
        ),
        Story(
            "download-401",
            "the key of a download is wrong",
            downloads=nimimages.fails(_UNAUTHORIZED),
            patience=_UNTIL_IT_STARTS_ANEW,
            about=_any,
        ),
        Story(
            "disk-full",
            "the claim of a download is too small",
            downloads=nimimages.fails(_FULL),
            patience=_UNTIL_IT_STARTS_ANEW,
            about=_any,
        ),
        Story(
            "gpu-unknown",
            "it is not known which GPUs the cluster has",
            gpus="",
            about=image.asks_for_gpus,
            needs="a NIMCache that filters profiles and names no GPU, and that these hooks fill",
        ),
        Story(
            "no-profile",
            "the image has no profile that the NIMCache asks for",
            has=_without,
            about=lambda cache: bool(image.lacking(cache)),
            needs="a NIMCache that names or filters profiles, and that these hooks fill",
        ),
        Story(
            "drained",
            "the node is drained while it downloads",
            _drained,
            downloads=_runs,
            patience=timedelta(minutes=2),
            about=_any,
        ),
        Story("claim-lost", "the claim that holds the model is deleted", _claim_lost, about=_any),
    )
}
"""All stories, in the order people read them."""
