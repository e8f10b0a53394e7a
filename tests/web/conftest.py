"""A server that speaks HTTPS, for the tests of certificates and of tokens."""

import pytest

from tests.certificates import CA
from tests.web import serving


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """Return a hook server with a certificate and a token, which a test may change."""
    running = serving.SecureServer(tmp_path_factory.mktemp("secured"), CA())
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
    if "secured" in request.fixturenames:
        running = request.getfixturevalue("secured")
        running.tls.change(**serving.pair(running.ca))
        running.token.change(accepted=b"first\n")
