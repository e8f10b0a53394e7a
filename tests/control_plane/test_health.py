"""Health: the real ``kubectl wait`` on a real API server, in every state of ``docs/health.md``."""

import json

import pytest

from tests import health
from tests.situations import nimservice as situation


@pytest.fixture
def stored(plane, namespace):
    """Return a function that stores a NIMService, and one that gives it a status of the generation
    it has, or of the one before."""
    manifest = situation.nimservice()
    manifest["metadata"] = {"name": situation.NAME, "namespace": namespace}
    plane.kubectl("create", "-f", "-", stdin=json.dumps(manifest))

    def give(status, *, late):
        live = json.loads(
            plane.kubectl("get", "nims", situation.NAME, "-n", namespace, "-o", "json")
        )
        seen = live["metadata"]["generation"] - late
        conditions = [{**each, "observedGeneration": seen} for each in status.get("conditions", [])]
        live["status"] = {**status, "observedGeneration": seen, "conditions": conditions}
        plane.kubectl("replace", "--subresource=status", "-f", "-", stdin=json.dumps(live))

    return give


def _met(plane, namespace):
    return "condition met" in plane.kubectl(
        "wait",
        f"nims/{situation.NAME}",
        "-n",
        namespace,
        "--for=condition=Ready",
        "--timeout=0",
        check=False,
    )


def test_a_nimservice_that_nobody_has_seen_reads_as_not_seen(plane, namespace, stored):  # noqa: ARG001 - it is stored
    status = plane.kubectl(
        "get", "nims", situation.NAME, "-n", namespace, "-o", "jsonpath={.status}"
    )
    assert json.loads(status) == {"observedGeneration": -1}
    assert not _met(plane, namespace)


def test_kubectl_waits_exactly_as_the_page_says(plane, namespace, stored):
    wrong = []
    for name, make in health.SITUATIONS.items():
        nim = make()
        late = nim["metadata"]["generation"] - nim["status"]["observedGeneration"]
        stored(nim["status"], late=min(late, 1))
        if _met(plane, namespace) == health.waits(nim):
            wrong.append(name)
    assert wrong == []
