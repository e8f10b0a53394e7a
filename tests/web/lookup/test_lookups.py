"""Look-ups beside the syncs: none waits, and each model server is asked once."""

import asyncio
import copy
import time

import pytest
from prometheus_client import REGISTRY

from hooks.kernel.resource import Answer
from hooks.web.lookup import lookups, modelname
from hooks.web.lookup.lookups import LookUps

LATER = 30


class Servers:
    """Model servers that answer when they are told to."""

    def __init__(self, monkeypatch):
        self.asked, self.names = [], {}
        self.silent = set()
        monkeypatch.setattr(modelname, "look_up", self._look_up)

    async def _look_up(self, address):
        self.asked.append(address)
        while address in self.silent:  # noqa: ASYNC110 - told by another thread
            await asyncio.sleep(0.01)
        name = self.names.get(address)
        if isinstance(name, Exception):
            raise name
        return name


@pytest.fixture
def servers(monkeypatch):
    return Servers(monkeypatch)


def parent(name="llama", namespace="nim", generation=1):
    return {
        "name": name,
        "namespace": namespace,
        "uid": f"{namespace}-{name}",
        "generation": generation,
    }


def sync(found, metadata=None, address="10.0.0.1:8000", known=""):
    """Return the answer of a sync that wants to know a name."""
    model = {"clusterEndpoint": address, "externalEndpoint": ""}
    if known:
        model["name"] = known
    answer = Answer({"status": {"model": model}, "children": []}, question=address)
    found.settle(answer, metadata or parent())
    return answer.body


def later(found, metadata=None, address="10.0.0.1:8000", known=""):
    """Return the first answer of a sync that has something to say about the model."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        answer = sync(found, metadata, address, known)
        if "resyncAfterSeconds" not in answer:
            return answer
        time.sleep(0.01)
    raise AssertionError("the look-up does not end")


def counted(result):
    return (
        REGISTRY.get_sample_value("nimservice_hooks_model_lookups_total", {"result": result}) or 0
    )


def test_a_sync_asks_and_is_repeated_soon_and_a_later_one_has_the_name(servers):
    servers.names["10.0.0.1:8000"] = "meta/llama"
    found = LookUps(LATER)
    before = counted("named")
    first = sync(found, known="old")
    assert first["resyncAfterSeconds"] == 2
    assert first["status"]["model"]["name"] == "old"
    assert "observedGeneration" not in first["status"]["model"]
    model = later(found, known="old")["status"]["model"]
    assert (model["name"], model["observedGeneration"]) == ("meta/llama", 1)
    assert servers.asked == ["10.0.0.1:8000"]
    assert counted("named") == before + 1


def test_a_server_that_names_no_model_is_asked_once_and_the_name_stays(servers, caplog):
    found = LookUps(LATER)
    before = counted("unnamed")
    for _ in range(3):
        model = later(found, known="old")["status"]["model"]
        assert (model["name"], model["observedGeneration"]) == ("old", 1)
    assert servers.asked == ["10.0.0.1:8000"]
    assert counted("unnamed") == before + 1
    assert caplog.records == []


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (TimeoutError(), "TimeoutError"),
        (ConnectionRefusedError("refused\n\x1b[2J"), "refused"),
        (KeyError("x"), "'x'"),
    ],
)
def test_a_look_up_that_fails_is_counted_and_logged_once(servers, caplog, failure, words):
    servers.names["10.0.0.1:8000"] = failure
    found = LookUps(LATER)
    before = counted("failed")
    for _ in range(3):
        assert later(found)["status"]["model"] == {
            "observedGeneration": 1,
            "clusterEndpoint": "10.0.0.1:8000",
            "externalEndpoint": "",
        }
    assert counted("failed") == before + 1
    (record,) = caplog.records
    assert record.fields == {
        "namespace": "nim",
        "name": "llama",
        "address": "10.0.0.1:8000",
        "error": words,
    }


def test_no_sync_waits_for_a_silent_server(servers):
    servers.silent.add("10.0.0.1:8000")
    found = LookUps(LATER)
    began = time.monotonic()
    answers = [sync(found) for _ in range(50)]
    assert time.monotonic() - began < 1
    assert {answer["resyncAfterSeconds"] for answer in answers} == {2}
    servers.silent.clear()
    later(found)
    assert servers.asked == ["10.0.0.1:8000"]


def test_a_new_generation_and_another_address_are_asked_anew(servers):
    servers.names |= {"10.0.0.1:8000": "a", "10.0.0.2:8000": "b"}
    found = LookUps(LATER)
    assert later(found)["status"]["model"]["name"] == "a"
    servers.names["10.0.0.1:8000"] = "c"
    assert later(found, parent(generation=2))["status"]["model"]["name"] == "c"
    assert later(found, address="10.0.0.2:8000")["status"]["model"]["name"] == "b"
    assert later(found)["status"]["model"]["name"] == "a"


def test_slow_servers_of_one_team_keep_no_other_waiting(servers):
    servers.silent.add("10.0.0.1:8000")
    servers.names["10.0.0.2:8000"] = "mine"
    found = LookUps(LATER)
    sync(found, parent("slow"))
    assert sync(found, parent("also-slow"))["resyncAfterSeconds"] == LATER
    other = parent("llama", namespace="other")
    assert later(found, other, "10.0.0.2:8000")["status"]["model"]["name"] == "mine"
    assert servers.asked == ["10.0.0.1:8000", "10.0.0.2:8000"]
    servers.silent.clear()


def test_no_more_than_eight_are_under_way(servers):
    servers.silent.add("10.0.0.1:8000")
    found = LookUps(LATER)
    waits = [sync(found, parent(namespace=f"n{n}"))["resyncAfterSeconds"] for n in range(10)]
    assert waits == [2] * 8 + [LATER] * 2
    servers.silent.clear()
    assert later(found, parent(namespace="n9"))["status"]["model"]["observedGeneration"] == 1


def test_what_is_kept_is_bounded(servers, monkeypatch):
    monkeypatch.setattr(lookups, "_KEPT", 3)
    found = LookUps(LATER)
    for number in range(5):
        later(found, parent(f"m{number}"))
    asked = len(servers.asked)
    later(found, parent("m4"))
    assert len(servers.asked) == asked
    later(found, parent("m0"))
    assert len(servers.asked) == asked + 1


@pytest.mark.parametrize("metadata", [{"name": "a"}, {"name": "a", "generation": "x", "uid": 7}])
@pytest.mark.usefixtures("servers")
def test_odd_metadata_does_no_harm(metadata):
    answer = later(LookUps(LATER), copy.deepcopy(metadata))
    assert "name" not in answer["status"]["model"]
