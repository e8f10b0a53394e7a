"""TLS: real certificates over real sockets, and what happens when they rotate."""

import http.client
import ssl
import threading

import pytest

from tests.certificates import CA, Mounted
from tests.web.serving import BODY, Connection, failed, got, pair, said


def test_who_trusts_the_ca_and_shows_the_token_is_answered(secured):
    assert secured.ask() == 200
    assert '"address":"https://127.0.0.1' in secured.log.read_text()


def test_who_trusts_another_ca_is_not_talked_to_and_the_next_is_answered(secured):
    with pytest.raises(ssl.SSLCertVerificationError, match=r"local issuer|self.signed"):
        got(secured.connect(CA("another")))
    assert secured.ask() == 200


def test_an_expired_certificate_is_noticed_by_the_client_and_mended_without_a_restart(secured):
    secured.tls.change(**pair(secured.ca, days=-1))
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        secured.ask()
    secured.tls.change(**pair(secured.ca))
    assert secured.ask() == 200


def test_a_certificate_for_another_name_is_noticed(secured):
    secured.tls.change(**pair(secured.ca, name="elsewhere.example.com"))
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        secured.ask()


def test_an_old_version_of_tls_is_refused(secured):
    context = secured.ca.trusted()
    context.minimum_version, context.maximum_version = (
        ssl.TLSVersion.TLSv1_2,
        ssl.TLSVersion.TLSv1_2,
    )
    assert got(Connection(secured.port, context)) == 200
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version, context.maximum_version = (
            ssl.TLSVersion.TLSv1,
            ssl.TLSVersion.TLSv1_1,
        )
    with pytest.raises(OSError, match=r"(?i)version|reset|unsupported|eof"):
        got(Connection(secured.port, context))


def test_plain_http_is_not_answered_and_the_next_is(secured):
    with pytest.raises((http.client.HTTPException, OSError)):
        got(http.client.HTTPConnection("127.0.0.1", secured.port, timeout=5))
    assert secured.ask() == 200


def test_no_request_is_lost_while_certificates_rotate(secured):
    statuses, errors, over = [], [], threading.Event()

    def load(kept):
        connection = secured.connect()
        while not over.is_set():
            try:
                statuses.append(
                    said(
                        connection,
                        "POST",
                        "/nimservice/sync",
                        BODY,
                        {"Authorization": "Bearer first"},
                    )[0]
                )
                if not kept:
                    connection.close()  # the next request begins with a handshake
            except OSError as error:
                errors.append(error)
                connection.close()
        connection.close()

    threads = [threading.Thread(target=load, args=(number % 2,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        secured.tls.change(**(new := pair(secured.ca)))
        asked = len(statuses)
        while len(statuses) < asked + 20 and not errors:
            over.wait(0.01)
    over.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {*statuses} == {200}
    assert {secured.shows() for _ in range(8)} == {new["crt"]}  # every worker has the last one


def test_a_pair_that_does_not_fit_is_not_taken_and_that_is_said_once(secured):
    wrong = pair(secured.ca)["crt"]
    secured.tls.change(crt=wrong, key=pair(secured.ca)["key"])
    assert wrong not in {
        secured.shows() for _ in range(8)
    }  # each worker goes on with the last that it has taken
    told = [line for line in secured.lines() if line["message"].startswith("reload failed")]
    assert 1 <= len(told) <= 2
    assert {line["level"] for line in told} == {"error"}


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        (
            {"TLS_CERT_FILE": "crt"},
            ["NIM_HOOKS_TLS_CERT_FILE and NIM_HOOKS_TLS_KEY_FILE: set both or neither"],
        ),
        (
            {"TLS_KEY_FILE": "key"},
            ["NIM_HOOKS_TLS_CERT_FILE and NIM_HOOKS_TLS_KEY_FILE: set both or neither"],
        ),
        (
            {"TLS_CERT_FILE": "crt", "TLS_KEY_FILE": "none"},
            ["NIM_HOOKS_TLS_CERT_FILE and NIM_HOOKS_TLS_KEY_FILE: [Errno 2] No such"],
        ),
        (
            {"TLS_CERT_FILE": "crt", "TLS_KEY_FILE": "other"},
            ["NIM_HOOKS_TLS_CERT_FILE and NIM_HOOKS_TLS_KEY_FILE: [X509: KEY_VALUES_MISM"],
        ),
        (
            {"TLS_CERT_FILE": "crt", "TLS_KEY_FILE": "locked"},
            ["NIM_HOOKS_TLS_CERT_FILE and NIM_HOOKS_TLS_KEY_FILE: the key is encr"],
        ),
        ({"TOKEN_FILE": "none"}, ["NIM_HOOKS_TOKEN_FILE: [Errno 2] No such"]),
        ({"TOKEN_FILE": "blank"}, ["NIM_HOOKS_TOKEN_FILE: "]),
    ],
)
def test_a_file_of_no_use_is_one_line_and_exit_code_2(tmp_path, files, lines):
    ca = CA()
    mounted = Mounted(
        tmp_path / "files",
        **pair(ca),
        other=ca.issue()[1],
        locked=ca.issue(password=b"x")[1],
        blank=b"\n",
    )
    code, told = failed(**{f"NIM_HOOKS_{name}": mounted[file] for name, file in files.items()})
    assert code == 2
    assert len(told) == len(lines)
    assert all(
        line.startswith(f"nimservice serve: {expected}")
        for line, expected in zip(told, lines, strict=True)
    )
