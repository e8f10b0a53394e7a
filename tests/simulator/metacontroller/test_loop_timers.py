"""Timers: when a parent is synced again without an event."""

import pytest

from tests.simulator.lab import WIDGET, Lab, config_map, returning


def test_a_429_is_asked_again_when_it_said_without_an_event() -> None:
    lab = Lab(lambda _: (429, {"Retry-After": "7"}, b""))
    lab.widget()
    lab.run()
    assert lab.calls() == 1
    assert not lab.loop.warnings
    lab.hooks["sync"] = returning(config_map("a"))
    assert lab.later(6.9) == 0
    lab.later(0.2)
    assert lab.exists("a")
    assert lab.widgets.queue.failures(("default", "w")) == 0


@pytest.mark.parametrize("header", [None, "0.5", "soon", "Wed, 31 Dec 2025 23:59:59 GMT"])
def test_a_429_without_a_good_time_makes_a_tight_loop(header: str | None) -> None:
    lab = Lab(lambda _: (429, {"Retry-After": header} if header else {}, b""))
    lab.widget()
    assert lab.loop.run(20) == 20


def test_a_429_may_name_a_date() -> None:
    lab = Lab(lambda _: (429, {"Retry-After": "Thu, 01 Jan 2026 00:01:00 GMT"}, b""))
    lab.widget()
    lab.run()
    lab.hooks["sync"] = returning()
    assert lab.later(59) == 0
    assert lab.later(1) >= 1


def test_of_several_timers_the_earliest_stays() -> None:
    waits = iter([300, 10, 300, 0, 0])
    lab = Lab(lambda _: {"resyncAfterSeconds": next(waits)}, parent={"ignoreStatusChanges": True})
    lab.widget()
    lab.run()
    for _ in range(2):
        lab.loop.resync()
        lab.run()
    assert lab.calls() == 3
    assert lab.later(9.9) == 0
    assert lab.later(0.2) == 1
    assert lab.later(500) == 0, "the later ones are forgotten"


def test_resync_period_brings_all_parents() -> None:
    lab = Lab(returning(), resyncPeriodSeconds=60)
    lab.widget("a")
    lab.widget("b")
    lab.run()
    assert lab.later(59) == 0
    assert lab.later(1) == 2


@pytest.mark.parametrize("asked", [None, 7200])
def test_all_parents_come_every_half_hour_at_the_latest(asked: int | None) -> None:
    lab = Lab(returning(), resyncPeriodSeconds=asked)
    lab.widget()
    lab.run()
    assert lab.later(1799) == 0
    assert lab.later(1) == 1


def test_back_off_doubles_up_to_a_thousand_seconds() -> None:
    lab = Lab(lambda _: (500, {}, b""))
    lab.widget()
    lab.run()
    waits = []
    for _ in range(20):
        begun = lab.clock.now()
        lab.clock.advance_to(lab.widgets.queue.next_timer() or begun)
        waits.append((lab.clock.now() - begun).total_seconds())
        lab.run()
    assert waits[:4] == [0.005, 0.01, 0.02, 0.04]
    assert waits[-1] == 1000


def test_an_event_does_not_wait_for_the_back_off() -> None:
    lab = Lab(lambda _: (500, {}, b""))
    lab.widget()
    lab.run()
    lab.edit("w", lambda obj: obj["spec"].update(a=1), WIDGET)
    assert lab.run() == 1
