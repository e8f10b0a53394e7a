"""Controller: how it starts, what it sends, what brings a sync about."""

import pytest

from hooks.cluster.api import Object
from nimservice_simulator.apiserver.server import ApiServer
from nimservice_simulator.metacontroller.composite import CreateError
from nimservice_simulator.metacontroller.loop import Metacontroller
from nimservice_simulator.metacontroller.transport import InProcess
from tests.simulator.lab import CONFIG_MAP, WIDGETS, Lab, config_map, returning


def test_a_related_object_that_changes_brings_a_sync() -> None:
    rules = {
        "relatedResources": [
            {"apiVersion": "v1", "resource": "secrets", "namespace": "default", "names": ["s"]}
        ]
    }
    lab = Lab(
        lambda request: {"status": {"seen": len(request["related"]["Secret.v1"])}},
        customize=lambda _: rules,
    )
    lab.widget()
    lab.run()
    assert lab.parent()["status"]["seen"] == 0
    for name in ("s", "other"):
        lab.server.create(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": name, "namespace": "default"},
            }
        )
    lab.run()
    assert lab.parent()["status"]["seen"] == 1
    calls = lab.calls()
    lab.server.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "third", "namespace": "default"},
        }
    )
    lab.run()
    assert lab.calls() == calls, "an object that no rule selects does not matter"


@pytest.mark.parametrize("selector", [None, {}, {"matchLabels": {}}, "app=x"])
def test_an_empty_selector_is_refused(selector: object) -> None:
    lab = Lab(returning(), generateSelector=False)
    widget = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "default"},
        "spec": {"selector": selector},
    }
    lab.server.create(widget)
    lab.run()
    assert "must have either matchLabels, matchExpressions, or both" in lab.loop.warnings[0].message


def test_a_selector_of_the_parents_own_adopts_what_matches() -> None:
    lab = Lab(returning(config_map("a", labels={"app": "w"})), generateSelector=False)
    spec = {"selector": {"matchLabels": {"app": "w"}}}
    lab.server.create(
        {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "metadata": {"name": "w", "namespace": "default"},
            "spec": spec,
        }
    )
    lab.run()
    lab.server.create(config_map("stray", namespace="default", labels={"app": "w"}))
    lab.run()
    assert not lab.exists("stray"), "adopted, not wanted, deleted"
    assert lab.exists("a")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hooks": None}, "no hooks defined"),
        ({"hooks": {"sync": {"version": "v2", "webhook": {}}}}, "neither url nor service"),
        ({"hooks": {"sync": {"webhook": {"url": "http://lab/sync"}}}}, "only hooks of version v2"),
        (
            {"childResources": [{"apiVersion": "v1", "resource": "pigs"}]},
            "can't find resource pigs",
        ),
        (
            {
                "childResources": [
                    {
                        "apiVersion": "v1",
                        "resource": "pods",
                        "updateStrategy": {"method": "RollingInPlace"},
                    }
                ]
            },
            "only the strategies InPlace and OnDelete",
        ),
        (
            {"parentResource": {"apiVersion": "v1", "resource": "configmaps"}},
            "does not have subresource 'Status' enabled",
        ),
    ],
)
def test_a_controller_that_cannot_work_is_not_started(change: Object, message: str) -> None:
    good = Lab(returning()).controller
    with pytest.raises(CreateError, match=message):
        Metacontroller(
            ApiServer(crds=[WIDGETS]),
            [{**good, "spec": {**good["spec"], **change}}],  # type: ignore[dict-item]
            InProcess(lambda _, __: (200, {}, b"{}")),
            clock=Lab(returning()).clock,
        )


def test_a_webhook_may_name_a_service() -> None:
    paths: list[str] = []

    def hook(path: str, _: bytes) -> tuple[int, dict[str, str], bytes]:
        paths.append(path)
        return 200, {}, b"{}"

    lab = Lab(returning())
    webhook = {
        "service": {"name": "hooks", "namespace": "nim"},
        "path": "/nimservice/sync?release=1",
    }
    controller = {
        **lab.controller,
        "spec": {
            **lab.controller["spec"],
            "hooks": {"sync": {"version": "v2", "webhook": webhook}},
        },
    }  # type: ignore[dict-item]
    loop = Metacontroller(lab.server, [controller], InProcess(hook), clock=lab.clock)
    assert (
        loop.controllers[0].composite.hooks["sync"].url
        == "http://hooks.nim:80/nimservice/sync?release=1"
    )
    lab.widget()
    loop.run()
    assert paths[0] == "/nimservice/sync?release=1"


def test_the_request_has_every_group_and_the_controller() -> None:
    lab = Lab(returning(config_map("a")), rules={CONFIG_MAP: "InPlace"})
    lab.widget()
    lab.run()
    _, first = lab.requests[0]
    assert first["children"] == {"ConfigMap.v1": {}}
    assert first["related"] == {}
    assert first["finalizing"] is False
    assert first["controller"] == lab.controller
    assert first["parent"]["kind"] == "Widget"
    assert list(lab.requests[-1][1]["children"]["ConfigMap.v1"]) == ["default/a"]
