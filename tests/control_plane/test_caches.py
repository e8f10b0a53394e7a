"""NIMCaches on a real API server with its Job controller and garbage collector. The node is a
stand-in that runs the probe's script for real. All cases share one namespace, which enforces the
Pod Security Standard ``restricted``."""

import itertools
from collections import Counter
from datetime import timedelta

import pytest

from nimservice_simulator.controllers.scenarios import Ending
from tests.control_plane import sidebyside
from tests.control_plane.caches import causes, claims, deletion, life, probing
from tests.control_plane.caches.common import CASES, NODES
from tests.control_plane.cluster import NAMESPACE, USER, readable
from tests.control_plane.kubelet import NODE, Kubelet, Play
from tests.control_plane.sidebyside import Action
from tests.control_plane.stage import writes_at_rest

_CASES_OF = (probing, causes, claims, life, deletion)
"""The modules that add their cases to ``CASES``."""

_NUMBERS = itertools.count(1)

REST = "all_are_at_rest"
GONE = "the_namespace_goes"


@pytest.fixture(scope="module")
def outcomes(  # noqa: PLR0917 - fixtures
    request, player, cluster, installed, account, plane, tmp_path_factory
):
    """Run the cases that were asked for, and return what went wrong with each."""
    if not plane.has_controllers:
        pytest.skip("no controller manager")
    namespace = f"caches-{next(_NUMBERS)}"
    cluster.create(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": namespace,
                "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
            },
        },
        manager=USER,
    )
    labels = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}
    cluster.put({"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE, "labels": labels}})
    stage = player(namespace)
    if stage.real:
        stage.close()
        pytest.skip("the cases let minutes pass, which the real Metacontroller cannot")
    stage.manage(installed["nimcache"])
    lab = sidebyside.Lab(stage, Kubelet(cluster, tmp_path_factory.mktemp("images")), account)
    asked = [
        item.callspec.params["case"]
        for item in request.session.items
        if getattr(item, "function", None) is test_case
    ]
    try:
        found = sidebyside.run(
            lab, {name: each for name, each in CASES.items() if name in asked}, acting(stage)
        )
        written = writes_at_rest(stage, 1) if REST in asked else Counter()
        found[REST] = AssertionError(readable(written)) if written else None
        if GONE in asked:
            found |= sidebyside.run(lab, {GONE: namespace_goes}, acting(stage), seconds=240)
        yield found
    finally:
        lab.close()
        stage.close()
        cluster.delete(NODES, "", NODE)
        if cluster.find(NAMESPACE, "", namespace):
            cluster.delete(NAMESPACE, "", namespace)


def acting(stage):
    """Return a function that lets something happen to a whole stage."""

    def act(action):
        match action:
            case Action.RESTART:
                stage.restart()
            case Action.DOWN:
                stage.trouble("down")
            case Action.UP:
                stage.trouble()
            case _:
                stage.pass_time(timedelta(minutes=11))

    return act


def namespace_goes(lab):
    """While a download runs."""
    lab.cache("last", Play(download=lambda _: Ending(after=600)))
    yield from lab.runs_for_the("last", 1)
    lab.cluster.delete(NAMESPACE, "", lab.namespace)
    while lab.cluster.find(NAMESPACE, "", lab.namespace):
        yield "the namespace is gone"


@pytest.mark.parametrize("case", [*CASES, REST, GONE])
def test_case(outcomes, case):
    if outcomes[case]:
        raise outcomes[case]
