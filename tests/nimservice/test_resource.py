"""The three hooks, each a function from a request to an answer."""

import copy

import pytest

from hooks.kernel import resource
from hooks.kernel.builder import BuilderError
from hooks.nimservice import children
from hooks.resources import NIM_SERVICE, Settings
from tests.nimservice.running import BROKEN, CACHED, SETTINGS, conditions, running
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import rolled_out
from tests.situations.stored import DYNAMIC, NOW, SERVER_SIDE


def silent(_):
    """Ask a model server that does not say its name."""


def nobody(_):
    raise AssertionError("nobody is to be asked")


def sync(nim=None, observed=(), related=(), ask=silent, settings=SETTINGS, **options):
    request = stored.request(nim or situation.nimservice(), observed, related, **options)
    return situation.named(resource.sync(NIM_SERVICE, request, settings, NOW), ask)


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
            situation.nimservice(status={"model": {"name": "x", "observedGeneration": 1}}),
            running(),
            SETTINGS,
        ),
        (
            situation.nimservice(status={"model": {"name": "", "observedGeneration": 1}}),
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
        "without a name",
        "not there",
        "refused",
    ],
)
def test_nobody_is_asked_without_need(nim, observed, settings):
    sync(nim, observed, ask=nobody, settings=settings)


@pytest.mark.parametrize("seen", [1, 2])
def test_a_new_generation_is_asked_again(seen):
    """When a rollout ends, its generation has been observed for long, and the name is of the
    former."""
    status = {"observedGeneration": seen, "model": {"name": "old", "observedGeneration": 1}}
    nim = situation.nimservice(generation=2, status=status)
    assert sync(nim, running(), ask=lambda _: "new")["status"]["model"]["name"] == "new"


def test_what_is_known_of_the_name_stays_where_nobody_is_asked():
    known = {"name": "old", "observedGeneration": 1}
    nim = situation.nimservice(generation=2, status={"model": known})
    model = sync(nim, running(), settings=Settings(model_lookup=False))["status"]["model"]
    assert {key: model[key] for key in known} == known


@pytest.mark.parametrize("status", [{}, {"observedGeneration": 1, "model": {"name": ""}}])
def test_a_silent_model_is_ready_all_the_same(status):
    """Q20, I-27: in the reference it is never ready."""
    answer = sync(situation.nimservice(status=status), running())
    assert answer["status"]["state"] == "Ready"
    assert "name" not in answer["status"]["model"]


# all of them


def test_no_hook_writes_to_its_request():
    nim = situation.nimservice(**CACHED, status={"observedGeneration": 1, "conditions": []})
    request = stored.request(nim, running(related=[nimcache()], **CACHED), [nimcache()])
    before = copy.deepcopy(request)
    resource.sync(NIM_SERVICE, request, SETTINGS, NOW)
    resource.finalize(NIM_SERVICE, request, SETTINGS, NOW)
    resource.customize(NIM_SERVICE, request, SETTINGS)
    assert request == before
