"""Drift: what somebody else changes on a child is put back, as far as each engine can."""

from collections.abc import Iterator
from copy import deepcopy
from functools import partial

import pytest

from hooks.cluster.api import ApiError
from hooks.kernel import lastapplied
from hooks.nimservice import kinds
from tests.control_plane.cluster import readable
from tests.control_plane.situations import GATEWAY, full
from tests.control_plane.stage import writes_at_rest

KEYS = {
    "dynamic-apply": ("containerPort", "port", "mountPath", "name", "uid", "ip", "path"),
    "server-side-apply": (
        "containerPort",
        "port",
        "mountPath",
        "name",
        "uid",
        "ip",
        "path",
        "protocol",
    ),
}
"""What tells the entries of a list apart for each engine."""

MEMORY = ("data", "made-with")
"""What the ConfigMap of an endpoint picker remembers of its first configuration."""

METRICS = {"metrics": {"enabled": True, "serviceMonitor": {"interval": "15s"}}}


ROUTES = {"gateway": GATEWAY | {"grpcRoutesEnabled": True}}
PICKER = {
    "containerSpec": {
        "name": "epp",
        "image": {"repository": "registry.example.com/epp", "tag": "v1.3.0"},
    },
    "config": {
        "plugins": [{"type": "queue-scorer"}],
        "schedulingProfiles": [{"name": "default", "plugins": []}],
    },
}
ALONE = {"scale": None, "replicas": 1}
SITUATIONS = {
    "ingress": {},
    "gateway": {"expose": {"service": {"port": 8000, "grpcPort": 8001}, "router": ROUTES}},
    "endpoint picker": {
        "expose": {
            "router": {**ROUTES, "eppConfig": PICKER},
            "service": {"port": 8000, "grpcPort": 8001},
        }
    },
    "groups": {"multiNode": {"parallelism": {"pipeline": 2, "tensor": 8}}, **ALONE},
    "kserve": {"inferencePlatform": "kserve", **ALONE},
}


@pytest.mark.parametrize("fields", SITUATIONS.values(), ids=SITUATIONS)
def test_every_field_we_set_is_put_back(world, fields):
    """Every leaf of every child that the API server lets a person change is changed at once, and
    comes back."""
    world.apply(
        full(world.namespace, **{**METRICS, "env": [{"name": "MODE", "value": "a"}], **fields})
    )
    changed = {}
    for child in list(world.cluster.children(world.nim())):
        if kind_of(child).strategy == "InPlace":
            paths = drift(world, child)
            changed[f"{child['kind']} {child['metadata']['name']}"] = (child, paths)
    assert sum(len(paths) for _, paths in changed.values()) > 40
    world.stage.settle()
    for name, (before, paths) in changed.items():
        after = world.get(kind_of(before), before["metadata"]["name"])
        assert [path for path in paths if at(after, path) != at(before, path)] == [], name
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


def drift(world, child):
    """Change as many of the fields that were applied as the API server allows, and return their
    paths."""
    changed, paths = deepcopy(child), []
    for path in leaves(lastapplied.last_applied(child, "metacontroller")):
        if (
            path[0] in ("apiVersion", "kind")
            or path[:2] in (("metadata", "name"), ("metadata", "namespace"))
            or at(child, path) is None
        ):
            continue
        if (
            world.stage.engine == "server-side-apply"
            and path[0] == "metadata"
            and child["metadata"].get("generation")
        ):
            continue  # see test_labels_and_annotations_under_each_engine
        if path == MEMORY or (child["kind"] == kinds.SECRET.kind and path[0] == "data"):
            continue  # it is believed as it is found
        if len(path) > 1 and isinstance(path[-2], int) and path[-1] in KEYS[world.stage.engine]:
            continue  # an entry of another key is an entry of somebody else's
        tried = deepcopy(changed)
        put(tried, path, other(at(child, path)))
        if allowed(world.cluster, tried):
            changed = tried
            paths.append(path)
    world.cluster.edit(
        kind_of(child), world.namespace, child["metadata"]["name"], partial(become, changed)
    )
    return paths


def become(changed, live):
    """Give a live object the content of another."""
    live |= {
        **changed,
        "metadata": {**changed["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]},
    }


def allowed(cluster, obj):
    """Tell whether the API server would take an object as it is now."""
    live = cluster.get(kind_of(obj), obj["metadata"]["namespace"], obj["metadata"]["name"])
    become(obj, live)
    try:
        cluster.connection.request("PUT", cluster.path_of(live), live, dryRun="All")
    except ApiError:
        return False
    return True


def leaves(value, path=()) -> Iterator[tuple]:
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from leaves(below, (*path, key))
    elif isinstance(value, list) and value:
        for index, below in enumerate(value):
            yield from leaves(below, (*path, index))
    else:
        yield path


def at(obj, path):
    for step in path:
        try:
            obj = obj[step]
        except (KeyError, IndexError):
            return None
    return obj


def put(obj, path, value):
    at(obj, path[:-1])[path[-1]] = value


def other(value):
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}-other" if isinstance(value, str) else value


def kind_of(child):
    return next(kind for kind in kinds.MANAGED if kind.kind == child["kind"])


def test_labels_and_annotations_under_each_engine(world):
    """Under server-side apply Metacontroller does not see them change on objects that have a
    generation, until it is started anew."""
    world.apply(full(world.namespace))
    for kind in (kinds.SERVICE, kinds.DEPLOYMENT):
        world.cluster.edit(
            kind,
            world.namespace,
            "llama",
            lambda obj: obj["metadata"]["labels"].update({"app.kubernetes.io/name": "other"}),
        )
    world.stage.settle()
    assert label(world, kinds.SERVICE) == "llama"
    seen = world.stage.engine == "dynamic-apply"
    assert label(world, kinds.DEPLOYMENT) == ("llama" if seen else "other")
    world.stage.restart()
    world.stage.resync()
    assert label(world, kinds.DEPLOYMENT) == "llama"


def label(world, kind):
    return world.get(kind)["metadata"]["labels"]["app.kubernetes.io/name"]


def test_a_port_renumbered_by_hand_is_put_back(world):
    """What somebody else added stays under server-side apply, so the other number does, under
    another name."""
    world.apply(full(world.namespace))
    world.cluster.edit(
        kinds.SERVICE,
        world.namespace,
        "llama",
        lambda obj: obj["spec"]["ports"][0].update(port=8001),
    )
    world.cluster.edit(
        kinds.DEPLOYMENT,
        world.namespace,
        "llama",
        lambda obj: container_ports(obj)[0].update(containerPort=8001),
    )
    world.stage.settle()
    left = [] if world.stage.engine == "dynamic-apply" else [("stray-8001", 8001)]
    service = [(port["name"], port["port"]) for port in world.get(kinds.SERVICE)["spec"]["ports"]]
    container = [
        (port["name"], port["containerPort"])
        for port in container_ports(world.get(kinds.DEPLOYMENT))
    ]
    assert sorted(service) == sorted(container) == [("api", 8000), *left]
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


def container_ports(deployment):
    return deployment["spec"]["template"]["spec"]["containers"][0]["ports"]


def test_what_others_add_stays(world):
    world.apply(full(world.namespace))

    def add(obj):
        obj["metadata"].setdefault("annotations", {})["mine"] = "yes"
        obj["spec"]["template"]["metadata"].setdefault("annotations", {})["injected"] = "yes"
        obj["spec"]["template"]["spec"]["containers"].append(
            {"name": "sidecar", "image": "example.com/sidecar:1"}
        )

    world.cluster.edit(kinds.DEPLOYMENT, world.namespace, "llama", add)
    world.stage.resync(2)
    deployment = world.get(kinds.DEPLOYMENT)
    assert deployment["metadata"]["annotations"]["mine"] == "yes"
    assert deployment["spec"]["template"]["metadata"]["annotations"]["injected"] == "yes"
    assert [each["name"] for each in deployment["spec"]["template"]["spec"]["containers"]] == [
        "llama-ctr",
        "sidecar",
    ]
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


def test_a_child_that_somebody_deletes_comes_back(world):
    world.apply(full(world.namespace))
    before = uids(world)
    assert "Deployment" in before
    for child in list(world.cluster.children(world.nim())):
        if child["kind"] != "PersistentVolumeClaim":  # its finalizer keeps it while pods use it
            world.cluster.delete(kind_of(child), world.namespace, child["metadata"]["name"])
    world.stage.settle()
    after = uids(world)
    assert set(after) == set(before)
    assert [kind for kind in after if after[kind] == before[kind]] == ["PersistentVolumeClaim"]


def uids(world):
    return {
        child["kind"]: child["metadata"]["uid"] for child in world.cluster.children(world.nim())
    }
