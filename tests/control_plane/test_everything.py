"""Every sample, golden parent and input of the comparison at once: admitted, made, stored as it was
asked for, and then at rest."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from hooks.cluster.api import ApiError
from hooks.kernel.observed import condition
from hooks.nimservice import kinds
from hooks.preview import render
from hooks.resources import Settings
from tests.control_plane import situations
from tests.control_plane.cluster import readable
from tests.control_plane.stage import writes_at_rest
from tests.control_plane.stored import as_children, children_by_owner, differences


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

    with suppress(AssertionError):  # a busy machine may be quiet for a while before it goes on
        stage.until(lambda: not wrong(cluster, namespace, everything), "all is well", seconds=60)
    assert wrong(cluster, namespace, everything) == {}

    written = writes_at_rest(stage)
    assert not written, readable(written)


def wrong(cluster, namespace, everything):
    """Return by situation what is not as it was asked for."""
    unmanaged = {kind.kind for kind in kinds.MANAGED if not cluster.served(kind)}
    owned, found = children_by_owner(cluster, namespace), {}
    for situation in everything:
        answer = render.render(
            situation.nim, situation.others, Settings(), now=datetime.now(UTC), without=unmanaged
        )
        nim = cluster.get(kinds.NIM_SERVICE, namespace, situation.nim["metadata"]["name"])
        if problems := [
            *amiss(nim, answer),
            *differences(as_children(answer["children"]), owned.get(nim["metadata"]["uid"], {})),
        ]:
            found[situation.name] = problems
    return found


def amiss(nim, answer) -> Iterator[str]:
    """Yield what a status says, or does not say, that it should not."""
    status = nim["status"]
    if status["observedGeneration"] != nim["metadata"]["generation"]:
        yield "the status is of another generation"
    if status["state"] == "Failed" != answer["status"]["state"]:
        yield f"Failed: {condition(nim, 'Ready')['message']}"
