"""Foreign rights: pods run under the ServiceAccount that the hooks made, and on OpenShift under no
wider constraints than the installation allows."""

import pytest

from hooks.cluster.api import NotFound
from hooks.kernel import resource
from hooks.nimservice import kinds
from hooks.nimservice.children import deployment
from hooks.resources import NIM_SERVICE, Settings
from tests.nimservice.children.endpointpicker import picked
from tests.simulated import played
from tests.situations import nimservice as situation
from tests.situations import stored

ENGINES = pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
ALL = "nonroot,anyuid,hostmount-anyuid"


def account(name):
    metadata = {"name": name, "namespace": stored.NAMESPACE}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def named(**spec):
    nim = situation.nimservice(**spec)
    return {**nim, "metadata": {"name": "llama", "namespace": stored.NAMESPACE}}


def running(**spec):
    ctx = situation.context(settings=Settings(openshift=True, openshift_constraints=ALL), **spec)
    (made,) = stored.built(deployment, ctx)
    return stored.applied(made, situation.nimservice(**spec), status=situation.rolled_out())


def status(simulation):
    found = simulation.get(kinds.NIM_SERVICE, "llama", stored.NAMESPACE)["status"]
    return {each["type"]: (each["reason"], each["message"]) for each in found["conditions"]}


def exists(simulation, kind, name="llama"):
    try:
        return bool(simulation.server.get(kind, stored.NAMESPACE, name))
    except NotFound:
        return False


@ENGINES
def test_no_pods_are_made_under_a_service_account_of_somebody_else(engine):
    theirs = account("llama")
    simulation = played(engine, theirs, named())
    assert not exists(simulation, kinds.DEPLOYMENT)
    reason, message = status(simulation)["Ready"]
    assert reason == "ServiceAccountTaken"
    assert "ServiceAccount llama already exists and has no owner" in message
    assert "kubectl label serviceaccounts llama" in message
    assert (
        simulation.server.get(kinds.SERVICE_ACCOUNT, stored.NAMESPACE, "llama")["metadata"].get(
            "labels", {}
        )
        == {}
    )
    simulation.delete(kinds.SERVICE_ACCOUNT, "llama", stored.NAMESPACE)
    simulation.settle()
    assert exists(simulation, kinds.DEPLOYMENT), "once it is gone, ours is made, and the pods"


def test_a_running_model_lives_on_when_its_service_account_is_replaced():
    nim = situation.nimservice()
    request = stored.request(nim, children=[running()], related=[account("llama")])
    answer = resource.sync(NIM_SERVICE, request, Settings(), stored.NOW)
    assert "Deployment" in [each["kind"] for each in answer.body["children"]]
    assert "ServiceAccount" not in [each["kind"] for each in answer.body["children"]]
    assert answer.held is None


@ENGINES
def test_an_endpoint_picker_gets_no_rights_but_its_own(engine):
    """It has a token, and its image is the user's choice."""
    expose = picked.expose()
    expose["router"]["gateway"] = {
        "name": "public",
        "namespace": "infra",
        "httpRoutesEnabled": True,
    }
    simulation = played(engine, account("llama-epp"), named(expose=expose))
    assert exists(simulation, kinds.DEPLOYMENT)
    assert not exists(simulation, kinds.DEPLOYMENT, "llama-epp")
    assert not exists(simulation, kinds.ROLE_BINDING, "llama-epp")
    assert "ServiceAccount llama-epp already exists" in status(simulation)["Degraded"][1]


WIDER = [
    ({"storage": {"hostPath": "/models"}}, "hostmount-anyuid"),
    ({"userID": 0}, "anyuid"),
    ({"proxy": {"certConfigMap": "ca"}}, "anyuid"),
]


def synced(settings, spec, children=()):
    nim = situation.nimservice(**spec)
    return resource.sync(NIM_SERVICE, stored.request(nim, children=children), settings, stored.NOW)


def kinds_of(answer):
    return {each["kind"] for each in answer.body["children"]}


@pytest.mark.parametrize(("spec", "needed"), WIDER)
def test_on_openshift_wider_constraints_than_allowed_are_refused_with_a_remedy(spec, needed):
    answer = synced(Settings(openshift=True), spec)
    assert not {"Deployment", "Role", "RoleBinding"} & kinds_of(answer)
    (ready,) = [each for each in answer.body["status"]["conditions"] if each["type"] == "Ready"]
    assert ready["reason"] == "ConstraintsNotAllowed"
    assert (
        f"SecurityContextConstraints {needed}, but this installation allows only nonroot"
        in (ready["message"])
    )
    assert "; " in ready["message"], "it has a remedy"


@pytest.mark.parametrize(("spec", "needed"), WIDER)
def test_on_openshift_what_is_allowed_is_given_and_nothing_else(spec, needed):
    for allowed, given in ((ALL, True), (needed, True), ("nonroot", False)):
        answer = synced(Settings(openshift=True, openshift_constraints=allowed), spec)
        roles = [each for each in answer.body["children"] if each["kind"] == "Role"]
        assert [each["rules"][0]["resourceNames"] for each in roles] == [[needed]] * given
        assert ("Deployment" in kinds_of(answer)) == given


@pytest.mark.parametrize(("spec", "needed"), WIDER)
def test_elsewhere_constraints_are_not_looked_at(spec, needed):
    assert "Deployment" in kinds_of(synced(Settings(), spec)), needed


def test_what_runs_with_constraints_that_are_no_longer_allowed_is_kept_as_it_is():
    spec = {"storage": {"hostPath": "/models"}}
    answer = synced(Settings(openshift=True), spec, [running(**spec)])
    assert answer.held == "ConstraintsNotAllowed"
    assert "Deployment" in kinds_of(answer)
