"""Metadata: names, labels, annotations and owners that the server admits."""

from typing import Any

import pytest

from hooks.cluster.api import BadRequest, Invalid, Object
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.apiserver.objects import placed, widget
from tests.simulator.lab import service


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"name": "Upper"}, "metadata.name"),
        ({"name": "a" * 254}, "metadata.name"),
        ({"name": "a_b"}, "metadata.name"),
        ({}, "name or generateName is required"),
        ({"name": "w", "labels": {"a": "x" * 64}}, "metadata.labels"),
        ({"name": "w", "labels": {"a b": "x"}}, "metadata.labels"),
        ({"name": "w", "annotations": {"/a": "x"}}, "metadata.annotations"),
        ({"name": "w", "annotations": {"a": "x" * 262144}}, "Too long"),
        (
            {
                "name": "w",
                "ownerReferences": [
                    {"uid": "1", "controller": True},
                    {"uid": "2", "controller": True},
                ],
            },
            "Only one reference",
        ),
    ],
)
def test_metadata_has_its_rules(server: ApiServer, metadata: Object, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        server.create(widget(metadata={"namespace": "default", **metadata}))


@pytest.mark.parametrize(
    "metadata", [{"name": "w", "labels": {"a": 1}}, {"name": "w", "annotations": {"a": True}}, "w"]
)
def test_metadata_of_another_type_is_a_bad_request(server: ApiServer, metadata: Any) -> None:
    meta = {"namespace": "default", **metadata} if isinstance(metadata, dict) else metadata
    with pytest.raises(BadRequest):
        server.create(widget(metadata=meta))


@pytest.mark.parametrize("name", ["a" * 64, "1a", "a.b"])
def test_a_services_name_is_narrower(server: ApiServer, name: str) -> None:
    with pytest.raises(Invalid, match="DNS-1035"):
        server.create(placed(service(name, {"port": 80})))
