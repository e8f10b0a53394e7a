"""Decode: which answers of a hook Metacontroller's loop takes."""

import pytest

from nimservice_simulator.metacontroller import decode
from nimservice_simulator.metacontroller.decode import DecodeError, ProcessCrash
from tests.simulator.lab import Lab, returning


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'"text"',
        b'{"status": {}} trailing',
        b'{"children": {}}',
        b'{"children": [1]}',
        b'{"children": [{"apiVersion": "v1"}]}',
        b'{"children": [{"kind": ""}]}',
        b'{"children": [{"kind": 3}]}',
        b'{"children": [{"kind": "Pod", "apiVersion": 1}]}',
        b'{"status": []}',
        b'{"status": "fine"}',
        b'{"resyncAfterSeconds": "5"}',
        b'{"resyncAfterSeconds": true}',
        b'{"finalized": 1}',
        b'{"status": {"ratio": NaN}}',
        b'{"status": {"ratio": -Infinity}}',
    ],
)
def test_an_answer_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        decode.sync_answer(body)


@pytest.mark.parametrize(
    "body", [b'{"Children": []}', b'{"children": [], "extra": 1}', b'{"status": {}, "status": {}}']
)
def test_unknown_and_repeated_fields_are_refused_and_fields_in_another_case(body: bytes) -> None:
    with pytest.raises(DecodeError, match="strict decoding error"):
        decode.sync_answer(body)


def test_the_fields_of_children_may_be_anything() -> None:
    body = b'{"children": [{"kind": "Pod", "nonsense": 1, "twice": 1, "twice": 2}]}'
    assert decode.sync_answer(body).children[0]["twice"] == 2


def test_numbers_keep_their_type() -> None:
    body = b'{"status": {"whole": 1, "point": 1.0, "power": 1e2}}'
    status = decode.sync_answer(body).status
    assert [type(value) for value in status.values()] == [int, float, float]


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"{}",
        b'{"children": null, "status": null, "finalized": null, "resyncAfterSeconds": null}',
    ],
)
def test_nothing_means_nothing_wanted(body: bytes) -> None:
    assert decode.sync_answer(body) == ({}, [], 0.0, False)


def test_a_null_child_would_end_the_process() -> None:
    with pytest.raises(ProcessCrash):
        decode.sync_answer(b'{"children": [null]}')
    with pytest.raises(ProcessCrash):
        decode.related_rules(b'{"relatedResources": [null]}')


def test_the_loop_does_not_survive_a_null_child() -> None:
    lab = Lab(lambda _: {"children": [None]})
    lab.widget()
    with pytest.raises(ProcessCrash):
        lab.run()


def test_a_child_without_api_version_fails_alone() -> None:
    lab = Lab(returning({"kind": "ConfigMap", "metadata": {"name": "a"}}, status={"fine": True}))
    lab.widget()
    lab.run()
    assert lab.parent()["status"]["fine"] is True
    assert lab.loop.warnings[0].message.endswith(
        "discovery: can't find kind ConfigMap in apiVersion "
    )


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'[{"apiVersion": "v1", "resource": "pods"}]',
        b'{"relatedResources": {}}',
        b'{"relatedResources": [1]}',
        b'{"relatedResources": [{"names": "a"}]}',
        b'{"relatedResources": [{"names": [1]}]}',
        b'{"relatedResources": [{"unknown": 1}]}',
        b'{"rules": []}',
    ],
)
def test_rules_of_another_shape_are_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        decode.related_rules(body)
