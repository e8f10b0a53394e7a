"""Telemetry: what is logged and what is counted."""

import logging
import re

import orjson
import pytest

from hooks import __version__
from hooks.kernel.resource import Answer
from tests.web.told import PARENT, counted, line


def test_a_request_is_one_line_with_everything_one_filters_by(client, caplog):
    caplog.set_level(logging.INFO, "hooks.web")
    body = orjson.dumps({"parent": PARENT})
    response = client.ask("POST", "/nimservice/sync", body)
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
    client.ask("POST", "/nimservice/finalize", b"{")
    written = line(caplog)
    assert (written["level"], written["hook"], written["status"]) == ("warning", "finalize", 400)
    assert written["error"].startswith("body: not JSON")


def test_probes_are_answered_and_leave_no_line(client, caplog):
    caplog.set_level(logging.DEBUG, "hooks.web")
    assert [client.get(path).status for path in ("/healthz", "/readyz")] == [200, 200]
    assert caplog.records == []


def test_metrics_count_requests_by_hook_and_status_and_name_no_object(client):
    before = counted("requests_total", resource="nimservice", hook="sync", status="200")
    client.post("/nimservice/sync", {"parent": PARENT})
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
    answered = client.ask("POST", "/nimservice/sync", body).data
    after = [
        counted("request_bytes_sum", resource="nimservice", hook="sync"),
        counted("response_bytes_sum", resource="nimservice", hook="sync"),
    ]
    assert after == [before[0] + len(body), before[1] + len(answered)]
    client.ask("POST", "/nimservice/sync", b"[]")
    assert (
        counted("request_duration_seconds_count", resource="nimservice", hook="sync", status="422")
        == slow + 1
    )


@pytest.mark.parametrize(
    "told", [("holds_total", "held", "InvalidSpec"), ("reason_changes_total", "became", "Starting")]
)
def test_what_a_sync_decides_is_counted_by_its_reason_and_told(client, answers, caplog, told):
    metric, fact, reason = told
    caplog.set_level(logging.INFO, "hooks.web")
    before = counted(metric, resource="nimservice", reason=reason)
    answers["sync"] = Answer(answers["sync"], **{fact: reason})
    client.post("/nimservice/sync", {"parent": PARENT})
    assert counted(metric, resource="nimservice", reason=reason) == before + 1
    assert line(caplog)[fact] == reason


def test_what_is_counted_by_cause_or_bug_is_there_before_the_first_of_it(client):
    text = client.get("/metrics").text
    assert 'nimservice_hooks_holds_total{reason="NIMCacheNotFound",resource="nimservice"} ' in text
    assert 'reason_changes_total{reason="GPUUnknown",resource="nimcache"} ' in text
    assert 'nimservice_hooks_internal_errors_total{hook="finalize",resource="nimservice"} ' in text


def test_no_label_can_hold_the_name_of_an_object(client):
    client.post("/nimservice/sync", {"parent": PARENT})
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
        "result",
        "version",
    }
