"""Bounds: no spec that the schema admits takes more processor time or memory than its size allows.

Each place of the schema where a spec can grow without end is filled: lists, maps, texts, and what
is handed on as it is, in many small values and in few large ones.
"""

import copy
import functools
import time
import tracemalloc
from collections.abc import Iterator

import orjson
import pytest

from hooks.kernel import protocol, resource, validation
from hooks.kernel.crd import shipped, structure
from hooks.nimservice.children.multinode import sshkey
from hooks.resources import NIM_CACHE, NIM_PIPELINE, NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored

SIZE = 110_000
"""Bytes of what fills a place: just below what is refused, where it costs most."""

SECONDS = 0.1
"""Processor time that a request of 100 kB may take."""

MEMORY = 10
"""How many times the memory of the decoded request a sync may take besides."""

FLOOR = 500_000
"""Bytes that a sync may take whatever its spec."""

NUMBER = 160
"""Bytes that orjson keeps free for each entry of a list of numbers while it writes the list."""

TEXTS = ("a", "a1", "1", "1.0.0", "a.b/c", "a/b", "100Mi", "==", "https://example.com/v1/hf")
PICKER = {
    "containerSpec": {"name": "epp", "image": {"repository": "example.com/epp", "tag": "1"}},
    "config": {
        "plugins": [{"type": "queue-scorer"}],
        "schedulingProfiles": [{"name": "all", "plugins": [{"pluginRef": "queue-scorer"}]}],
    },
}
SPEC = {
    "image": {"repository": "example.com/nim", "tag": "1"},
    "authSecret": "ngc",
    "storage": {"pvc": {"create": True, "size": "1Gi"}},
    "metrics": {"enabled": True},
    "expose": {
        "service": {"grpcPort": 9000},
        "router": {
            "gateway": {
                "name": "public",
                "namespace": "infra",
                "httpRoutesEnabled": True,
                "grpcRoutesEnabled": True,
            },
            "eppConfig": PICKER,
        },
    },
}
PLATFORMS = {
    "Deployment": {"scale": {"enabled": True, "hpa": {"maxReplicas": 2}}},
    "LeaderWorkerSet": {"multiNode": {"parallelism": {"pipeline": 2, "tensor": 8}}},
    "InferenceService": {"inferencePlatform": "kserve", "metrics": {}},
}
CACHE = {
    "source": {"ngc": {"modelPuller": "example.com/nim:1", "authSecret": "ngc"}},
    "storage": {"pvc": {"create": True, "size": "50Gi"}},
}


@pytest.fixture(autouse=True)
def _no_new_key(monkeypatch):
    """A key for a group is made by one sync alone, in a time that chance has its part in."""
    monkeypatch.setattr(sshkey, "_private_key", lambda: "a2V5")


def minimal(schema, number=0):
    """Return a small value of a schema; numbered ones of a list differ where they have a name."""
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            named = [each for each in ("name", "key") if each in properties]
            return {
                each: minimal(properties[each], number)
                for each in dict.fromkeys((*schema.get("required", ()), *named))
            }
        case "array":
            return [minimal(schema["items"])] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string" if "enum" in schema:
            return next(each for each in schema["enum"] if each)
        case "string":
            return next(text for text in (f"a{number}", *TEXTS) if fits(schema, text))
    return "1"


def fits(schema, text):
    return not [*structure.check(text, schema, "")]


def places(schema, path=()) -> Iterator[tuple]:
    """Yield the paths at which a value of a schema can grow."""
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        yield (*path, "?")
    match schema.get("type"):
        case "object":
            for name, part in schema.get("properties", {}).items():
                yield from places(part, (*path, name))
            if isinstance(schema.get("additionalProperties"), dict):
                yield (*path, "{}")
        case "array":
            yield (*path, "[]")
            yield from places(schema["items"], (*path, 0))
        case "string" if not schema.keys() & {"enum", "maxLength", "pattern"}:
            yield (*path, "text")


FILLINGS = {
    "?": {
        "many maps": lambda size: {"a": [{}] * (size // 3)},
        "many keys": lambda size: {f"k{number}": 1 for number in range(size // 10)},
        "one text": lambda size: {"a": "é: #" * (size // 5)},
        "deep": lambda size: functools.reduce(lambda inner, _: {"a": inner}, range(90), "x" * size),
    },
    "text": {"a text": lambda size: "$(A)" * (size // 4)},
}


def fillings(schema, end, size):
    """Return what fills a place, by what it is."""
    if end in FILLINGS:
        return {what: filling(size) for what, filling in FILLINGS[end].items()}
    if end == "{}":
        value = minimal(schema["additionalProperties"])
        each = len(orjson.dumps({"a/00000": value}))
        most = min(size // each, schema.get("maxProperties", size))
        return {"many entries": {f"a/{number}": value for number in range(most)}}
    each = len(orjson.dumps(minimal(schema["items"], 10_000))) + 1
    most = min(size // each, schema.get("maxItems", size))
    return {"many items": [minimal(schema["items"], number) for number in range(most)]}


def at(schema, path):
    for step in path:
        schema = schema["items"] if step == 0 else schema["properties"][step]
    return schema


def filled(base, schema, path, value):
    """Return a base with a value at a path, and what the schema requires on the way."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if step == 0:
        item = base[0] if isinstance(base, list) and base else minimal(schema["items"])
        return [filled(item, schema["items"], rest, value)]
    base = {**minimal(schema), **(base if isinstance(base, dict) else {})}
    part = schema["properties"][step]
    return {**base, step: filled(base.get(step), part, rest, value)}


def specs(kind, base):
    """Yield specs that are filled at each place in turn, with their names."""
    schema = shipped.schemas()[kind]["properties"]["spec"]
    for place in places(schema):
        *path, end = place
        if path.count(0) > 1:
            continue  # deep within what is handed on as it is
        found = at(schema, path)
        for what, value in fillings(found, end, SIZE).items():
            name = f"{'.'.join(map(str, path)).replace('.0', '[]')}: {what}"
            yield name, filled(base, schema, path, value)


def excess(kind, spec):
    """Return how far a sync goes beyond what its request allows, or an empty text."""
    parent = {**situation.nimservice(), "kind": kind.kind.kind, "spec": spec}
    body = orjson.dumps(stored.body(parent, manages=kind.context.CHILDREN))

    def sync(request):
        return protocol.encode(resource.sync(kind, request, Settings(), stored.NOW).body)

    allowed = SECONDS * max(1, len(body) / 100_000) * slowness()
    for _ in range(3):  # only the fastest tells: a busy machine makes others slower
        began = time.process_time()
        sync(protocol.decode(body))
        seconds = time.process_time() - began
        if seconds < allowed:
            break
    else:
        return f"{seconds * 1000:.0f} ms for {len(body) // 1000} kB"
    tracemalloc.start()
    try:
        request = protocol.decode(body)
        decoded = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        sync(request)
        taken = tracemalloc.get_traced_memory()[1] - decoded
    finally:
        tracemalloc.stop()
    numbers = body.count(b",") if b"supplementalGroups" in body else 0
    if taken > FLOOR + MEMORY * max(len(body), decoded) + NUMBER * numbers:
        return f"{taken // 1000} kB for {len(body) // 1000} kB, decoded {decoded // 1000} kB"
    return ""


@functools.cache
def slowness():
    """Return how much slower this machine is than one that does the loop below in 10 ms."""

    def loop():
        began = time.process_time()
        sum(number * number for number in range(150_000))
        return time.process_time() - began

    return max(1.0, min(loop() for _ in range(5)) / 0.01)


OF_PODS = ("args", "env", "initContainers", "sidecarContainers", "draResources", "annotations")
"""Fields that differ most between platforms."""


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_place_of_a_nimservice_takes_more_than_its_size_allows(platform):
    base = {**SPEC, **PLATFORMS[platform]}
    found = {
        name: excess(NIM_SERVICE, spec)
        for name, spec in specs("NIMService", base)
        if platform == "Deployment" or name.startswith(OF_PODS)
    }
    assert len(found) > 30
    assert {name: told for name, told in found.items() if told} == {}


def test_no_place_of_a_nimcache_takes_more_than_its_size_allows():
    found = {name: excess(NIM_CACHE, spec) for name, spec in specs("NIMCache", CACHE)}
    assert len(found) > 20
    assert {name: told for name, told in found.items() if told} == {}


CONTAINERS = [
    {"name": f"c{number}", "image": {"repository": "a", "tag": "b"}} for number in range(64)
]
VARIABLES = [{"name": f"A{number}", "value": "x"} for number in range(3000)]
TOGETHER = {
    "containers that repeat the variables": {"sidecarContainers": CONTAINERS, "env": VARIABLES},
    "containers of both kinds": {
        "initContainers": [{**each, "name": f"i{each['name']}"} for each in CONTAINERS],
        "sidecarContainers": CONTAINERS,
        "env": VARIABLES[:60],
    },
    "labels that every child repeats": {
        "labels": {f"a/{number}": "x" * 900 for number in range(64)}
    },
    "labels and devices": {
        "labels": {f"a/{number}": "x" * 60 for number in range(64)},
        "draResources": [
            {"claimCreationSpec": {"devices": [{"name": f"d{number}", "count": 1}] * 32}}
            for number in range(12)
        ],
    },
    "annotations": {"annotations": {f"a/{number}": "x" for number in range(8000)}},
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("fields", TOGETHER.values(), ids=TOGETHER)
def test_fields_that_multiply_are_bounded_too(platform, fields):
    assert excess(NIM_SERVICE, {**SPEC, **PLATFORMS[platform], **fields}) == ""


def test_a_pipeline_takes_as_much_as_its_services():
    large = {**SPEC, "annotations": {f"a/{number}": "x" for number in range(7000)}}
    services = [
        {"name": f"s{number}", "enabled": True, "spec": copy.deepcopy(large)}
        for number in range(15)
    ]
    assert excess(NIM_PIPELINE, {"services": services}) == ""


TOO_MUCH = {f"k{number}": number for number in range(validation.LARGEST // 10)}


@pytest.mark.parametrize("kind", [NIM_SERVICE, NIM_CACHE], ids=["NIMService", "NIMCache"])
def test_what_no_child_can_hold_is_refused_and_holds_what_runs(kind):
    """Even a spec that is none: its size is looked at first."""
    nim = {**situation.nimservice(), "kind": kind.kind.kind}
    service = situation.applied(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "llama", "namespace": stored.NAMESPACE},
            "spec": {"selector": {"app": "llama"}},
        }
    )
    nim["spec"] = {"a": {"b": [1, {"c": TOO_MUCH}], "d": "x"}}
    request = stored.request(nim, [service])
    answer = resource.sync(kind, request, Settings(), stored.NOW)
    assert [child["kind"] for child in answer.body["children"]] == ["Service"]
    ready = next(each for each in answer.body["status"]["conditions"] if each["type"] == "Ready")
    assert ready["reason"] == "InvalidSpec"
    assert ready["message"].startswith("spec.a.b[1].c: has ")
    assert "no child holds more than 131 kB" in ready["message"]


def test_a_service_of_a_pipeline_has_the_limit_of_a_nimservice():
    spec = {**SPEC, "annotations": dict.fromkeys(TOO_MUCH, "x")}
    nim = {**situation.nimservice(), "kind": "NIMPipeline"}
    nim["spec"] = {"services": [{"name": "a", "enabled": True, "spec": spec}]}
    answer = resource.sync(NIM_PIPELINE, stored.request(nim), Settings(), stored.NOW)
    ready = next(each for each in answer.body["status"]["conditions"] if each["type"] == "Ready")
    assert ready["message"].startswith("spec.services[0].spec.annotations: has ")
