"""Copied: what KServe copies to the pods stays as they have it, and what it should not copy is
told."""

import pytest

from hooks.kernel import lastapplied
from hooks.kernel.protocol import BadRequest
from tests.nimservice.status.test_status_of_kserve import deployment, synced
from tests.nimservice.status.test_status_of_kserve import service as reported
from tests.situations import nimservice as situation
from tests.situations.kserve import service

VISIBILITY, CLASS = "networking.kserve.io/visibility", "serving.kserve.io/autoscalerClass"
ROUTED = {"expose": {"router": {"ingress": {"ingressClass": "nginx"}}}}
SCALED = {"scale": {"enabled": True, "hpa": {"maxReplicas": 3}}}
RECORD = lastapplied.LAST_APPLIED


def lives(*specs):
    """Yield the InferenceService as edits make it, one after the other."""
    there = ()
    for spec in specs:
        made = service(there, **spec)
        there = (situation.applied(made),)
        yield made


def of_pods(made):
    """Return the labels and annotations that KServe gives the pods."""
    predictor, meta = made["spec"]["predictor"], made["metadata"]
    return tuple(
        {**(meta.get(key) or {}), **(predictor.get(key) or {})} for key in ("labels", "annotations")
    )


@pytest.mark.parametrize("first", [{}, ROUTED], ids=["local", "routed"])
def test_a_route_that_comes_or_goes_changes_no_pod(first):
    second = {} if first else ROUTED
    made = list(lives(first, second, first, second))
    assert [of_pods(each) for each in made] == [of_pods(made[0])] * 4
    marks = [each["metadata"]["labels"][VISIBILITY] for each in made]
    local, exposed = "cluster-local", "exposed"
    assert marks == [exposed, local] * 2 if first else [local, exposed] * 2


@pytest.mark.parametrize("first", [{}, SCALED], ids=["fixed", "scaled"])
def test_an_autoscaler_that_comes_or_goes_changes_no_pod(first):
    second = {} if first else SCALED
    made = list(lives(first, second, first))
    assert [of_pods(each) for each in made] == [of_pods(made[0])] * 3
    most = [each["spec"]["predictor"].get("maxReplicas") for each in made]
    assert most == ([3, None, 3] if first else [None, 3, None])


def test_what_does_not_change_is_not_written_anew():
    for spec in ({}, ROUTED, SCALED, {"labels": {VISIBILITY: "mine"}}):
        first, second = lives(spec, spec)
        assert first == second


def test_a_routed_model_whose_pods_lack_the_label_does_not_get_it():
    """They are of a release that wrote none."""
    made = service(**ROUTED)
    del made["metadata"]["labels"][VISIBILITY]
    there = [situation.applied(made)]
    assert of_pods(service(there, **ROUTED)) == of_pods(made)
    assert service(there)["metadata"]["labels"][VISIBILITY] == "cluster-local"


def test_the_class_of_somebody_else_is_left_to_them():
    """`external` and `none` leave the scaling to others."""
    made = situation.applied(service())
    made["metadata"]["annotations"][CLASS] = "external"
    assert CLASS not in service([made])["metadata"]["annotations"]
    mine = {"annotations": {CLASS: "none"}}
    assert service(**mine)["metadata"]["annotations"][CLASS] == "none"
    there = [situation.applied(service(**mine))]
    assert CLASS not in service(there)["metadata"]["annotations"]


def test_what_somebody_removed_is_not_written_anew_if_kserve_takes_it_for_its_default():
    made = situation.applied(service(**ROUTED, **SCALED))
    del made["metadata"]["labels"][VISIBILITY], made["metadata"]["annotations"][CLASS]
    again = service([made], **ROUTED, **SCALED)
    assert VISIBILITY not in of_pods(again)[0]
    assert CLASS not in of_pods(again)[1]


@pytest.mark.parametrize("before", [{}, SCALED], ids=["fixed", "scaled"])
@pytest.mark.parametrize(("scale", "last"), [({}, "none"), (SCALED, "hpa")], ids=["mine", "both"])
def test_a_class_of_the_user_s_comes_at_once_whatever_was_there(before, scale, last):
    mine = {"annotations": {CLASS: "none"}, **scale}
    _, first, second = lives(before, mine, mine)
    assert first["metadata"]["annotations"][CLASS] == last
    assert first == second
    assert of_pods(first)[1][CLASS] == "none"


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        (("metadata", "labels"), "x"),
        (("metadata", "labels", VISIBILITY), 7),
        (("spec", "predictor", "labels"), []),
        (("spec", "predictor", "labels", VISIBILITY), {}),
        (("metadata", "annotations"), 7),
        (("metadata", "annotations", CLASS), ["hpa"]),
    ],
)
def test_an_odd_mark_is_refused_for_as_absent_it_would_restart_the_pods(path, odd):
    made = situation.applied(service(**ROUTED, **SCALED))
    at = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = odd
    with pytest.raises(BadRequest):
        service([made], **ROUTED, **SCALED)


def degraded(template, *, recorded=True):
    """Return the conditions that name the record, and the whole status."""
    observed = reported()
    if recorded:
        observed["metadata"].setdefault("annotations", {})[RECORD] = "{}"
    else:
        observed["metadata"]["annotations"].pop(RECORD, None)
    there = deployment()
    there["spec"]["template"]["metadata"] = {"annotations": template}
    status = synced(observed, [there])
    return told(status), status


def told(status):
    return [each for each in status["conditions"] if "KServe copies" in each["message"]]


def test_a_record_that_kserve_copies_is_told_with_the_remedy():
    (said,), status = degraded({RECORD: "{}"})
    assert (said["type"], said["status"]) == ("Degraded", "True")
    assert said["reason"] == "KServeCopiesMetadata"
    for words in (RECORD, "restarts them", "serviceAnnotationDisallowedList", "nimservice doctor"):
        assert words in said["message"]
    _, without = degraded({})
    assert status["state"] == without["state"] == "Ready"
    assert status["conditions"][0] == without["conditions"][0]


@pytest.mark.parametrize(
    ("template", "recorded"),
    [({}, True), ({"example.com/team": "ml"}, True), ({RECORD: "{}"}, False), (None, True)],
    ids=["listed", "another", "server-side apply", "no annotations"],
)
def test_nothing_is_told_of_pods_that_keep_running(template, recorded):
    assert degraded(template, recorded=recorded)[0] == []


@pytest.mark.parametrize("shape", [[], "x", {"metadata": []}, {"metadata": {"annotations": 7}}])
def test_a_deployment_of_an_odd_shape_tells_nothing(shape):
    there = deployment()
    there["spec"]["template"] = shape
    assert told(synced(reported(), [there])) == []
