"""The HTTP surface in process: routes, refusals, what is logged and what is counted."""

import re

import pytest

from hooks import __version__
from hooks.kernel import resource
from hooks.nimservice import children
from hooks.nimservice.children import service
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.web.told import PARENT, counted, line

HOOKS = ("sync", "finalize", "customize")


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_answers_with_what_its_handler_returns(client, answers, hook):
    response = client.post(f"/nimservice/{hook}", {"parent": PARENT})
    assert (response.status, response.content_type, response.json) == (
        200,
        "application/json",
        answers[hook],
    )


def test_a_handler_gets_its_resource_the_request_the_settings_and_an_aware_clock(client, answers):
    client.post("/nimservice/sync", {"parent": PARENT, "children": {"Service.v1": {}}})
    served, request, settings, now = answers["arguments"]
    assert served is NIM_SERVICE
    assert (request.parent, request.children) == (PARENT, {"Service.v1": {}})
    assert settings == Settings(max_body_bytes=1024)
    assert now.tzinfo is not None


def test_equal_answers_are_equal_bytes(client, answers):
    answers["sync"] = {"status": {"b": 1, "a": 2}, "children": []}
    first = client.post("/nimservice/sync", {"parent": PARENT}).data
    answers["sync"] = {"children": [], "status": {"a": 2, "b": 1}}
    assert client.post("/nimservice/sync", {"parent": PARENT}).data == first


@pytest.mark.parametrize(
    ("asked", "body", "status", "error"),
    [
        ("POST /nimservice/sync", b"", 400, "body: not JSON: "),
        ("POST /nimservice/sync", b"{", 400, "body: not JSON: "),
        ("POST /nimservice/sync", b'{"parent": NaN}', 400, "body: not JSON: "),
        ("POST /nimservice/sync", b"\xff", 400, "body: not JSON: "),
        ("POST /nimservice/sync", b"[]", 422, "body: must be a JSON object"),
        ("POST /nimservice/finalize", b"{}", 422, "parent: must be an object"),
        (
            "POST /nimservice/customize",
            b'{"parent": {"metadata": {}}}',
            422,
            "parent.metadata.name: must be",
        ),
        (
            "POST /nimservice/sync",
            b'{"parent": {"metadata": {"name": "a"}}, "children": []}',
            422,
            "children: must be an object",
        ),
        ("POST /nimservice/sync", b" " * 1025, 413, "body: too large"),
        (
            "POST /nimservice/sync",
            b"[" * 129,
            413,
            "body: more than 128 values, one for each 8 bytes of the setting NIM_HOOKS_MAX_BODY_BYTES",
        ),
        (
            "GET /nimservice/sync",
            b"",
            405,
            "/nimservice/sync: method GET is not allowed, only POST",
        ),
        (
            "OPTIONS /nimservice/sync",
            b"",
            405,
            "/nimservice/sync: method OPTIONS is not allowed, only POST",
        ),
        ("POST /healthz", b"", 405, "/healthz: method POST is not allowed, only GET, HEAD"),
        (
            "POST /nimservice/sync/",
            b"{}",
            404,
            "/nimservice/sync/: not found; the hooks are /nimservice/sync, ",
        ),
        ("GET /a%0Ab%FF<script>", b"", 404, "/a b\ufffd<script>: not found"),
    ],
)
def test_a_bad_request_gets_its_status_and_one_line(client, asked, body, status, error):
    method, path = asked.split(maxsplit=1)
    response = client.ask(method, path, body)
    assert (response.status, response.content_type) == (status, "application/json")
    assert list(response.json) == ["error"]
    assert response.json["error"].startswith(error)
    assert "\n" not in response.json["error"]


def test_a_wrong_method_is_told_the_right_one(client):
    assert client.get("/nimservice/sync").headers["Allow"] == "POST"


def test_values_within_texts_count_too(client):
    """An annotation holds what was applied last as JSON, and that is read as well."""
    held = {"metadata": {"annotations": {"applied": "[" + "{}," * 70 + "]"}}}
    assert client.post("/nimservice/sync", {"parent": PARENT, "other": held}).status == 413


@pytest.mark.parametrize("hook", HOOKS)
def test_another_release_is_told_to_come_back_in_a_second(client, answers, hook):
    before = counted("release_refusals_total")
    response = client.post(f"/nimservice/{hook}?release=0.0.0-other", {"parent": PARENT})
    assert (response.status, response.headers["Retry-After"]) == (429, "1")
    assert "arguments" not in answers
    assert counted("release_refusals_total") == before + 1


@pytest.mark.parametrize("query", ["", f"?release={__version__}", "?other=1"])
def test_the_same_release_and_no_release_are_answered(client, query):
    assert client.post(f"/nimservice/sync{query}", {"parent": PARENT}).status == 200


def test_a_bug_is_a_500_that_says_where_and_quotes_nothing(client, answers, caplog):
    answers["sync"] = ValueError("password hunter2")
    before = counted("internal_errors_total", resource="nimservice", hook="sync")
    response = client.post("/nimservice/sync", {"parent": PARENT})
    assert response.status == 500
    assert re.fullmatch(
        r"internal error while syncing nim/llama: ValueError at hooks/web/answer/app\.py:\d+; "
        r"see the traceback in the server's log",
        response.json["error"],
    )
    assert counted("internal_errors_total", resource="nimservice", hook="sync") == before + 1
    written = line(caplog)
    assert (written["level"], written["namespace"], written["name"], written["status"]) == (
        "error",
        "nim",
        "llama",
        500,
    )
    assert "ValueError: password hunter2" in written["traceback"]


def test_a_bug_in_a_builder_names_it_in_the_log_and_the_place_in_the_answer(
    client, caplog, monkeypatch
):
    monkeypatch.setattr(service.naming, "selector", lambda _: 1 / 0)

    monkeypatch.setattr(resource, "call", lambda *_: children.plan(situation.context()))
    response = client.post("/nimservice/sync", {"parent": PARENT})
    assert response.status == 500
    assert re.search(
        r"nim/llama: ZeroDivisionError at hooks/nimservice/children/service\.py:\d+; ",
        response.json["error"],
    )
    written = line(caplog)
    assert (written["builder"], written["name"]) == ("service", "llama")


def test_an_answer_that_is_no_json_is_a_500_and_never_a_shorter_answer(client, answers):
    answers["sync"] = {"status": {}, "children": [{"spec": object()}]}
    assert client.post("/nimservice/sync", {"parent": PARENT}).status == 500


def test_a_parent_without_a_namespace_still_gets_its_error(client, answers):
    answers["sync"] = KeyError("x")
    response = client.post("/nimservice/sync", {"parent": {"metadata": {"name": "a"}}})
    assert response.json["error"].startswith("internal error while syncing ?/a: KeyError")
