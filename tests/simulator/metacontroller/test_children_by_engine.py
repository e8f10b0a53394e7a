"""Engines: where dynamic and server-side apply differ."""

from collections import Counter

import pytest

from hooks.cluster.api import Resource
from hooks.kernel.values import copied
from tests.simulator.lab import (
    CONFIG_MAP,
    DEPLOYMENT,
    LAST_APPLIED,
    SERVICE,
    Lab,
    config_map,
    deployment,
    returning,
    service,
)


def test_server_side_apply_does_not_see_drift_of_labels_on_kinds_with_a_generation() -> None:
    """What the cache compares for a Deployment is its generation"""
    child = deployment("d")
    child["metadata"]["labels"] = {"tier": "gpu"}
    lab = Lab(returning(child), engine="server-side-apply", rules={DEPLOYMENT: "InPlace"})
    lab.widget()
    lab.run()
    lab.edit("d", lambda obj: obj["metadata"]["labels"].update(tier="cpu"), DEPLOYMENT)
    lab.run()
    assert lab.get("d", DEPLOYMENT)["metadata"]["labels"]["tier"] == "cpu"
    lab.edit(
        "d",
        lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image="mine"),
        DEPLOYMENT,
    )
    lab.run()
    repaired = lab.get("d", DEPLOYMENT)
    assert repaired["spec"]["template"]["spec"]["containers"][0]["image"] == "image:1"
    assert repaired["metadata"]["labels"]["tier"] == "gpu"


def test_a_conflict_is_swallowed_and_the_next_sync_mends() -> None:
    lab = Lab(returning(config_map("a")))
    lab.widget()
    lab.run()
    lab.writes()
    lab.edit("a", lambda obj: obj["data"].update(key="mine"))
    lab.loop.informers.deliver()
    lab.edit("a", lambda obj: obj["data"].update(other="also mine"))
    assert lab.loop.step()
    assert lab.writes() == Counter({("update", "ConfigMap"): 1})
    assert lab.get("a")["data"]["key"] == "mine"
    assert not lab.loop.warnings
    lab.run()
    assert lab.get("a")["data"] == {"key": "value", "other": "also mine"}


def test_dynamic_apply_collapses_two_ports_of_one_number_and_is_refused() -> None:
    dns = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
    ]
    lab = Lab(returning(service("s", *dns)), rules={SERVICE: "InPlace"})
    lab.widget()
    lab.run()
    assert "spec.ports[1]: Duplicate value" in lab.loop.warnings[0].message


def test_server_side_apply_merges_two_ports_of_one_number() -> None:
    dns = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
    ]
    lab = Lab(returning(service("s", *dns)), engine="server-side-apply", rules={SERVICE: "InPlace"})
    lab.widget()
    lab.run()
    assert not lab.loop.warnings
    assert not lab.writes_of_one_sync()


def odd_quantity() -> dict[str, object]:
    child = deployment("d")
    child["spec"]["template"]["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "1000m"}}
    return child


def short_route() -> dict[str, object]:
    rules = [{"backendRefs": [{"name": "s", "port": 80}]}]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "d"},
        "spec": {"rules": rules},
    }


@pytest.mark.parametrize(
    "child",
    [odd_quantity(), short_route(), deployment("d", minReadySeconds=0)],
    ids=["quantity", "list", "zero"],
)
def test_what_the_server_rewrites_costs_dynamic_apply_an_update_at_every_sync(
    child: dict[str, str],
) -> None:
    kind = Resource(child["apiVersion"], child["kind"], child["kind"].lower() + "s")
    lab = Lab(returning(child), rules={kind: "InPlace"})
    lab.widget()
    lab.run()
    version = lab.get("d", kind)["metadata"]["resourceVersion"]
    assert lab.writes_of_one_sync() == Counter({("update", child["kind"]): 1})
    assert lab.get("d", kind)["metadata"]["resourceVersion"] == version, (
        "nothing is stored, so no loop"
    )


def test_server_side_apply_does_not_mind_what_the_server_rewrites() -> None:
    lab = Lab(returning(odd_quantity()), engine="server-side-apply", rules={DEPLOYMENT: "InPlace"})
    lab.widget()
    lab.run()
    assert not lab.writes_of_one_sync()


def test_dynamic_apply_loses_all_annotations_over_one_that_is_no_string() -> None:
    lab = Lab(returning(config_map("a", annotations={"port": 9090, "other": "x"})))
    lab.widget()
    lab.run()
    assert list(lab.get("a")["metadata"]["annotations"]) == [LAST_APPLIED]


def test_server_side_apply_refuses_an_annotation_that_is_no_string() -> None:
    lab = Lab(returning(config_map("a", annotations={"port": 9090})), engine="server-side-apply")
    lab.widget()
    lab.run()
    assert not lab.exists("a")
    assert "cannot unmarshal" in lab.loop.warnings[0].message


@pytest.mark.parametrize("method", ["OnDelete", "InPlace"])
def test_dynamic_apply_follows_the_update_strategy(method: str) -> None:
    lab = Lab(returning(config_map("a")), rules={CONFIG_MAP: method})
    lab.widget()
    lab.run()
    first = lab.get("a")["metadata"]["uid"]
    lab.hooks["sync"] = returning(config_map("a", {"key": "new"}))
    lab.loop.resync()
    lab.run()
    child = lab.get("a")
    assert child["data"]["key"] == ("value" if method == "OnDelete" else "new")
    assert child["metadata"]["uid"] == first


def test_switching_to_server_side_apply_drops_the_annotation_and_keeps_the_rest() -> None:
    lab = Lab(returning(config_map("a")))
    lab.widget()
    lab.run()
    assert LAST_APPLIED in lab.get("a")["metadata"]["annotations"]
    later = Lab(returning(config_map("a")), engine="server-side-apply")
    parent = later.widget()
    old = copied(lab.get("a"))
    for name in ("resourceVersion", "uid", "managedFields"):
        del old["metadata"][name]
    old["metadata"]["ownerReferences"][0]["uid"] = old["metadata"]["labels"]["controller-uid"] = (
        parent["metadata"]["uid"]
    )
    later.server.create(old, manager="metacontroller")
    later.run()
    child = later.get("a")
    assert "annotations" not in child["metadata"]
    assert {entry["operation"] for entry in child["metadata"]["managedFields"]} == {
        "Apply",
        "Update",
    }
    assert not later.writes_of_one_sync()


def test_generated_names_churn_for_ever() -> None:
    nameless = config_map("x")
    nameless["metadata"] = {"generateName": "x-"}
    lab = Lab(returning(nameless))
    lab.widget()
    assert lab.loop.run(20) == 20
