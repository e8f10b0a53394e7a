"""Queue and informers: one sync at a time for each parent, and caches that may lag."""

from hooks.cluster.api import Object
from nimservice_simulator.apiserver.server import ApiServer
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.metacontroller.informers import Change, Informers
from nimservice_simulator.metacontroller.queue import Queue
from tests.simulator.lab import CONFIG_MAP, config_map

A, B = ("default", "a"), ("default", "b")


def test_a_key_waits_once() -> None:
    queue = Queue(VirtualClock())
    for key in (A, B, A):
        queue.add(key)
    assert [queue.take(), queue.take(), queue.take()] == [A, B, None]


def test_a_key_in_flight_comes_again_only_when_it_is_done() -> None:
    queue = Queue(VirtualClock())
    queue.add(A)
    assert queue.take() == A
    queue.add(A)
    assert queue.take() is None
    queue.done(A)
    assert queue.take() == A
    queue.done(A)
    assert queue.take() is None


def test_the_earliest_timer_of_a_key_stays() -> None:
    clock = VirtualClock()
    queue = Queue(clock)
    for seconds in (30, 10, 20):
        queue.add_after(A, seconds)
    clock.advance(9)
    assert queue.take() is None
    clock.advance(1)
    assert queue.take() == A
    queue.done(A)
    clock.advance(100)
    assert queue.take() is None


def test_no_wait_means_now() -> None:
    queue = Queue(VirtualClock())
    queue.add_after(A, 0)
    assert queue.take() == A


def test_many_failures_at_once_wait_for_the_common_limit() -> None:
    clock = VirtualClock()
    queue = Queue(clock)
    for number in range(120):
        queue.add_failed(("default", str(number)))
    taken = 0
    clock.advance(0.005)
    while queue.take():
        taken += 1
    assert taken == 100
    clock.advance(1)
    while queue.take():
        taken += 1
    assert 109 <= taken <= 111, "ten more a second"


def test_a_success_resets_the_back_off() -> None:
    clock = VirtualClock()
    queue = Queue(clock)
    for _ in range(5):
        queue.add_failed(A)
    assert queue.failures(A) == 5
    queue.forget(A)
    assert queue.failures(A) == 0


def placed(name: str) -> Object:
    return {**config_map(name), "metadata": {"name": name, "namespace": "default"}}


def test_a_cache_is_full_at_first_and_lags_from_then_on() -> None:
    server = ApiServer()
    server.create(placed("a"))
    informers = Informers(server)
    resource = server.find_plural("v1", "configmaps")
    assert resource is not None
    heard: list[Change] = []
    informers.start(resource, heard.append)
    assert informers.get(resource, "default", "a")
    assert not heard, "handlers hear only of what is delivered"
    server.create(placed("b"))
    server.delete(CONFIG_MAP, "default", "a")
    assert informers.behind() == 3
    assert [obj["metadata"]["name"] for obj in informers.list(resource)] == ["a"]
    assert informers.deliver(2) == 2
    assert [obj["metadata"]["name"] for obj in informers.list(resource)] == ["a", "b"]
    informers.deliver()
    assert [obj["metadata"]["name"] for obj in informers.list(resource)] == ["b"]
    assert [(change.old is None, change.new is None) for change in heard] == [
        (True, False),
        (True, False),
        (False, True),
    ]


def test_a_handler_that_comes_late_hears_of_what_is_there() -> None:
    server = ApiServer()
    server.create(placed("a"))
    informers = Informers(server)
    resource = server.find_plural("v1", "configmaps")
    assert resource is not None
    informers.start(resource)
    heard: list[Change] = []
    informers.start(resource, heard.append)
    informers.start(resource, heard.append)
    informers.deliver()
    assert len(heard) == 1
