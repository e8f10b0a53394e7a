"""A server in this process, and one of its own that speaks HTTPS."""

import pytest

from hooks.kernel import resource
from hooks.kernel.resource import Answer
from hooks.resources import Settings
from tests.certificates import CA
from tests.web import serving
from tests.web.client import Client


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


@pytest.fixture
def answers(monkeypatch):
    """Stand in for the handlers; ``answers[hook]`` is what a hook returns, or the exception it
    raises."""
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
def client(answers):  # noqa: ARG001 - the handlers that it calls
    """Return a client of a server whose handlers are those of ``answers``."""
    return Client(Settings(max_body_bytes=1024))
