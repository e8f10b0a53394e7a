"""The three hooks, each a function from a request to an answer."""

import copy

import pytest

from hooks.kernel import resource
from hooks.kernel.builder import BuilderError
from hooks.nimservice import children, kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import applied, rolled_out
from tests.situations.stored import DYNAMIC, NOW, SERVER_SIDE, ago

CACHED = {"storage": {"nimCache": {"name": "cache"}}}
SETTINGS = Settings(resync_seconds=30, finalize_grace_seconds=300)


def silent(_):
    """Ask a model server that does not say its name."""


def nobody(_):
    raise AssertionError("nobody is to be asked")


def sync(nim=None, observed=(), related=(), ask=silent, settings=SETTINGS, **options):
    request = stored.request(nim or situation.nimservice(), observed, related, **options)
    return situation.named(resource.sync(NIM_SERVICE, request, settings, NOW), ask)


def running(counts=None, engine=DYNAMIC, related=(), **spec):
    """Return the children of a NIMService as observed once they run."""
    planned = children.plan(situation.context(related=related, **spec)).children
    return [
        applied(
            each,
            engine=engine,
            status=(counts or rolled_out()) if each["kind"] == "Deployment" else None,
        )
        for each in planned
    ]


def conditions(answer):
    return {each["type"]: each["reason"] for each in answer["status"]["conditions"]}


# sync


def test_a_first_sync_makes_children_and_says_so():
    answer = sync()
    assert [child["kind"] for child in answer["children"]] == [
        "ServiceAccount",
        "Service",
        "Deployment",
    ]
    assert answer["status"]["state"] == "Pending"
    assert set(answer) == {"status", "children", "resyncAfterSeconds"}


def test_what_is_under_way_is_looked_at_again_and_what_rests_is_not():
    """An event can be lost when a hook fails. Q49, I-33: at rest nothing asks for anything."""
    assert sync(settings=Settings(resync_seconds=7))["resyncAfterSeconds"] == 7
    assert "resyncAfterSeconds" not in sync(observed=running())
    assert "resyncAfterSeconds" not in sync(
        situation.nimservice(replicas=0), running(rolled_out(0), replicas=0)
    )


def test_a_sync_never_says_that_it_is_finalized():
    """Metacontroller believes it of every hook, and takes the finalizer away."""
    assert "finalized" not in sync()


# a spec that is refused

BROKEN = {"image": {"repository": "x", "tag": 1.8}}


@pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
@pytest.mark.parametrize(
    "spec", [BROKEN, {"storage": {}}, {"resources": {"limits": {"cpu": "much"}}}, {"storage": None}]
)
def test_a_refused_spec_holds_every_child(spec, engine):
    before = {"metrics": {"enabled": True}, "storage": {"pvc": {"create": True, "size": "1Gi"}}}
    observed = running(engine=engine, **before)
    answer = sync(situation.nimservice(generation=2, **spec), observed)
    assert {child["kind"] for child in answer["children"]} == {child["kind"] for child in observed}
    assert in_order(answer["children"]) == in_order(made(before))
    assert conditions(answer)["Ready"] == "InvalidSpec"


def made(spec):
    return children.plan(situation.context(**spec)).children


def in_order(objects):
    return sorted(objects, key=lambda each: each["kind"])


def test_a_refused_spec_makes_nothing_new():
    answer = sync(situation.nimservice(**BROKEN))
    assert answer["children"] == []
    assert answer["status"]["state"] == "Failed"
    assert "resyncAfterSeconds" not in answer


@pytest.mark.parametrize("spec", [None, [], "x", 7])
def test_a_spec_that_is_no_object_is_refused_too(spec):
    nim = {**situation.nimservice(), "spec": spec}
    observed = running()
    assert len(sync(nim, observed)["children"]) == len(observed)


def test_a_bug_is_an_exception_and_not_an_answer(monkeypatch):
    def broken(_):
        raise KeyError("oops")
        yield

    monkeypatch.setattr(children, "BUILDERS", (*children.BUILDERS, broken))
    with pytest.raises(BuilderError):
        sync(observed=running())


# the model's name


def test_a_ready_model_is_asked_for_its_name_where_its_service_is():
    """Q20, I-27: readiness is Kubernetes' readiness, and the name comes on top."""
    asked = []

    def ask(address):
        asked.append(address)
        return "meta/llama"

    answer = sync(observed=running(), ask=ask)
    assert asked == ["10.96.0.10:8000"]
    assert answer["status"]["model"]["name"] == "meta/llama"


@pytest.mark.parametrize(
    ("nim", "observed", "settings"),
    [
        (situation.nimservice(), running(), Settings(model_lookup=False)),
        (situation.nimservice(), running(rolled_out(1, availableReplicas=0)), SETTINGS),
        (situation.nimservice(replicas=0), running(rolled_out(0), replicas=0), SETTINGS),
        (
            situation.nimservice(),
            [each for each in running() if each["kind"] != "Service"],
            SETTINGS,
        ),
        (
            situation.nimservice(status={"observedGeneration": 1, "model": {"name": "x"}}),
            running(),
            SETTINGS,
        ),
        (situation.nimservice(), (), SETTINGS),
        (situation.nimservice(**BROKEN), running(), SETTINGS),
    ],
    ids=[
        "switched off",
        "not ready",
        "scaled to zero",
        "without a Service",
        "known",
        "not there",
        "refused",
    ],
)
def test_nobody_is_asked_without_need(nim, observed, settings):
    sync(nim, observed, ask=nobody, settings=settings)


def test_a_new_generation_is_asked_again():
    nim = situation.nimservice(
        generation=2, status={"observedGeneration": 1, "model": {"name": "old"}}
    )
    assert sync(nim, running(), ask=lambda _: "new")["status"]["model"]["name"] == "new"


@pytest.mark.parametrize("status", [{}, {"observedGeneration": 1, "model": {"name": ""}}])
def test_a_silent_model_is_ready_all_the_same(status):
    """Q20, I-27: in the reference it is never ready."""
    answer = sync(situation.nimservice(status=status), running())
    assert answer["status"]["state"] == "Ready"
    assert answer["status"]["model"]["name"] == ""


# finalize


def finalize(observed=(), since=NOW, nim=None, **options):
    nim = nim or situation.nimservice(deleted=since)
    return resource.finalize(
        NIM_SERVICE, stored.request(nim, observed, finalizing=True, **options), SETTINGS, NOW
    ).body


def test_finalize_goes_in_order_and_says_when_it_is_done():
    observed = running(metrics={"enabled": True}, storage={"pvc": {"create": True, "size": "1Gi"}})
    stages = []
    while True:
        answer = finalize(observed)
        stages.append(sorted(child["kind"] for child in answer["children"]))
        if answer["finalized"]:
            break
        kept = {(child["kind"], child["metadata"]["name"]) for child in answer["children"]}
        observed = [
            child for child in observed if (child["kind"], child["metadata"]["name"]) in kept
        ]
    assert stages == [
        ["Deployment", "PersistentVolumeClaim", "Service", "ServiceAccount"],
        ["PersistentVolumeClaim", "Service", "ServiceAccount"],
        [],
        [],
    ]


def test_finalize_is_called_again_until_it_is_done():
    assert finalize(running())["resyncAfterSeconds"] == 30
    assert "resyncAfterSeconds" not in finalize()


def test_what_is_being_deleted_says_so():
    answer = finalize(running())
    assert answer["status"]["state"] == "NotReady"
    assert conditions(answer)["Ready"] == "Terminating"


def test_a_refused_spec_can_be_deleted():
    """I-10, Q43: in the reference a NIMService that is not valid any more cannot be deleted."""
    nim = situation.nimservice(deleted=NOW, **BROKEN)
    assert finalize(nim=nim)["finalized"]
    assert not finalize(running(), nim=nim)["finalized"]


def test_after_the_grace_it_is_done_whatever_is_left():
    assert finalize(running(), since=ago(seconds=301))["finalized"]


def test_what_leaves_the_label_selector_is_taken_apart_although_nobody_deleted_it():
    few = [kind for kind in kinds.MANAGED if kind is not kinds.DEPLOYMENT]
    answer = finalize(nim=situation.nimservice(), manages=few)
    assert answer["finalized"]


# customize


def customize(settings=SETTINGS, manages=kinds.MANAGED, nim=None, **spec):
    return resource.customize(
        NIM_SERVICE,
        stored.request(nim or situation.nimservice(**spec), manages=manages),
        settings,
    ).body["relatedResources"]


def test_a_nimcache_is_asked_for_by_name():
    (rule,) = customize(Settings(pod_causes=False), **CACHED)
    assert rule == {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "resource": "nimcaches",
        "namespace": "nim",
        "names": ["cache"],
    }


@pytest.mark.parametrize(
    "storage", [{"pvc": {"name": "models"}}, {"nimCache": {"name": ""}, "emptyDir": {}}]
)
def test_without_a_nimcache_none_is_asked_for(storage):
    """A rule without names would ask for every NIMCache of the cluster."""
    assert not customize(Settings(pod_causes=False), storage=storage)


def test_pods_are_asked_for_by_their_label_in_the_namespace():
    rules = [rule for rule in customize() if rule["resource"] == "pods"]
    assert rules[0]["labelSelector"] == {
        "matchExpressions": [
            {"key": "app", "operator": "In", "values": ["llama", "llama-lws", "llama-epp"]}
        ]
    }
    assert {rule["namespace"] for rule in rules} == {"nim"}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        CACHED,
        {"inferencePlatform": "kserve"},
        {"draResources": [{"resourceClaimTemplateName": "gpus"}]},
        {"multiNode": {"parallelism": {"pipeline": 2}, "computeDomain": {"name": "domain"}}},
    ],
)
def test_every_rule_names_the_namespace_and_no_secrets_or_config_maps(spec):
    for rule in customize(**spec):
        assert rule["namespace"] == "nim"
        assert rule.get("names") != []
        assert not ("names" in rule and "labelSelector" in rule)
        assert rule["resource"] in {"nimcaches", "pods", "resourceclaims", "computedomains"}


def test_customize_depends_on_the_spec_alone():
    """Metacontroller keeps the answer for the generation."""
    nim = situation.nimservice(
        **CACHED, deleted=NOW, status={"observedGeneration": 1, "state": "Ready"}
    )
    nim["metadata"] |= {"labels": {"a": "b"}, "annotations": {"c": "d"}, "resourceVersion": "99"}
    assert customize(nim=nim) == customize(**CACHED)


def test_a_refused_spec_asks_for_nothing():
    assert customize(**BROKEN) == []


# all of them


def test_no_hook_writes_to_its_request():
    nim = situation.nimservice(**CACHED, status={"observedGeneration": 1, "conditions": []})
    request = stored.request(nim, running(related=[nimcache()], **CACHED), [nimcache()])
    before = copy.deepcopy(request)
    resource.sync(NIM_SERVICE, request, SETTINGS, NOW)
    resource.finalize(NIM_SERVICE, request, SETTINGS, NOW)
    resource.customize(NIM_SERVICE, request, SETTINGS)
    assert request == before
