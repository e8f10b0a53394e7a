"""The way between Metacontroller and the hooks: real certificates and tokens over real sockets, and what happens when they rotate."""

import http.client
import json
import socket
import ssl
import threading
from contextlib import closing

import pytest

from tests.certificates import CA, NAME, Mounted
from tests.web.test_server import BODY, Server, failed, said


class Connection(http.client.HTTPSConnection):
    """HTTPS to the server by the name that Metacontroller calls it."""

    def __init__(self, port, context):
        super().__init__("127.0.0.1", port, timeout=10, context=context)
        self._trust = context

    def connect(self):
        self.sock = self._trust.wrap_socket(
            socket.create_connection((self.host, self.port), self.timeout), server_hostname=NAME
        )


class SecureServer(Server):
    """A hook server with a certificate and a token in mounted Secrets."""

    def __init__(self, folder, ca, *arguments):
        self.ca = ca
        self.tls = Mounted(folder / "tls", **pair(ca))
        self.token = Mounted(folder / "token", accepted=b"first\n")
        super().__init__(
            folder / "log",
            *("--bind", "127.0.0.1:0", *arguments),
            NIM_HOOKS_TLS_CERT_FILE=self.tls["crt"],
            NIM_HOOKS_TLS_KEY_FILE=self.tls["key"],
            NIM_HOOKS_TOKEN_FILE=self.token["accepted"],
        )

    def connect(self, ca=None):
        return Connection(self.port, (ca or self.ca).trusted())

    def ask(self, token="first", **headers):
        return self.post(Authorization=f"Bearer {token}", **headers)[0]

    def shows(self):
        """Return the certificate that a new connection gets."""
        connection = self.connect()
        connection.connect()
        shown = connection.sock.getpeercert(binary_form=True)
        connection.close()
        return ssl.DER_cert_to_PEM_cert(shown).encode()


def got(connection, path="/healthz"):
    """Return the status of one request."""
    with closing(connection):
        return said(connection, "GET", path)[0]


def pair(ca, **options):
    certificate, key = ca.issue(**options)
    return {"crt": certificate, "key": key}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = SecureServer(tmp_path_factory.mktemp("secured"), CA())
    yield running
    assert running.stop() == 0
    assert [
        line
        for line in running.lines()
        if line["level"] == "error" and "reload failed" not in line["message"]
    ] == []


@pytest.fixture(autouse=True)
def _as_at_first(request):
    yield
    if "server" in request.fixturenames:
        running = request.getfixturevalue("server")
        running.tls.change(**pair(running.ca))
        running.token.change(accepted=b"first\n")


def test_who_trusts_the_ca_and_shows_the_token_is_answered(server):
    assert server.ask() == 200
    assert '"address":"https://127.0.0.1' in server.log.read_text()


def test_who_trusts_another_ca_is_not_talked_to_and_the_next_is_answered(server):
    with pytest.raises(ssl.SSLCertVerificationError, match=r"local issuer|self.signed"):
        got(server.connect(CA("another")))
    assert server.ask() == 200


def test_an_expired_certificate_is_noticed_by_the_client_and_mended_without_a_restart(server):
    server.tls.change(**pair(server.ca, days=-1))
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        server.ask()
    server.tls.change(**pair(server.ca))
    assert server.ask() == 200


def test_a_certificate_for_another_name_is_noticed(server):
    server.tls.change(**pair(server.ca, name="elsewhere.example.com"))
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        server.ask()


def test_an_old_version_of_tls_is_refused(server):
    context = server.ca.trusted()
    context.minimum_version, context.maximum_version = (
        ssl.TLSVersion.TLSv1_2,
        ssl.TLSVersion.TLSv1_2,
    )
    assert got(Connection(server.port, context)) == 200
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version, context.maximum_version = (
            ssl.TLSVersion.TLSv1,
            ssl.TLSVersion.TLSv1_1,
        )
    with pytest.raises(OSError, match=r"(?i)version|reset|unsupported"):
        got(Connection(server.port, context))


def test_plain_http_is_not_answered_and_the_next_is(server):
    with pytest.raises((http.client.HTTPException, OSError)):
        got(http.client.HTTPConnection("127.0.0.1", server.port, timeout=5))
    assert server.ask() == 200


def test_no_request_is_lost_while_certificates_rotate(server):
    statuses, errors, over = [], [], threading.Event()

    def load(kept):
        connection = server.connect()
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
        server.tls.change(**(new := pair(server.ca)))
        asked = len(statuses)
        while len(statuses) < asked + 20 and not errors:
            over.wait(0.01)
    over.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {*statuses} == {200}
    assert {server.shows() for _ in range(8)} == {new["crt"]}  # every worker has the last one


def test_a_pair_that_does_not_fit_is_not_taken_and_that_is_said_once(server):
    wrong = pair(server.ca)["crt"]
    server.tls.change(crt=wrong, key=pair(server.ca)["key"])
    assert wrong not in {
        server.shows() for _ in range(8)
    }  # each worker goes on with the last that it has taken
    told = [line for line in server.lines() if line["message"].startswith("reload failed")]
    assert 1 <= len(told) <= 2
    assert {line["level"] for line in told} == {"error"}


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
def test_who_shows_no_token_or_another_gets_401_whatever_he_sends(server, header):
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    connection = server.connect()
    for body in (BODY, b"", b" " * 100_000):
        connection.request("POST", "/nimservice/sync?release=other", body, headers)
        response = connection.getresponse()
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert list(json.loads(response.read())) == ["error"]
    connection.close()


@pytest.mark.parametrize("header", ["Bearer first", "bearer first", "Bearer  first "])
def test_who_shows_the_token_is_answered(server, header):
    assert server.post(Authorization=header)[0] == 200


def test_probes_and_metrics_need_no_token(server):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert got(server.connect(), path) == 200


def test_a_token_rotates_without_a_restart_and_two_are_good_meanwhile(server):
    server.token.change(accepted=b"first\nsecond\n")
    assert [server.ask(token) for token in ("first", "second")] == [200, 200]
    server.token.change(accepted=b"second")
    assert [server.ask(token) for token in ("first", "second")] == [401, 200]
    server.token.change(accepted=b"\n")
    assert [server.ask(token) for token in ("first", "second")] == [401, 401]


def test_no_token_stands_in_the_log(server):
    server.ask("guessed")
    assert "Bearer" not in server.log.read_text()
    assert "guessed" not in server.log.read_text()


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
