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
@pytest.mark.parametrize("strict", [True, False])
def test_an_answer_of_another_shape_is_refused(body: bytes, *, strict: bool) -> None:
    with pytest.raises(DecodeError):
        decode.sync_answer(body, strict=strict)


@pytest.mark.parametrize(
    "body", [b'{"Children": []}', b'{"children": [], "extra": 1}', b'{"status": {}, "status": {}}']
)
def test_strict_refuses_unknown_and_repeated_fields_and_loose_does_not(body: bytes) -> None:
    with pytest.raises(DecodeError, match="strict decoding error"):
        decode.sync_answer(body, strict=True)
    assert decode.sync_answer(body, strict=False).children == []


def test_strict_does_not_look_inside_children() -> None:
    body = b'{"children": [{"kind": "Pod", "nonsense": 1, "twice": 1, "twice": 2}]}'
    assert decode.sync_answer(body, strict=True).children[0]["twice"] == 2


def test_keys_are_case_sensitive() -> None:
    assert decode.sync_answer(b'{"Status": {"a": 1}}', strict=False).status == {}


def test_numbers_keep_their_type() -> None:
    status = decode.sync_answer(
        b'{"status": {"whole": 1, "point": 1.0, "power": 1e2}}', strict=True
    ).status
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
    assert decode.sync_answer(body, strict=True) == ({}, [], 0.0, False)


def test_a_null_child_would_end_the_process() -> None:
    with pytest.raises(ProcessCrash):
        decode.sync_answer(b'{"children": [null]}', strict=True)
    with pytest.raises(ProcessCrash):
        decode.related_rules(b'{"relatedResources": [null]}', strict=True)


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
        decode.related_rules(body, strict=True)


def test_loose_rules_may_have_unknown_fields() -> None:
    assert decode.related_rules(b'{"relatedResources": [{"unknown": 1}]}', strict=False) == [
        {"unknown": 1}
    ]
