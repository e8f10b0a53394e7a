"""Fuzz: spoilt requests never end in an exception, a long wait or an answer that loses a child.

`make fuzz` spoils many more. How they are spoilt stands in ``tests/fuzz/mutation.py``, what an
answer must not do in ``verdict.py``.
"""

import random
import time

import orjson
import pytest

from hooks.nimservice.children import plan
from hooks.web.answer.front import Front
from tests.fuzz import run, wire
from tests.fuzz.corpus import HOOKS, Sample, samples
from tests.fuzz.mutation import REGIONS, Mutant, mutant
from tests.fuzz.verdict import problem
from tests.situations import nimservice as situation
from tests.situations import stored

REQUESTS = 3000


@pytest.fixture(scope="module")
def sync():
    """A request to sync that shows a claim, and is answered with it."""
    return next(
        sample
        for sample in samples()
        if sample.hook == "sync" and b'"nim/llama-pvc"' in sample.body
    )


def whole(sample):
    return Mutant(sample.body, frozenset({"status"}), ())


def answering(answer, status=200):
    body = orjson.dumps(answer)
    return lambda _path, _body: (status, {}, body)


def without(sample, kind):
    return answering(
        {
            **sample.answer,
            "children": [child for child in sample.answer["children"] if child["kind"] != kind],
        }
    )


def with_children(sample, *children):
    return answering({**sample.answer, "children": [*sample.answer["children"], *children]})


@pytest.mark.parametrize("batch", range(10))
def test_no_spoilt_request_harms(batch):
    size = REQUESTS // 10
    told = [told for seed in range(batch * size, (batch + 1) * size) if (told := run.found(seed))]
    assert not told, "\n".join(told)


def test_what_is_spoilt_covers_every_hook_and_every_part(sync):
    assert {sample.hook for sample in samples()} == {"sync", "finalize", "customize"}
    spoilt = [mutant(sync.body, random.Random(seed)) for seed in range(400)]
    assert {*REGIONS} <= {region for each in spoilt for region in each.regions}
    assert sum(each.body != sync.body for each in spoilt) > 350


def test_parts_of_other_requests_are_swapped_in_and_every_resource_is_asked(sync):
    donors = [each.body for each in samples() if each.hook == "sync"]
    swapped = [
        mutant(sync.body, random.Random(seed), donors[seed % len(donors)]) for seed in range(100)
    ]
    assert sum("of another request" in " ".join(each.told) for each in swapped) > 50
    assert {each.resource for each in samples()} == {"nimservice", "nimcache", "nimpipeline"}


@pytest.mark.parametrize("batch", range(4))
def test_no_fault_of_http_harms(batch):
    asked = samples()
    told = []
    for seed in range(batch * 50, batch * 50 + 50):
        chance = random.Random(seed)
        sample = chance.choice(asked)
        text, what = wire.spoilt(sample, chance)
        if wrong := wire.problem(text, chance.choice((1, 3))):
            told.append(f"{seed} ({what}): {wrong}")
    assert not told, "\n".join(told)


def test_a_bug_behind_the_wire_is_told(monkeypatch, sync):
    whole_ = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (
        sync.path.encode(),
        len(sync.body),
    )
    assert wire.problem(whole_ + sync.body) is None
    monkeypatch.setattr(Front, "answer", failing)
    assert "TypeError" in wire.problem(whole_ + sync.body)


def test_the_same_seed_spoils_the_same_way(sync):
    once = [mutant(sync.body, random.Random(seed)).body for seed in range(200)]
    assert [mutant(sync.body, random.Random(seed)).body for seed in range(200)] == once


def test_a_request_that_is_not_spoilt_is_answered_well():
    assert [problem(sample, whole(sample)) for sample in samples()] == [None] * len(samples())


def failing(_path, _body):
    raise KeyError("x")


def slow(_path, body):
    end = time.process_time() + 0.15
    while time.process_time() < end:
        pass
    return HOOKS("/nimservice/sync", body)


BAD = {
    "raises KeyError at ?: 'x'": lambda _: failing,
    "takes more than 0.1 s": lambda _: slow,
    "status 500": lambda _: answering({"error": "x"}, 500),
    "loses [('PersistentVolumeClaim.v1', 'nim/llama-pvc')]": lambda sync: without(
        sync, "PersistentVolumeClaim"
    ),
    "loses [('Service.v1', 'nim/llama')]": lambda sync: without(sync, "Service"),
    "a child without identity: {}": lambda sync: with_children(sync, {}),
    " is there twice": lambda sync: with_children(sync, sync.answer["children"][0]),
}


@pytest.mark.parametrize("words", BAD)
def test_a_bad_answer_is_told(sync, words):
    assert words in problem(sync, whole(sync), BAD[words](sync))


LARGE = {
    "many variables": {
        "env": [{"name": f"V{number}", "value": f"$(V{number + 1})"} for number in range(5000)]
    },
    "many containers": {
        "env": [{"name": f"V{number}", "value": "x"} for number in range(2000)],
        "sidecarContainers": [
            {"name": f"c{number}", "image": {"repository": "r", "tag": "1"}}
            for number in range(2000)
        ],
    },
}


@pytest.mark.parametrize("what", LARGE)
def test_a_spec_as_large_as_etcd_takes_is_answered_in_time(what):
    body = orjson.dumps(stored.body(situation.nimservice(**LARGE[what])))
    assert (
        problem(
            Sample("nimservice", "sync", body, {"children": []}),
            Mutant(body, frozenset({"spec"}), ()),
        )
        is None
    )


def test_a_child_with_thousands_of_fields_is_held_in_time():
    env = [{"name": f"V{number}", "value": "x"} for number in range(5000)]
    made = next(
        each for each in plan(situation.context(env=env)).children if each["kind"] == "Deployment"
    )
    held = situation.applied(made, engine=stored.SERVER_SIDE)
    body = orjson.dumps(
        stored.body(situation.nimservice(storage={"nimCache": {"name": "cache"}}), [held])
    )
    assert (
        problem(
            Sample("nimservice", "sync", body, {"children": [made]}),
            Mutant(body, frozenset({"status"}), ()),
        )
        is None
    )


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refusal_of_the_request_loses_nothing(sync, status):
    assert problem(sync, whole(sync), answering({"error": "x"}, status)) is None


def test_what_the_spec_no_longer_asks_for_may_go_and_a_claim_may_not(sync):
    document = orjson.loads(sync.body)
    document["parent"]["spec"]["expose"] = {"service": {"port": 8000, "name": "other"}}
    renamed = Mutant(orjson.dumps(document), frozenset({"spec"}), ())
    assert problem(sync, renamed) is None
    assert problem(sync, renamed, without(sync, "PersistentVolumeClaim")).startswith("loses ")
