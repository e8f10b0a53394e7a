"""The plan: every child of a NIMService, and what was found out on the way."""

import pytest

from hooks.kernel.builder import BuilderError
from hooks.nimservice import children, kinds
from hooks.nimservice.children import service
from hooks.resources import Settings
from tests.situations import nimservice as situation
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import applied, context
from tests.situations.stored import DYNAMIC, SERVER_SIDE

CACHED = {"storage": {"nimCache": {"name": "cache"}}}
GATEWAY = {"expose": {"router": {"gateway": {"namespace": "gw", "name": "gw"}}}}
CREATED = {"storage": {"pvc": {"create": True, "size": "50Gi"}}}


def plan(*args, **options):
    return children.plan(context(*args, **options))


def kinds_of(planned):
    return [child["kind"] for child in planned.children]


def test_a_small_nimservice_has_three_children():
    """On a cluster without OpenShift it costs two objects less than in the reference."""
    assert kinds_of(plan()) == ["ServiceAccount", "Service", "Deployment"]


def test_on_openshift_it_has_two_more():
    assert set(kinds_of(plan(settings=Settings(openshift=True)))) == {
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "Service",
        "Deployment",
    }


def test_everything_at_once_has_one_of_each():
    planned = plan(
        **CREATED,
        metrics={"enabled": True},
        scale={"enabled": True, "hpa": {"maxReplicas": 2}},
        expose={
            "service": {"grpcPort": 9000},
            "router": {"gateway": {"namespace": "gw", "name": "gw", "grpcRoutesEnabled": True}},
        },
    )
    assert sorted(kinds_of(planned)) == sorted(
        [
            "ServiceAccount",
            "Service",
            "PersistentVolumeClaim",
            "Deployment",
            "HorizontalPodAutoscaler",
            "HTTPRoute",
            "GRPCRoute",
            "ServiceMonitor",
        ]
    )
    assert not planned.findings


@pytest.mark.parametrize("child", kinds.MANAGED, ids=lambda kind: kind.kind)
def test_a_kind_that_is_not_managed_is_left_out_and_named_with_its_component(child):
    """Answered all the same, Metacontroller would fail every sync over it."""
    planned = plan(
        manages=[kind for kind in kinds.MANAGED if kind is not child],
        **GATEWAY,
        metrics={"enabled": True},
    )
    assert child.kind not in kinds_of(planned)
    named = [finding.text for finding in planned.findings if finding.reason == "KindNotManaged"]
    wanted = child in (
        kinds.HTTP_ROUTE,
        kinds.SERVICE_MONITOR,
        kinds.SERVICE_ACCOUNT,
        kinds.SERVICE,
        kinds.DEPLOYMENT,
    )
    assert [
        child.kind in message and " or ".join(child.components) in message for message in named
    ] == [True] * wanted


def test_only_what_is_asked_for_can_be_missed():
    assert not plan(manages=[kinds.SERVICE_ACCOUNT, kinds.SERVICE, kinds.DEPLOYMENT]).findings


def test_a_bug_in_a_builder_is_an_error_that_names_it_and_never_an_answer_without_its_children(
    monkeypatch,
):
    def broken(_):
        yield {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "half"}}
        raise KeyError("oops")

    broken.__module__ = service.__name__
    monkeypatch.setattr(children, "BUILDERS", (broken,))
    with pytest.raises(BuilderError, match="service: KeyError: 'oops'"):
        plan()


# a hold: what runs stays as it was applied while an input is missing


def deployed(engine=DYNAMIC, **spec):
    """Return the Deployment that runs, as a NIMCache that was ready once let it be made."""
    (made,) = [
        child
        for child in plan(related=[nimcache()], **{**CACHED, **spec}).children
        if child["kind"] == "Deployment"
    ]
    return made, applied(made, engine=engine)


@pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
@pytest.mark.parametrize(
    "related",
    [[], [nimcache(state="InProgress")], [nimcache(state="Failed")], [nimcache(pvc="")]],
    ids=["gone", "not ready", "failed", "without a claim"],
)
def test_a_running_workload_is_held_while_its_nimcache_cannot_be_used(related, engine):
    """I-16: in the reference a NIMService goes back and forth with its NIMCache."""
    made, running = deployed(engine)
    held = [
        child
        for child in plan([running], related, **CACHED).children
        if child["kind"] == "Deployment"
    ]
    assert held == [made]


def test_a_hold_waits_with_an_edit_that_would_restart_pods():
    made, running = deployed()
    planned = plan([running], **CACHED, env=[{"name": "NEW", "value": "1"}], generation=2)
    assert made in planned.children


def test_what_needs_no_model_store_is_made_during_a_hold():
    _, running = deployed()
    assert {"Service", "HTTPRoute", "Deployment"} <= set(
        kinds_of(plan([running], **CACHED, **GATEWAY))
    )


def test_a_workload_that_does_not_exist_yet_is_not_made_during_a_hold():
    assert kinds_of(plan(**CACHED)) == ["ServiceAccount", "Service"]


def test_an_unknown_profile_holds_what_runs():
    """Q50."""
    made, running = deployed()
    storage = {"nimCache": {"name": "cache", "profile": "int4"}}
    planned = plan([running], [nimcache(profiles=[{"name": "fp8"}])], storage=storage, generation=2)
    assert made in planned.children


# claims


def claim(engine=DYNAMIC):
    (made,) = [
        child for child in plan(**CREATED).children if child["kind"] == "PersistentVolumeClaim"
    ]
    return made, applied(made, engine=engine, status={"phase": "Bound"})


@pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
@pytest.mark.parametrize(
    "storage",
    [
        {"pvc": {"name": "models"}},
        {"pvc": {"create": True, "size": "1Gi", "name": "another"}},
        {"emptyDir": {}},
        {"nimCache": {"name": "cache"}},
        {"hostPath": "/models"},
    ],
    ids=["an existing claim", "another claim", "an empty directory", "a NIMCache", "a host path"],
)
def test_a_claim_that_exists_stays_in_every_answer(storage, engine):
    """Left out, it would be deleted, and the model with it."""
    made, existing = claim(engine)
    assert made in plan([existing], storage=storage).children


def test_a_claim_that_is_still_asked_for_is_answered_once():
    _, existing = claim()
    assert kinds_of(plan([existing], **CREATED)).count("PersistentVolumeClaim") == 1


# what is not asked for any more is gone


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        ({"metrics": {"enabled": True}}, "ServiceMonitor"),
        ({"scale": {"enabled": True, "hpa": {"maxReplicas": 2}}}, "HorizontalPodAutoscaler"),
        (GATEWAY, "HTTPRoute"),
        ({"expose": {"router": {"ingress": {"ingressClass": "nginx"}}}}, "Ingress"),
    ],
)
def test_a_child_that_is_not_asked_for_any_more_is_left_out(before, kind):
    """Q18, I-26: the reference never removes a ServiceMonitor. I-8, Q17: only what is observed, and
    so is ours, can be gone."""
    existing = [applied(child) for child in plan(**before).children]
    assert kind in {child["kind"] for child in existing}
    assert kind not in kinds_of(plan(existing))


def test_a_given_name_adds_a_service_and_takes_none_away():
    existing = [applied(child) for child in plan().children]
    names = [
        child["metadata"]["name"]
        for child in plan(existing, expose={"service": {"name": "chat"}}).children
        if child["kind"] == "Service"
    ]
    assert names == ["llama", "chat"]


@pytest.mark.parametrize("route", [True, False])
def test_a_route_that_is_switched_off_is_not_made(route):
    """I-1, Q3: in the reference ``false`` does not stick, because its own writes drop it."""
    gateway = {"namespace": "gw", "name": "gw", "httpRoutesEnabled": route}
    assert ("HTTPRoute" in kinds_of(plan(expose={"router": {"gateway": gateway}}))) == route


def test_the_spec_is_not_written_to():
    """I-1, I-7: the reference rewrites its user's spec."""
    ctx = context(
        **CREATED, resources={"limits": {"memory": "1024Mi"}}, affinity={"podAffinity": None}
    )
    before = situation.nimservice(
        **CREATED, resources={"limits": {"memory": "1024Mi"}}, affinity={"podAffinity": None}
    )
    children.plan(ctx)
    assert ctx.request.parent == before
