"""Histories of NIMCaches: no life ends with two downloads, a lost claim, or another state than that
of a fresh apply, and nothing is written at rest."""

import pytest

from hooks.nimcache import life
from tests.histories import cachelife
from tests.histories.cachelife import BASES, draw, play
from tests.histories.history import shortened
from tests.histories.judge import Violation
from tests.histories.soak import story

SEEDS = range(12)
MANY = range(30)
"""So many that each mistake shows itself in one of them."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_life_harms_nothing_and_ends_as_a_fresh_apply_does(seed):
    told = story(seed, "nimcache")
    assert told is None, f"\n{told}"


def test_a_failing_life_is_cut_down_to_the_steps_that_matter():
    life = draw(3)
    wanted = life.steps[11], life.steps[29]
    shorter = shortened(life, lambda each: set(wanted) <= set(each.steps))
    assert shorter.steps == wanted
    assert str(wanted[0]) in str(shorter)


def test_lives_cover_both_engines_and_every_base():
    drawn = [draw(seed) for seed in SEEDS]
    assert {(each.engine, each.base) for each in drawn} == {
        (engine, base) for engine in ("dynamic-apply", "server-side-apply") for base in BASES
    }
    done = {step.action for each in drawn for step in each.steps}
    assert done == {*cachelife.ACTIONS}


MISTAKES = {
    "two downloads": (life, "_STEPS", tuple(s for s in life._STEPS if s is not life._leftover)),
    "a second download": (life, "_STEPS", tuple(s for s in life._STEPS if s is not life._ready)),
}


@pytest.mark.parametrize("rule", MISTAKES)
def test_a_mistake_is_found_and_named(monkeypatch, rule):
    monkeypatch.setattr(*MISTAKES[rule])
    found = set()
    for seed in MANY:
        try:
            play(draw(seed))
        except Violation as violation:
            found.add(violation.rule)
        if rule in found:
            return
    raise AssertionError(f"no life of {len(MANY)} shows it: {found}")
