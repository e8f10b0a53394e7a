"""Histories: random lives of a NIMService end as a fresh apply does, and harm no model on the way.

`make soak` plays many more. What a history consists of stands in ``tests/histories/history.py``,
what must never happen in ``judge.py`` and ``settled.py`` beside it.
"""

import pytest

from hooks.kernel import condition
from hooks.nimservice import children, modelstore, replicas
from hooks.nimservice.children import template
from hooks.nimservice.children.multinode import sshkey
from hooks.nimservice.children.template import resource
from hooks.nimservice.modelstore import Blocked
from hooks.preview import render
from hooks.resources import Settings
from tests.histories import edits, reasons
from tests.histories.edits import BASES, EDITS
from tests.histories.history import STEPS, History, draw, play, shortened
from tests.histories.judge import Violation
from tests.histories.soak import story
from tests.histories.step import Step
from tests.situations import stored

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_history_harms_nothing_and_ends_as_a_fresh_apply_does(seed):
    told = story(seed)
    assert told is None, f"\n{told}"


def test_histories_are_long_and_cover_both_engines_and_every_base():
    drawn = [draw(seed) for seed in SEEDS]
    assert all(len(history.steps) == STEPS >= 40 for history in drawn)
    assert {(history.engine, history.base) for history in drawn} == {
        (engine, base) for engine in ("dynamic-apply", "server-side-apply") for base in BASES
    }


def test_the_same_seed_is_the_same_history():
    assert draw(7) == draw(7)
    assert play(draw(7)).sim.timeline[-1].time == play(draw(7)).sim.timeline[-1].time


def test_a_failing_history_is_cut_down_to_the_steps_that_matter():
    history = draw(3)
    wanted = history.steps[11], history.steps[29]
    shorter = shortened(history, lambda each: set(wanted) <= set(each.steps))
    assert shorter.steps == wanted


@pytest.mark.parametrize("base", BASES)
def test_the_reasons_of_children_are_told_right(monkeypatch, base):
    """The second telling must name what the hooks make, or it would guard nothing."""
    monkeypatch.setattr(sshkey, "_private_key", lambda: "a2V5")  # making a real one takes its time
    first = edits.first(base)
    specs = [
        first["spec"],
        *(edits.applied(first["spec"], edit) for group in EDITS.values() for edit in group),
    ]
    for spec in specs:
        nim = {**first, "spec": spec}
        if reasons.refused(nim):
            continue
        answer = render.render(
            nim, [edits.cache(name) for name in edits.CACHES], Settings(), now=stored.NOW
        )
        for child in answer["children"]:
            assert reasons.stands(child["kind"], child["metadata"]["name"], nim, lambda _: True), (
                child["kind"],
                spec,
            )


def broken(monkeypatch, module, name, replacement):
    monkeypatch.setattr(module, name, replacement(getattr(module, name)))


def losing_what_is_blocked(in_transition):
    def lossy(ctx, made):
        return made if isinstance(ctx.store, Blocked) else in_transition(ctx, made)

    return lossy


def with_the_generation(metadata):
    return lambda ctx, *args: {
        **metadata(ctx, *args),
        "annotations": {"generation": str(ctx.nim.metadata.generation)},
    }


BUGS = {
    "lost": (children, "_in_transition", losing_what_is_blocked),
    "restarted": (template, "metadata", with_the_generation),
    "moved": (
        modelstore,
        "resolve",
        lambda resolve: lambda nim, cache, status, _pod: resolve(nim, cache, status, None),
    ),
    "jumped": (
        replicas,
        "wanted",
        lambda _: lambda ctx: None if ctx.nim.autoscaled else ctx.nim.replicas,
    ),
    "restless": (
        resource,
        "quantities",
        lambda _: lambda amounts: {name: str(amount) for name, amount in (amounts or {}).items()},
    ),
    "time": (
        condition,
        "_since",
        lambda _: lambda _condition, _old, now: now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    ),
}
"""A mistake for each rule that the histories are there to find."""

CACHED, CLAIM = "cached", "claim"
STORIES = {
    "lost": (CACHED, Step("create", (), 70), Step("cache", ("cache", "gone"), 5)),
    "restarted": (CLAIM, Step("create", (), 70), Step("edit", ("replicas", 3), 5)),
    "moved": (
        CACHED,
        Step("create", (), 70),
        Step("hooks", ("down",), None),
        Step("cache", ("cache", "another claim"), None),
        Step("edit", ("image", 0), None),
        Step("hooks", ("up",), 70),
    ),
    "jumped": (CLAIM, Step("create", (), 70), Step("edit", ("replicas", 4), 5)),
    "restless": (CLAIM, Step("create", (), 5), Step("edit", ("resources", 1), 5)),
    "time": (CLAIM, Step("create", (), 70)),
}


@pytest.mark.parametrize("rule", BUGS)
def test_a_mistake_is_found_and_named(monkeypatch, rule):
    broken(monkeypatch, *BUGS[rule])
    base, *steps = STORIES[rule]
    with pytest.raises(Violation) as found:
        play(History(0, "dynamic-apply", base, rules=True, steps=tuple(steps)))
    assert found.value.rule == rule
