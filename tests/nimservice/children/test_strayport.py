"""Stray port: a port that somebody renumbered by hand does not stand in the way of ours."""

import copy

import pytest

from hooks.nimservice import children
from tests.situations import nimservice as situation
from tests.situations.stored import DYNAMIC, SERVER_SIDE

ENGINES = (DYNAMIC, SERVER_SIDE)
KEYS = {"Service": "port", "Deployment": "containerPort"}


def made(kind, observed=(), **spec):
    plan = children.plan(situation.context(observed, **spec))
    return next(child for child in plan.children if child["kind"] == kind)


def ports(child):
    spec = child["spec"]
    return (
        spec["ports"]
        if child["kind"] == "Service"
        else spec["template"]["spec"]["containers"][0]["ports"]
    )


def numbers(child):
    return [(port["name"], port[KEYS[child["kind"]]]) for port in ports(child)]


def renumbered(child, engine, number=8001):
    """Return a child as observed after somebody gave its first port another number: the fields of
    that port are not ours any more."""
    observed = situation.applied(child, engine=engine)
    for entry in observed["metadata"].get("managedFields", []):
        fields = entry["fieldsV1"]["f:spec"]
        below = (
            fields
            if child["kind"] == "Service"
            else fields["f:template"]["f:spec"]["f:containers"]['k:{"name":"llama-ctr"}']
        )
        below.pop("f:ports")
    ports(observed)[0][KEYS[child["kind"]]] = number
    return observed


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", KEYS)
def test_ours_is_put_beside_it_and_it_loses_our_name(kind, engine):
    observed = renumbered(made(kind), engine)
    before = copy.deepcopy(observed)
    assert numbers(made(kind, [observed])) == [("api", 8000), ("stray-8001", 8001)]
    assert observed == before


@pytest.mark.parametrize("kind", KEYS)
def test_once_it_is_ours_dynamic_apply_takes_it_away(kind):
    aside = made(kind, [renumbered(made(kind), DYNAMIC)])
    assert numbers(made(kind, [situation.applied(aside)])) == [("api", 8000)]


@pytest.mark.parametrize("kind", KEYS)
def test_under_server_side_apply_it_is_left_for_good(kind):
    """Somebody else owns it too, so leaving it out would only take its name from it, and a port
    needs one."""
    aside = made(kind, [renumbered(made(kind), SERVER_SIDE)])
    observed = situation.applied(aside, engine=SERVER_SIDE)
    assert made(kind, [observed]) == aside


@pytest.mark.parametrize("engine", ENGINES)
def test_a_port_changed_in_the_spec_is_no_stray(engine):
    observed = situation.applied(made("Service"), engine=engine)
    assert numbers(made("Service", [observed], expose={"service": {"port": 9000}})) == [
        ("api", 9000)
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_port_that_somebody_added_is_left_to_them(engine):
    observed = situation.applied(made("Service"), engine=engine)
    observed["spec"]["ports"].append({"name": "debug", "port": 5678, "protocol": "TCP"})
    assert numbers(made("Service", [observed])) == [("api", 8000)]
