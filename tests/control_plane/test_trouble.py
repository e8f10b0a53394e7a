"""Trouble: hooks that fail, programs that start anew, kinds that come and go, and many NIMServices
at once."""

import time
from copy import deepcopy

import pytest

from hooks.kernel.observed import condition
from hooks.nimservice import kinds
from tests.control_plane.cluster import CRD, readable
from tests.control_plane.door import IN_PROCESS, TROUBLES
from tests.control_plane.situations import full, nimservice
from tests.control_plane.stage import writes_at_rest


def test_while_the_hooks_fail_nothing_changes_and_then_everything_does(world):
    world.apply(full(world.namespace))
    for number, trouble in enumerate(TROUBLES if world.stage.real else IN_PROCESS, start=5):
        before = versions(world)
        world.stage.trouble(trouble)
        world.cluster.edit(
            kinds.NIM_SERVICE,
            world.namespace,
            "llama",
            lambda nim, most=number: nim["spec"]["scale"]["hpa"].update(maxReplicas=most),
        )
        ended = time.monotonic() + (12 if trouble == "slow" else 1)
        world.stage.until(lambda ended=ended: time.monotonic() > ended, "a while has passed")
        assert versions(world) == before, trouble
        world.stage.trouble()
        world.stage.until(
            lambda most=number: (
                world.get(kinds.HORIZONTAL_POD_AUTOSCALER)["spec"]["maxReplicas"] == most
            ),
            f"it has got over {trouble}",
            seconds=30,
        )
        world.stage.settle()
        assert set(versions(world)) == set(before), trouble


def versions(world):
    """Return what every child consists of: its uid, and its generation or, where it has none, its
    spec."""
    return {
        (child["kind"], child["metadata"]["name"]): (
            child["metadata"]["uid"],
            child["metadata"].get("generation") or str(child.get("spec")),
        )
        for child in world.cluster.children(world.nim())
    }


def test_metacontroller_starts_anew_and_changes_nothing(world):
    world.apply(full(world.namespace))
    before = stored(world)
    world.stage.restart()
    world.stage.resync()
    assert stored(world) == before
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


def stored(world):
    """Return the version of every child whose status nobody else writes."""
    others = ("Deployment", "HorizontalPodAutoscaler")
    children = {
        child["kind"]: child["metadata"]["resourceVersion"]
        for child in world.cluster.children(world.nim())
    }
    return {kind: version for kind, version in children.items() if kind not in others}


def test_the_api_server_starts_anew_and_work_goes_on(world):
    if world.stage.engine == "server-side-apply" and not world.stage.real:
        return  # seconds of waiting for what the engine has no part in
    world.apply(nimservice(world.namespace))
    world.cluster.plane.restart_api_server()
    world.cluster.edit(
        kinds.NIM_SERVICE, world.namespace, "llama", lambda nim: nim["spec"].update(replicas=2)
    )
    world.stage.until(
        lambda: world.get(kinds.DEPLOYMENT)["spec"]["replicas"] == 2,
        "the edit has come through",
        seconds=60,
    )
    world.stage.settle()
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


def test_a_component_is_added_and_removed_while_a_model_runs(world, composite):
    if not world.cluster.served(kinds.SERVICE_MONITOR):
        pytest.skip("needs the ServiceMonitor's CustomResourceDefinition")
    without = deepcopy(composite)
    without["spec"]["childResources"] = [
        rule
        for rule in composite["spec"]["childResources"]
        if rule["resource"] != "servicemonitors"
    ]
    world.stage.manage(without)
    try:
        world.apply(
            full(world.namespace, metrics={"enabled": True, "serviceMonitor": {"interval": "15s"}})
        )
        before = world.get(kinds.DEPLOYMENT)
        assert world.get(kinds.SERVICE_MONITOR) is None
        world.stage.until(
            lambda: condition(world.nim(), "Degraded").get("reason") == "KindNotManaged",
            "the component is named",
        )
        world.stage.manage()
        world.stage.until(lambda: world.get(kinds.SERVICE_MONITOR), "the ServiceMonitor is made")
        world.stage.until(
            lambda: not condition(world.nim(), "Degraded"), "nothing is amiss any more"
        )
        world.stage.manage(without)
        world.stage.until(
            lambda: condition(world.nim(), "Degraded").get("reason") == "KindNotManaged",
            "the component is named again",
        )
        assert world.get(kinds.SERVICE_MONITOR), "what is not managed any more is left as it is"
        after = world.get(kinds.DEPLOYMENT)
        assert after["metadata"]["generation"] == before["metadata"]["generation"]
    finally:
        world.stage.manage()


def test_an_optional_api_goes_and_comes_back_while_a_model_runs(world):
    """Metacontroller stops at a kind that it manages and does not find, as soon as it notices;
    afterwards it goes on by itself."""
    if not world.cluster.served(kinds.SERVICE_MONITOR):
        pytest.skip("needs the ServiceMonitor's CustomResourceDefinition")
    world.apply(
        full(world.namespace, metrics={"enabled": True, "serviceMonitor": {"interval": "15s"}})
    )
    before = versions(world)
    definition = world.cluster.get(CRD, "", f"{kinds.SERVICE_MONITOR.plural}.monitoring.coreos.com")
    world.cluster.delete(CRD, "", definition["metadata"]["name"])
    try:
        world.cluster.until(
            lambda: not world.cluster.served(kinds.SERVICE_MONITOR), "the kind is gone"
        )
        world.cluster.edit(
            kinds.NIM_SERVICE,
            world.namespace,
            "llama",
            lambda nim: nim["spec"]["scale"]["hpa"].update(maxReplicas=6),
        )
        ended = time.monotonic() + 2
        world.stage.until(lambda: time.monotonic() > ended, "a while has passed")
        assert {
            child for child, version in versions(world).items() if version != before[child]
        } <= {("HorizontalPodAutoscaler", "llama")}
    finally:
        world.cluster.install(
            {
                **{key: definition[key] for key in ("apiVersion", "kind", "spec")},
                "metadata": {"name": definition["metadata"]["name"]},
            }
        )
    world.stage.until(
        lambda: world.get(kinds.SERVICE_MONITOR), "the ServiceMonitor is made anew", seconds=120
    )
    world.stage.until(
        lambda: world.get(kinds.HORIZONTAL_POD_AUTOSCALER)["spec"]["maxReplicas"] == 6,
        "the edit has come through",
    )
    world.stage.settle()
    after = versions(world)
    assert after.keys() == before.keys()
    assert {kind for kind, name in after if after[kind, name] != before[kind, name]} == {
        "HorizontalPodAutoscaler",
        "ServiceMonitor",
    }


def test_many_are_made_and_changed_at_once(stage):
    count = 200 if stage.real else 25
    names = [f"llama-{number}" for number in range(count)]
    for name in names:
        stage.cluster.put(nimservice(stage.namespace, name, replicas=0))
    stage.settle()
    for name in names:
        stage.cluster.edit(
            kinds.NIM_SERVICE,
            stage.namespace,
            name,
            lambda nim: nim["spec"].update(expose={"service": {"port": 9000}}),
        )
    stage.settle()
    assert {
        service["spec"]["ports"][0]["port"]
        for service in stage.cluster.list(kinds.SERVICE, stage.namespace)
    } == {9000}
    assert len(stage.cluster.list(kinds.DEPLOYMENT, stage.namespace)) == count
    written = writes_at_rest(stage)
    assert not written, readable(written)
