"""Foreign: an object that has a child's name and belongs to somebody else is left to them,
whichever the engine."""

import pytest

from hooks.kernel import resource
from hooks.nimservice import children, kinds, related
from hooks.nimservice.api.nimservice import NIMService
from hooks.resources import NIM_SERVICE, Settings
from tests import simulated
from tests.nimservice.children.endpointpicker.picked import ROUTED
from tests.situations import nimservice as situation
from tests.situations import stored

CLAIM = {"storage": {"pvc": {"create": True, "size": "50Gi", "name": "models"}}}


def named(name, **spec):
    nim = situation.nimservice(**spec)
    return {**nim, "metadata": {"name": name, "namespace": stored.NAMESPACE}}


def played(engine, *nims):
    """Return a cluster in which NIMServices were applied one after the other."""
    cluster = simulated.played(engine, *nims, without=["NIMCache"])
    assert not cluster.writes_at_rest()
    return cluster


def owner(simulation, kind, name):
    return simulation.server.get(kind, stored.NAMESPACE, name)["metadata"].get(
        "ownerReferences", [{"name": None}]
    )[0]["name"]


def said(simulation, name):
    conditions = simulation.get(kinds.NIM_SERVICE, name, stored.NAMESPACE)["status"]["conditions"]
    return {each["type"]: (each["reason"], each["message"]) for each in conditions}


@pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
def test_the_claim_of_another_nimservice_is_used_and_never_taken(engine):
    simulation = played(engine, named("first", **CLAIM), named("second", **CLAIM))
    assert owner(simulation, kinds.PERSISTENT_VOLUME_CLAIM, "models") == "first"
    reason, message = said(simulation, "second")["Degraded"]
    assert reason == "ChildNotObserved"
    assert message.startswith(
        "PersistentVolumeClaim models already exists and belongs to NIMService first. "
    )
    simulation.delete(kinds.NIM_SERVICE, "second", stored.NAMESPACE)
    simulation.settle()
    assert owner(simulation, kinds.PERSISTENT_VOLUME_CLAIM, "models") == "first"


@pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
def test_a_claim_of_the_users_own_outlives_the_nimservice_that_wanted_to_create_it(engine):
    access = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "50Gi"}}}
    metadata = {"name": "models", "namespace": stored.NAMESPACE}
    theirs = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata,
        "spec": access,
    }
    simulation = played(engine, theirs, named("llama", **CLAIM))
    assert "has no owner" in said(simulation, "llama")["Degraded"][1]
    simulation.delete(kinds.NIM_SERVICE, "llama", stored.NAMESPACE)
    simulation.settle()
    assert owner(simulation, kinds.PERSISTENT_VOLUME_CLAIM, "models") is None


@pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
def test_a_service_keeps_leading_to_the_model_that_had_the_name_first(engine):
    simulation = played(
        engine, named("first"), named("second", expose={"service": {"name": "first"}})
    )
    assert owner(simulation, kinds.SERVICE, "first") == "first"
    assert simulation.server.get(kinds.SERVICE, stored.NAMESPACE, "first")["spec"]["selector"] == {
        "app": "first"
    }


@pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
def test_every_nimservice_of_a_chart_that_gives_one_name_to_all_has_a_service_of_its_own(engine):
    one_name = {"service": {"name": "http", "port": 8000}}
    simulation = played(engine, *(named(name, expose=one_name) for name in ("a", "b", "c")))
    assert [owner(simulation, kinds.SERVICE, name) for name in ("a", "b", "c")] == ["a", "b", "c"]
    assert owner(simulation, kinds.SERVICE, "http") == "a"
    assert "Degraded" not in said(simulation, "a") or said(simulation, "a")["Degraded"][1] == ""
    held = "Service http already exists and belongs to NIMService a"
    remedy = "choose another spec.expose.service.name, or remove it"
    for name in ("b", "c"):
        assert said(simulation, name)["Degraded"] == (
            "ChildNotObserved",
            f"{held}. Clients reach the model by Service {name}; {remedy}",
        )


@pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
def test_a_second_service_yields_to_the_nimservice_of_that_name(engine):
    simulation = played(
        engine, named("first", expose={"service": {"name": "second"}}), named("second")
    )
    assert owner(simulation, kinds.SERVICE, "second") == "second"
    assert owner(simulation, kinds.SERVICE, "first") == "first"
    assert said(simulation, "first")["Degraded"][0] == "ChildNotObserved"


@pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
@pytest.mark.parametrize("first", ["llama", "llama-epp"])
def test_a_model_with_the_name_of_an_endpoint_picker_and_the_picker_do_not_fight(engine, first):
    nims = {"llama": named("llama", expose=ROUTED), "llama-epp": named("llama-epp")}
    simulation = played(engine, nims[first], *(nim for name, nim in nims.items() if name != first))
    assert owner(simulation, kinds.DEPLOYMENT, "llama-epp") == first
    if first == "llama":
        reason, message = said(simulation, "llama-epp")["Ready"]
        assert reason == "ServiceAccountTaken"
        assert message.startswith(
            "ServiceAccount llama-epp already exists and belongs to NIMService llama. "
        )


def test_what_is_asked_for_is_what_two_nimservices_can_share():
    def asked(**spec):
        names = related._shared_names(NIMService.parse(situation.nimservice(**spec)))
        return [each for each in names if each != (kinds.SERVICE_ACCOUNT, "llama")]

    assert asked(storage={"pvc": {"create": True, "size": "50Gi"}}) == []
    assert asked(**CLAIM) == [(kinds.PERSISTENT_VOLUME_CLAIM, "models")]
    assert asked(expose={"service": {"name": "front"}}) == [
        (kinds.SERVICE, "front"),
        (kinds.NIM_SERVICE, "front"),
    ]
    assert asked(expose={"service": {"name": "front"}}, inferencePlatform="kserve") == []
    assert (kinds.DEPLOYMENT, "llama-epp") in asked(expose=ROUTED)


def test_a_claim_of_our_own_that_is_not_among_the_children_yet_is_asked_for_again():
    made = next(
        each
        for each in children.plan(situation.context(**CLAIM)).children
        if each["kind"] == "PersistentVolumeClaim"
    )
    request = stored.request(situation.nimservice(**CLAIM), related=[situation.applied(made)])
    answer = resource.sync(NIM_SERVICE, request, Settings(), stored.NOW).body
    assert "PersistentVolumeClaim" in [each["kind"] for each in answer["children"]]
