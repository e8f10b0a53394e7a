"""With KServe's own controller and all its webhooks, in its Standard mode.

`make neighbours FULL=1` builds it; without it these tests are skipped.
"""

import time
from datetime import timedelta

import pytest

from hooks.nimservice import kinds
from nimservice_simulator.metacontroller.children import ENGINES
from tests.control_plane.stage import writes_at_rest
from tests.fields.effect import PODS
from tests.fields.row import STANDARD
from tests.fields.table import effects
from tests.neighbours.place import nim

pytestmark = pytest.mark.usefixtures("kserve")
each_engine = pytest.mark.parametrize("player", ENGINES, indirect=True)
QUIET = 5.0
"""Seconds in which the controllers act on an edit, on a busy machine too."""


def on_kserve(namespace, play="well", **spec):
    return nim("llama", namespace, play, inferencePlatform="kserve", **spec)


def uids(place):
    return {each["metadata"]["uid"] for each in place.pods("llama")}


def wait(place, seconds=QUIET):
    until = time.monotonic() + seconds
    place.stage.until(lambda: time.monotonic() > until, f"{seconds:.0f} seconds have passed")


@each_engine
def test_a_model_gets_ready_and_rests(place):
    place.apply(on_kserve(place.namespace, replicas=2))
    place.stream.until("llama", "Ready", seconds=90)
    # KServe makes one replica, and its autoscaler the others.
    serving = [each.reason for each in place.said("llama") if each.ready == "True"]
    assert serving in (["Ready"], ["ScalingUp", "Ready"]), place.said("llama")
    made = uids(place)
    place.stage.settle()
    assert not writes_at_rest(place.stage)
    assert uids(place) == made


@each_engine
def test_a_bad_rollout_is_ready_at_no_moment(place):
    place.apply(on_kserve(place.namespace, replicas=3))
    place.stream.until("llama", "Ready", seconds=90)

    def bad(obj):
        obj["spec"]["labels"]["play"] = "pull"
        obj["spec"]["image"]["tag"] = "1.12.0-absent"

    place.edit("llama", bad)
    place.stream.until("llama", "ImagePullBackOff", seconds=60)
    wait(place)
    first, *later = place.said("llama")
    assert first.ready == "True", "that was before the edit"
    assert {each.ready for each in later} == {"False"}, later
    assert later[-1].reason == "ImagePullBackOff"

    def good(obj):
        obj["spec"]["labels"]["play"] = "well"
        obj["spec"]["image"]["tag"] = "1.12.1"

    place.edit("llama", good)
    place.stream.until("llama", "Ready", seconds=120)
    reasons = [each.reason for each in place.said("llama") if each.ready == "True"]
    assert reasons == ["Ready"], place.said("llama")


def test_a_model_that_never_starts_fails_when_a_deployment_would(place):
    if place.stage.real:
        pytest.skip("the clock of a real hook server cannot be put forward")
    place.apply(on_kserve(place.namespace, "configuration"))
    alone = nim("alone", place.namespace, "configuration")
    place.apply(alone)
    deployment = place.stage.until(
        lambda: place.cluster.find(kinds.DEPLOYMENT, place.namespace, "alone"), "there is one"
    )
    place.stream.until("llama", "CreateContainerConfigError", seconds=90)
    patience = deployment["spec"]["progressDeadlineSeconds"]
    place.stage.pass_time(timedelta(seconds=patience - 120))
    wait(place)
    assert place.said("llama")[-1].state != "Failed", place.said("llama")
    place.stage.pass_time(timedelta(seconds=120))
    place.stage.until(
        lambda: place.said("llama")[-1].state == "Failed", "the deadline is told of", seconds=30
    )
    place.play("llama", "well")
    place.stream.until("llama", "Ready", seconds=90)


_HPA = {"scale": {"enabled": True, "hpa": {"minReplicas": 1, "maxReplicas": 4}}}
_ROUTER = {"expose": {"service": {"port": 8000}, "router": {"ingress": {"ingressClass": "nginx"}}}}
EDITS = {
    "replicas": ("replicas", {"replicas": 2}, {"replicas": 3}),
    "an autoscaler": ("scale.enabled", {}, _HPA),
    "no autoscaler": ("scale.enabled", _HPA, {}),
    "a router": ("expose.router.gateway.httpRoutesEnabled", {}, _ROUTER),
    "no router": ("expose.router.gateway.httpRoutesEnabled", _ROUTER, {}),
}
"""A field whose row in ``docs/fields.md`` says what becomes of the pods, and what is edited."""


@each_engine
@pytest.mark.parametrize("what", EDITS)
def test_an_edit_restarts_pods_where_the_table_says_so(place, what):
    field, *specs = EDITS[what]
    before, after = (on_kserve(place.namespace, **spec) for spec in specs)
    place.apply(before)
    place.stream.until("llama", "Ready", words=["of"], seconds=90)
    place.stage.settle()
    made = uids(place)
    place.edit("llama", lambda obj: obj.update(spec=after["spec"]))
    wait(place)
    place.stream.until("llama", "Ready", seconds=60)
    kept = made <= uids(place)
    assert kept == (PODS not in effects(field)[STANDARD]), place.said("llama")


@pytest.mark.parametrize("player", ["dynamic-apply"], indirect=True)
def test_without_the_list_an_edit_restarts_the_pods_and_the_status_says_so(place, kserve):
    kserve.reset()
    try:
        place.apply(on_kserve(place.namespace, replicas=2))
        place.stream.until("llama", "Ready", seconds=90)
        place.stage.settle()
        assert "KServeCopiesMetadata" in reasons(place)
        made = uids(place)
        place.edit("llama", lambda obj: obj["spec"].update(replicas=3))
        wait(place)
        place.stream.until("llama", "Ready", seconds=90)
        assert not made & uids(place)
    finally:
        kserve.set_up()
    place.edit("llama", lambda obj: obj["spec"].update(replicas=2))
    place.stage.until(
        lambda: "KServeCopiesMetadata" not in reasons(place), "it is no longer said", seconds=60
    )


def reasons(place):
    nim = place.cluster.get(kinds.NIM_SERVICE, place.namespace, "llama")
    return {each["reason"] for each in nim["status"]["conditions"] if each["status"] == "True"}
