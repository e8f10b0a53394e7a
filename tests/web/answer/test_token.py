"""Token: who shows one is answered, and tokens rotate without a restart."""

import json

import pytest

from tests.web.serving import BODY, got


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "first",
        "Bearer",
        "Bearer ",
        "Bearer second",
        "Bearer first1",
        "Basic first",
        "Bearer f\u00efrst",
    ],
)
def test_who_shows_no_token_or_another_gets_401_whatever_he_sends(secured, header):
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    connection = secured.connect()
    for body in (BODY, b"", b" " * 100_000):
        connection.request("POST", "/nimservice/sync?release=other", body, headers)
        response = connection.getresponse()
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert list(json.loads(response.read())) == ["error"]
    connection.close()


@pytest.mark.parametrize("header", ["Bearer first", "bearer first", "Bearer  first "])
def test_who_shows_the_token_is_answered(secured, header):
    assert secured.post(Authorization=header)[0] == 200


def test_probes_and_metrics_need_no_token(secured):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert got(secured.connect(), path) == 200


def test_a_token_rotates_without_a_restart_and_two_are_good_meanwhile(secured):
    secured.token.change(accepted=b"first\nsecond\n")
    assert [secured.ask(token) for token in ("first", "second")] == [200, 200]
    secured.token.change(accepted=b"second")
    assert [secured.ask(token) for token in ("first", "second")] == [401, 200]
    secured.token.change(accepted=b"\n")
    assert [secured.ask(token) for token in ("first", "second")] == [401, 401]


def test_no_token_stands_in_the_log(secured):
    secured.ask("guessed")
    assert "Bearer" not in secured.log.read_text()
    assert "guessed" not in secured.log.read_text()
