"""What ``docs/fields.md`` says of restarts is what happens: fields are edited on every platform,
with the real controllers behind it, and the pods are compared by their uids.

`make neighbours FULL=1` builds what this needs; without it these tests are skipped.
"""

import time

import pytest

from hooks.nimcache.kinds import NIM_CACHE
from hooks.nimservice import kinds
from nimservice_simulator.metacontroller.children import ENGINES
from tests.control_plane import edits
from tests.control_plane.cluster import POD
from tests.fields import tried
from tests.fields.row import MPI, ONE_NODE, RAY, STANDARD
from tests.neighbours.neighbours import add_node
from tests.neighbours.place import nim

pytestmark = pytest.mark.usefixtures("kserve")
QUIET = 8.0
"""Seconds without a change of any pod after which the controllers have done what they do."""
LOOKS = 1.0
"""Seconds between two looks."""
SEEN = (kinds.NIM_SERVICE, kinds.DEPLOYMENT, kinds.LEADER_WORKER_SET, kinds.INFERENCE_SERVICE)


@pytest.fixture(scope="module", autouse=True)
def _room(cluster, neighbours):
    """Make nodes for all the pods."""
    assert neighbours.running()
    for number in range(6):
        add_node(cluster, f"room-{number}", gpus=128)


@pytest.mark.parametrize("player", ENGINES, indirect=True)
@pytest.mark.parametrize("platform", [STANDARD, ONE_NODE, MPI, RAY])
def test_pods_restart_where_the_table_says_so_and_nowhere_else(place, platform):
    every = edits.with_pods(platform)
    assert {edit.restarts for edit in every} == {True, False}
    for cache in caches(place.namespace):
        place.cluster.put(cache)
    for edit in every:
        place.cluster.put(nim(edit.name, place.namespace) | {"spec": played(edit.before)})
    before = come_to_rest(place, every)
    assert [edit.name for edit in every if not before[edit.name]] == [], "all have pods"

    for edit in every:
        place.edit(edit.name, lambda obj, edit=edit: obj.update(spec=played(edit.after)))
    after = come_to_rest(place, every)
    restarted = {edit.name for edit in every if before[edit.name] - after[edit.name]}
    assert restarted == {edit.name for edit in every if edit.restarts}, {
        edit.name: edit.fields for edit in every if (edit.name in restarted) != edit.restarts
    }


def caches(namespace):
    """Return the NIMCaches that the edits name."""
    for obj in tried.related():
        if obj["kind"] == NIM_CACHE.kind:
            yield {**obj, "metadata": {"name": obj["metadata"]["name"], "namespace": namespace}}


def played(spec):
    """Return a spec whose pods run well."""
    return {**spec, "labels": {**(spec.get("labels") or {}), "play": "well"}}


def come_to_rest(place, every):
    """Wait until every edit has reached its workload and no pod changes any more; return the uids
    of the model's pods by the name of the NIMService."""
    seen = {"pods": None, "since": time.monotonic(), "looked": 0.0}

    def rested():
        if time.monotonic() - seen["looked"] > LOOKS:
            pods = uids(place)
            if pods != seen["pods"] or not reached(place):
                seen.update(pods=pods, since=time.monotonic())
            seen["looked"] = time.monotonic()
        return time.monotonic() - seen["since"] > QUIET

    place.stage.until(rested, "no pod changes any more", seconds=400)
    return {edit.name: seen["pods"].get(edit.name, set()) for edit in every}


def reached(place):
    """Whether the controllers have seen all NIMServices and workloads as they are.

    That of KServe is sometimes greater than the generation, so it is no equality.
    """
    seen = (each for kind in SEEN for each in place.cluster.list(kind, place.namespace))
    return all(
        (each.get("status") or {}).get("observedGeneration", each["metadata"]["generation"])
        >= each["metadata"]["generation"]
        for each in seen
    )


def uids(place):
    """Return the pods of the models, without those of their endpoint pickers."""
    found = {}
    for each in place.cluster.list(POD, place.namespace):
        meta = each["metadata"]
        name = (meta.get("labels") or {}).get("app.kubernetes.io/instance", "")
        if not meta["name"].startswith(f"{name}-epp"):
            found.setdefault(name, set()).add(meta["uid"])
    return found
