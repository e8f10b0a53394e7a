"""Every sample, golden parent and input of the comparison at once: admitted, made, stored as it was asked for, and then at rest."""

from collections.abc import Iterator
from datetime import UTC, datetime

from hooks import kinds
from hooks.local import offline
from hooks.local.api import ApiError
from hooks.settings import Settings
from tests.control_plane import situations
from tests.control_plane.cluster import condition, readable
from tests.control_plane.stage import writes_at_rest


def test_everything_is_admitted_made_and_at_rest(stage):
    cluster, namespace = stage.cluster, stage.namespace
    everything = situations.every(namespace)
    refused = {}
    for situation in everything:
        for obj in (*situation.others, situation.nim):
            try:
                cluster.put(obj)
            except ApiError as error:
                refused[situation.name] = str(error)
    assert refused == {}
    stage.settle()

    unmanaged = {kind.kind for kind in kinds.MANAGED if not cluster.served(kind)}
    owned, wrong = children_by_owner(cluster, namespace), {}
    for situation in everything:
        answer = offline.render(situation.nim, situation.others, Settings(), now=datetime.now(UTC), without=unmanaged)
        nim = cluster.get(kinds.NIM_SERVICE, namespace, situation.nim["metadata"]["name"])
        if problems := [*amiss(nim, answer), *differences(as_children(answer["children"]), owned.get(nim["metadata"]["uid"], {}), "")]:
            wrong[situation.name] = problems
    assert wrong == {}

    written = writes_at_rest(stage)
    assert not written, readable(written)


def amiss(nim, answer) -> Iterator[str]:
    """Yield what a status says, or does not say, that it should not."""
    status = nim["status"]
    if status["observedGeneration"] != nim["metadata"]["generation"]:
        yield "the status is of another generation"
    if status["state"] == "Failed" != answer["status"]["state"]:
        yield f"Failed: {condition(nim, 'Ready')['message']}"


def as_children(objects):
    """Return objects by kind and name, without the bytes of generated keys."""
    found = {f"{obj['kind']} {obj['metadata']['name']}": obj for obj in objects}
    return {key: {**obj, "data": dict.fromkeys(obj["data"])} if obj["kind"] == "Secret" else obj for key, obj in found.items()}


def children_by_owner(cluster, namespace):
    """Return what each NIMService owns, by its uid."""
    owned = {}
    for kind in kinds.MANAGED:
        if cluster.served(kind):
            for obj in cluster.list(kind, namespace):
                for owner in obj["metadata"].get("ownerReferences") or []:
                    owned.setdefault(owner["uid"], []).append(obj)
    return {uid: as_children(objects) for uid, objects in owned.items()}


def differences(wanted, stored, path) -> Iterator[str]:
    """Yield where an object is not stored as it was asked for; what the server added besides does not count."""
    if not path:
        yield from (f"{key} is not wanted" for key in stored.keys() - wanted.keys())
    if isinstance(wanted, dict) and isinstance(stored, dict):
        for key, value in wanted.items():
            if key not in stored:
                yield f"{path}.{key} is lost"
            else:
                yield from differences(value, stored[key], f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(stored, list):
        if len(wanted) != len(stored):
            yield f"{path} has {len(stored)} entries, not {len(wanted)}"
        for index, (mine, theirs) in enumerate(zip(wanted, stored, strict=False)):
            yield from differences(mine, theirs, f"{path}[{index}]")
    elif wanted != stored or type(wanted) is not type(stored):
        yield f"{path} is {stored!r}, not {wanted!r}"
