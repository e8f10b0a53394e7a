"""Children that fail: one that cannot be written, kinds that are not there, and answers that are
none."""

from collections import Counter

import pytest

from hooks.cluster.api import Resource
from nimservice_simulator.metacontroller.children import Engine
from tests.simulator.lab import (
    CONFIG_MAP,
    DEPLOYMENT,
    SERVICE,
    Lab,
    config_map,
    made,
    returning,
    service,
)


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b"sorry"),
        (204, {}, b""),
        (200, {}, b""),
        (200, {}, b"{not json"),
        (200, {}, b'{"children": {}}'),
    ],
)
def test_a_failed_answer_changes_nothing_and_is_tried_again_later(
    engine: Engine, answer: tuple[int, dict[str, str], bytes]
) -> None:
    lab = Lab(returning(config_map("a"), status={"fine": True}), engine=engine)
    lab.widget()
    lab.run()
    lab.writes()
    good, lab.hooks["sync"] = lab.hooks["sync"], lambda _: answer
    lab.loop.resync()
    lab.run()
    assert not lab.writes()
    assert lab.exists("a")
    assert lab.parent()["status"] == {"fine": True, "observedGeneration": 1}
    assert [warning.reason for warning in lab.loop.warnings] == ["SyncError"]
    calls = lab.calls()
    lab.hooks["sync"] = good
    assert lab.later(0.004) == 0, "back-off begins at 5 ms"
    lab.later(0.002)
    assert lab.calls() == calls + 1
    assert lab.widgets.queue.failures(("default", "w")) == 0


def test_the_body_of_an_error_lands_in_the_event() -> None:
    lab = Lab(lambda _: (500, {}, b"llama: disk full\n"))
    lab.widget()
    lab.run()
    assert (
        lab.loop.warnings[0].message
        == "Sync error: sync hook failed: unsupported status code: 500 body: llama: disk full"
    )


def test_another_version_than_the_rules_is_made_and_deleted_for_ever(engine: Engine) -> None:
    rule = Resource("autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    child = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h"},
        "spec": {"maxReplicas": 3, "scaleTargetRef": target},
    }
    lab = Lab(returning(child), engine=engine, rules={rule: "InPlace"})
    lab.widget()
    assert lab.loop.run(30) == 30
    writes = lab.writes()
    assert writes["delete", "HorizontalPodAutoscaler"] > 5
    assert writes[made(engine, "HorizontalPodAutoscaler")] > 5


def test_a_kind_that_is_not_listed_is_written_once_every_sync_and_never_seen(
    engine: Engine,
) -> None:
    lab = Lab(returning(service("s", {"port": 80})), engine=engine)
    lab.widget()
    lab.run()
    assert lab.exists("s", SERVICE)
    assert lab.requests[-1][1]["children"] == {"ConfigMap.v1": {}}
    assert lab.writes_of_one_sync() == Counter({made(engine, "Service"): 1})


def test_a_kind_that_does_not_exist_fails_alone(engine: Engine) -> None:
    strange = {"apiVersion": "example.com/v9", "kind": "Strange", "metadata": {"name": "s"}}
    lab = Lab(returning(strange, config_map("a"), status={"fine": True}), engine=engine)
    lab.widget()
    lab.run()
    assert lab.exists("a")
    assert lab.parent()["status"]["fine"] is True
    assert "can't find kind Strange in apiVersion example.com/v9" in lab.loop.warnings[0].message


def test_a_listed_kind_that_disappears_fails_every_sync(engine: Engine) -> None:
    lab = Lab(
        returning(config_map("a")),
        engine=engine,
        rules={CONFIG_MAP: "InPlace", DEPLOYMENT: "InPlace"},
    )
    lab.widget()
    lab.run()
    lab.server.uninstall(DEPLOYMENT)
    lab.loop.resync()
    lab.run()
    assert "can't find resource deployments in apiVersion apps/v1" in lab.loop.warnings[0].message


def test_one_failed_child_does_not_stop_the_others_nor_the_status(engine: Engine) -> None:
    lab = Lab(
        returning(config_map("Bad_Name"), config_map("good"), status={"fine": True}), engine=engine
    )
    lab.widget()
    lab.run()
    assert lab.exists("good")
    assert lab.parent()["status"]["fine"] is True
    assert "Bad_Name" in lab.loop.warnings[0].message
