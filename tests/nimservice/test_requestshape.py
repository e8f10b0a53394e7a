"""Shape: what no API server could have sent is told so, a spec that breaks its schema is refused, and a mistake of ours stays one."""

import orjson
import pytest

from hooks.kernel import protocol, resource
from hooks.kernel.builder import BuilderError
from hooks.kernel.protocol import BadRequest
from hooks.nimservice import children, requestshape
from hooks.preview.installation import Hooks
from hooks.resources import NIM_SERVICE, Settings
from tests.fuzz import corpus
from tests.situations import nimservice as situation
from tests.situations import stored

SETTINGS = Settings()
HOOKS = ("sync", "finalize")


def made(**spec):
    return [situation.applied(child) for child in children.plan(situation.context(**spec)).children]


def ask(hook, request):
    if hook == "sync":
        return resource.sync(NIM_SERVICE, request, SETTINGS, stored.NOW).body
    return (
        resource.finalize(NIM_SERVICE, request, SETTINGS, stored.NOW).body
        if hook == "finalize"
        else resource.customize(NIM_SERVICE, request, SETTINGS).body
    )


def spoilt(change):
    observed = made()
    deployment = next(child for child in observed if child["kind"] == "Deployment")
    nim = situation.nimservice(status={"state": "Ready", "conditions": []})
    change(nim, deployment)
    return stored.request(nim, observed)


ODD = {
    "children[Deployment.apps/v1][nim/llama].spec.replicas: must be a whole number": lambda _, child: (
        child["spec"].update(replicas=1e40)
    ),
    "children[Deployment.apps/v1][nim/llama].spec: must be an object": lambda _, child: (
        child.update(spec="x")
    ),
    "children[Deployment.apps/v1][nim/llama].spec.template: must be a template with a spec": lambda _, child: (
        child["spec"]["template"].update(spec=[1])
    ),
    "children[Deployment.apps/v1][nim/llama].metadata.managedFields: must be a list of objects": lambda _, child: (
        child["metadata"].update(managedFields=[7])
    ),
    "parent.status.conditions: must be a list, is the number 7; write it as a list, [7]": lambda nim, _: (
        nim["status"].update(conditions=7)
    ),
}


@pytest.mark.parametrize("words", ODD)
def test_what_no_api_server_sends_is_told_so(words):
    assert requestshape.oddity(spoilt(ODD[words])) == words


def test_a_hook_that_fails_over_it_answers_so():
    with pytest.raises(BadRequest) as caught:
        ask("sync", spoilt(lambda nim, _: nim["status"].update(conditions=7)))
    assert caught.value.status == 422
    assert (
        str(caught.value)
        == "parent.status.conditions: must be a list, is the number 7; write it as a list, [7]"
    )


@pytest.mark.parametrize(
    ("hook", "depth", "status"),
    [
        ("sync", 200, 200),
        ("sync", 250, 422),
        ("sync", 300, 422),
        ("sync", 1000, 422),
        ("finalize", 200, 200),
        ("finalize", 1000, 422),
    ],
)
def test_a_part_of_the_answer_is_not_nested_more_deeply_than_it_can_be_written(hook, depth, status):
    nim = situation.nimservice(affinity="DEEP", status={"modelStore": {"storageHash": "DEEP"}})
    nested = b'{"preferred":' * depth + b"{}" + b"}" * depth
    body = orjson.dumps(stored.body(nim)).replace(b'"DEEP"', nested)
    answered, _, text = Hooks(SETTINGS, lambda: stored.NOW)(f"/nimservice/{hook}", body)
    assert answered == status
    assert status == 200 or orjson.loads(text) == {"error": "body: nested too deeply"}


def test_what_api_servers_send_is_never_odd():
    assert [requestshape.oddity(protocol.decode(sample.body)) for sample in corpus.samples()] == [
        None
    ] * len(corpus.samples())


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"resources": {"limits": "x"}}, "spec.resources.limits: must be an object"),
        ({"env": [{"value": "x"}]}, "spec.env[0].name: is required"),
        (
            {"startupProbe": {"probe": {"periodSeconds": [1]}}},
            "spec.startupProbe.probe.periodSeconds: must be a whole number",
        ),
    ],
)
def test_a_spec_that_breaks_its_schema_is_refused_and_everything_held(spec, words):
    """A CRD that was installed by hand may lack what these hooks rely on."""
    observed = made()
    answer = ask("sync", stored.request(situation.nimservice(**spec), observed))
    assert len(answer["children"]) == len(observed)
    ready = answer["status"]["conditions"][0]
    assert (ready["reason"], ready["status"]) == ("InvalidSpec", "False")
    assert ready["message"].startswith(words)


def test_customize_asks_for_nothing_where_the_spec_breaks_its_schema():
    broken = situation.nimservice(resources={"limits": "x"})
    assert ask("customize", stored.request(broken)) == {"relatedResources": []}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_mistake_of_ours_stays_an_exception(monkeypatch, hook):
    """It is answered with a 500, which changes nothing."""
    monkeypatch.setattr(resource, "_context", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ask(hook, stored.request(situation.nimservice(), made()))


@pytest.mark.parametrize("position", range(len(children.BUILDERS)))
def test_a_builder_that_fails_is_named_and_no_answer_is_given(monkeypatch, position):
    """Answers are total: without its children, one would delete them."""
    builder = children.BUILDERS[position]

    def failing(ctx):
        yield from builder(ctx)
        raise KeyError("x")

    failing.__module__ = builder.__module__
    monkeypatch.setattr(
        children,
        "BUILDERS",
        (*children.BUILDERS[:position], failing, *children.BUILDERS[position + 1 :]),
    )
    hooks = Hooks(SETTINGS, lambda: stored.NOW)
    with pytest.raises(BuilderError, match=builder.__module__.rpartition(".")[2]):
        hooks("/nimservice/sync", orjson.dumps(stored.body(situation.nimservice(), made())))
