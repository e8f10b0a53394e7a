"""The HTTP surface in process: routes, refusals, what is logged and what is counted."""

import json
import logging
import re

import orjson
import pytest
from prometheus_client import REGISTRY

from hooks import __version__
from hooks.kernel import resource
from hooks.kernel.resource import Answer
from hooks.nimservice import children
from hooks.nimservice.children import service
from hooks.resources import NIM_SERVICE, Settings
from hooks.web.app import create_app
from hooks.web.telemetry import JSONFormatter
from tests.situations import nimservice as situation

PARENT = {"metadata": {"namespace": "nim", "name": "llama"}, "spec": {}}
HOOKS = ("sync", "finalize", "customize")


@pytest.fixture(autouse=True)
def answers(monkeypatch):
    """Stand in for the handlers; ``answers[hook]`` is what a hook returns, or the exception it raises."""
    said = {
        "sync": {
            "status": {"state": "Ready"},
            "children": [{"kind": "Service"}, {"kind": "Deployment"}],
        },
        "finalize": {"status": {}, "children": [], "finalized": True},
        "customize": {"relatedResources": []},
    }

    def stand_in(hook, *arguments):
        said["arguments"] = arguments
        if isinstance(said[hook], Exception):
            raise said[hook]
        return said[hook] if isinstance(said[hook], Answer) else Answer(said[hook])

    monkeypatch.setattr(resource, "call", stand_in)
    return said


@pytest.fixture
def client():
    return create_app(Settings(max_body_bytes=1024)).test_client()


def line(caplog):
    """Return the one log line of a request, as a log collector sees it."""
    (record,) = [record for record in caplog.records if record.name == "hooks.web"]
    return json.loads(JSONFormatter().format(record))


def counted(name, **labels):
    return REGISTRY.get_sample_value(f"nimservice_hooks_{name}", labels) or 0


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_answers_with_what_its_handler_returns(client, answers, hook):
    response = client.post(f"/nimservice/{hook}", json={"parent": PARENT})
    assert (response.status_code, response.content_type, response.json) == (
        200,
        "application/json",
        answers[hook],
    )


def test_a_handler_gets_its_resource_the_request_the_settings_and_an_aware_clock(client, answers):
    client.post("/nimservice/sync", json={"parent": PARENT, "children": {"Service.v1": {}}})
    served, request, settings, now = answers["arguments"]
    assert served is NIM_SERVICE
    assert (request.parent, request.children) == (PARENT, {"Service.v1": {}})
    assert settings == Settings(max_body_bytes=1024)
    assert now.tzinfo is not None


def test_equal_answers_are_equal_bytes(client, answers):
    answers["sync"] = {"status": {"b": 1, "a": 2}, "children": []}
    first = client.post("/nimservice/sync", json={"parent": PARENT}).data
    answers["sync"] = {"children": [], "status": {"a": 2, "b": 1}}
    assert client.post("/nimservice/sync", json={"parent": PARENT}).data == first


def test_the_content_type_of_a_request_does_not_matter(client):
    assert (
        client.post(
            "/nimservice/sync", data=orjson.dumps({"parent": PARENT}), content_type="text/plain"
        ).status_code
        == 200
    )


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
        (
            "POST /nimservice/sync",
            b" " * 1025,
            413,
            "body: larger than 1024 bytes, the setting NIM_HOOKS_MAX_BODY_BYTES",
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
    response = client.open(path, method=method, data=body)
    assert (response.status_code, response.content_type) == (status, "application/json")
    assert list(response.json) == ["error"]
    assert response.json["error"].startswith(error)
    assert "\n" not in response.json["error"]


def test_a_wrong_method_is_told_the_right_one(client):
    assert client.get("/nimservice/sync").headers["Allow"] == "POST"


def test_a_body_of_exactly_the_limit_is_read(client):
    body = orjson.dumps({"parent": PARENT})
    assert client.post("/nimservice/sync", data=body + b" " * (1024 - len(body))).status_code == 200


def test_a_body_without_a_length_is_cut_off_at_the_limit_and_refused(client):
    body = orjson.dumps({"parent": PARENT})
    for surplus, status in ((0, 200), (1, 413), (100_000, 413)):
        chunked = {
            "wsgi.input_terminated": True,
            "HTTP_TRANSFER_ENCODING": "chunked",
            "CONTENT_LENGTH": "",
        }
        padded = body + b" " * (1024 - len(body) + surplus)
        assert (
            client.post("/nimservice/sync", data=padded, environ_overrides=chunked).status_code
            == status
        )


@pytest.mark.parametrize("hook", HOOKS)
def test_another_release_is_told_to_come_back_in_a_second(client, answers, hook):
    before = counted("release_refusals_total")
    response = client.post(f"/nimservice/{hook}?release=0.0.0-other", json={"parent": PARENT})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    assert "arguments" not in answers
    assert counted("release_refusals_total") == before + 1


@pytest.mark.parametrize("query", ["", f"?release={__version__}", "?other=1"])
def test_the_same_release_and_no_release_are_answered(client, query):
    assert client.post(f"/nimservice/sync{query}", json={"parent": PARENT}).status_code == 200


def test_a_bug_is_a_500_that_says_where_and_quotes_nothing(client, answers, caplog):
    answers["sync"] = ValueError("password hunter2")
    before = counted("internal_errors_total", resource="nimservice", hook="sync")
    response = client.post("/nimservice/sync", json={"parent": PARENT})
    assert response.status_code == 500
    assert re.fullmatch(
        r"internal error while syncing nim/llama: ValueError at hooks/web/app\.py:\d+; "
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
    response = client.post("/nimservice/sync", json={"parent": PARENT})
    assert response.status_code == 500
    assert re.search(
        r"nim/llama: ZeroDivisionError at hooks/nimservice/children/service\.py:\d+; ",
        response.json["error"],
    )
    written = line(caplog)
    assert (written["builder"], written["name"]) == ("service", "llama")


def test_an_answer_that_is_no_json_is_a_500_and_never_a_shorter_answer(client, answers):
    answers["sync"] = {"status": {}, "children": [{"spec": object()}]}
    assert client.post("/nimservice/sync", json={"parent": PARENT}).status_code == 500


def test_a_parent_without_a_namespace_still_gets_its_error(client, answers):
    answers["sync"] = KeyError("x")
    response = client.post("/nimservice/sync", json={"parent": {"metadata": {"name": "a"}}})
    assert response.json["error"].startswith("internal error while syncing ?/a: KeyError")


def test_a_request_is_one_line_with_everything_one_filters_by(client, caplog):
    caplog.set_level(logging.INFO, "hooks.web")
    body = orjson.dumps({"parent": PARENT})
    response = client.post("/nimservice/sync", data=body)
    written = line(caplog)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", written.pop("time"))
    assert written.pop("ms") >= 0
    assert written == {
        "level": "info",
        "logger": "hooks.web",
        "message": "request",
        "resource": "nimservice",
        "hook": "sync",
        "namespace": "nim",
        "name": "llama",
        "status": 200,
        "bytes_in": len(body),
        "bytes_out": len(response.data),
        "children": 2,
    }


def test_a_refused_request_is_a_warning_with_its_error(client, caplog):
    client.post("/nimservice/finalize", data=b"{")
    written = line(caplog)
    assert (written["level"], written["hook"], written["status"]) == ("warning", "finalize", 400)
    assert written["error"].startswith("body: not JSON")


def test_probes_are_answered_and_leave_no_line(client, caplog):
    caplog.set_level(logging.DEBUG, "hooks.web")
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    assert caplog.records == []


def test_metrics_count_requests_by_hook_and_status_and_name_no_object(client):
    before = counted("requests_total", resource="nimservice", hook="sync", status="200")
    client.post("/nimservice/sync", json={"parent": PARENT})
    assert counted("requests_total", resource="nimservice", hook="sync", status="200") == before + 1
    text = client.get("/metrics").text
    assert "llama" not in text
    assert f'nimservice_hooks_build_info{{version="{__version__}"}} 1.0' in text
    for family in (
        "requests_total",
        "request_duration_seconds_count",
        "children_sum",
        "release_refusals_total",
    ):
        assert f"\nnimservice_hooks_{family}" in text


def test_metrics_count_bytes_and_durations_by_result(client):
    body = orjson.dumps({"parent": PARENT})
    before = [
        counted("request_bytes_sum", resource="nimservice", hook="sync"),
        counted("response_bytes_sum", resource="nimservice", hook="sync"),
    ]
    slow = counted(
        "request_duration_seconds_count", resource="nimservice", hook="sync", status="422"
    )
    answered = client.post("/nimservice/sync", data=body).data
    after = [
        counted("request_bytes_sum", resource="nimservice", hook="sync"),
        counted("response_bytes_sum", resource="nimservice", hook="sync"),
    ]
    assert after == [before[0] + len(body), before[1] + len(answered)]
    client.post("/nimservice/sync", data=b"[]")
    assert (
        counted("request_duration_seconds_count", resource="nimservice", hook="sync", status="422")
        == slow + 1
    )


def test_a_sync_that_holds_is_counted_by_its_cause_and_told(client, answers, caplog):
    caplog.set_level(logging.INFO, "hooks.web")
    before = counted("holds_total", resource="nimservice", reason="InvalidSpec")
    answers["sync"] = Answer(answers["sync"], held="InvalidSpec")
    client.post("/nimservice/sync", json={"parent": PARENT})
    assert counted("holds_total", resource="nimservice", reason="InvalidSpec") == before + 1
    assert line(caplog)["held"] == "InvalidSpec"


def test_what_is_counted_by_cause_or_bug_is_there_before_the_first_of_it(client):
    text = client.get("/metrics").text
    assert 'nimservice_hooks_holds_total{reason="NIMCacheNotFound",resource="nimservice"} ' in text
    assert 'nimservice_hooks_internal_errors_total{hook="finalize",resource="nimservice"} ' in text


def test_no_label_can_hold_the_name_of_an_object(client):
    client.post("/nimservice/sync", json={"parent": PARENT})
    ours = [
        line
        for line in client.get("/metrics").text.splitlines()
        if line.startswith("nimservice_hooks_")
    ]
    assert set(re.findall(r'(\w+)="', "\n".join(ours))) == {
        "resource",
        "hook",
        "status",
        "le",
        "reason",
        "version",
    }
