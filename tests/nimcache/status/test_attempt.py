"""How an attempt ended is told by its last words, and by nothing that only looks like a cause."""

import pytest

from hooks.nimcache.status import attempt
from tests.nimcache import observing
from tests.nimcache.test_life_doubt import job, pod

WORDS = {
    "HTTP 401 Unauthorized: invalid API key": "DownloadUnauthorized",
    "ERROR: 401 Client Error: Unauthorized for url: https://api.ngc.nvidia.com/v2": (
        "DownloadUnauthorized"
    ),
    'request failed: {"statusCode":401}': "DownloadUnauthorized",
    "HTTP/1.1 401 ": "DownloadUnauthorized",
    "got 403 from https://api.ngc.nvidia.com": "DownloadForbidden",
    "402 Payment Required": "DownloadForbidden",
    "Cannot access gated repo for url https://huggingface.co/meta": "DownloadForbidden",
    "404 Client Error: Not Found for url": "DownloadNotFound",
    "OSError: [Errno 28] No space left on device": "ClaimFull",
    "Connection reset by peer": "DownloadFailed",
    "503 Service Unavailable": "DownloadFailed",
}
INNOCENT = (
    "downloaded 401 of 503 files, then the process was killed",
    "shard 404: bad checksum",
    "wrote 402 MB in 403 s",
    "model-00401-of-00503.safetensors: wrong length",
)
ODD = ("", "\x00\x1b[31m\u202e" * 50, "\ud800", "🦙" * 5000, "{}{0}{secret}", "%s%n" * 100)


def ended(message):
    state = {"terminated": {"exitCode": 1, "reason": "Error", "message": message}}
    container = {"name": "nim-cache-ctr", "ready": False, "state": state}
    failed = pod(job(), phase="Failed", containerStatuses=[container])
    return attempt.ended(observing.context(), failed)


@pytest.mark.parametrize("message", WORDS)
def test_last_words_name_the_cause(message):
    assert ended(message).reason == WORDS[message]


@pytest.mark.parametrize("message", INNOCENT)
def test_a_number_that_is_no_answer_of_a_server_names_none(message):
    found = ended(message)
    assert found.reason == "DownloadFailed"
    assert "kubectl logs" in found.remedy


@pytest.mark.parametrize("message", ODD)
def test_odd_last_words_are_one_short_line(message):
    found = ended(message)
    assert found.text.isprintable()
    assert len(found.text.encode()) < 1024
    assert "{secret}" not in found.remedy


def test_a_refused_key_is_told_with_its_secret():
    assert ended("401 Unauthorized").remedy == (
        "put a valid key into Secret ngc-api-secret of namespace nim, which the next attempt reads"
    )
