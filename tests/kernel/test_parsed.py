"""A small parent that comes again is not parsed again, and nothing of it is shared by mistake."""

import tracemalloc

import pytest

from hooks.kernel import parsed
from hooks.kernel.finding import Finding
from hooks.nimservice.api.nimservice import NIMService
from hooks.resources import NIM_SERVICE
from tests import invariants
from tests.golden import CASES, FOLDERS, now, request_of, settings_of
from tests.situations import nimservice as situation
from tests.situations import stored

IMAGE = {"repository": "a", "tag": "1"}


def read(manifest, resource=NIM_SERVICE):
    return parsed.of(manifest, resource.kind.kind, resource.definition.model, resource.check)


def named(name, **spec):
    manifest = situation.nimservice(**spec)
    return {**manifest, "metadata": {**manifest["metadata"], "name": name}}


def test_an_unchanged_spec_is_parsed_once_whatever_else_of_the_parent_changes():
    first = read(situation.nimservice())
    changed = {**situation.nimservice(), "status": {"state": "Ready"}}
    changed["metadata"] = {**changed["metadata"], "resourceVersion": "7", "managedFields": []}
    assert read(changed) is first
    assert isinstance(first, NIMService)


@pytest.mark.parametrize(
    "changed",
    [
        {"metadata": {"generation": 2}},
        {"metadata": {"name": "other"}},
        {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}},
        {"spec": {"replicas": 2}},
    ],
    ids=str,
)
def test_what_a_model_reads_is_read_anew(changed):
    manifest = situation.nimservice()
    other = {**manifest, **{part: {**manifest[part], **new} for part, new in changed.items()}}
    assert read(other) is not read(manifest)
    assert read(other) == NIMService.parse(other)


def test_a_refusal_is_kept_too_and_belongs_to_one_check():
    manifest = situation.nimservice(scale={"enabled": True})
    assert isinstance(read(manifest), Finding)
    assert read(manifest) is read(manifest)
    model = NIM_SERVICE.definition.model
    assert isinstance(parsed.of(manifest, "NIMService", model, lambda _: None), NIMService)


def test_a_model_shares_nothing_with_its_request():
    manifest = situation.nimservice(labels={"team": "a"})
    read(manifest)
    again = situation.nimservice(labels={"team": "a"})
    manifest["spec"]["labels"]["team"] = "b"
    assert read(again).spec.labels == {"team": "a"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(CASES).as_posix())
def test_no_hook_changes_the_model_that_it_shares(folder):
    request = request_of(folder)
    parent = request["parent"]
    resource = stored.SERVED[parent["kind"]]
    invariants.answered(folder.parent.name, request, settings_of(folder), now(request))
    kept = read(parent, resource)
    if not isinstance(kept, Finding):
        assert kept.model_dump() == resource.definition.model.parse(parent).model_dump()


def test_a_large_document_is_not_kept():
    manifest = situation.nimservice(annotations={"note": "x" * parsed.SMALL})
    assert read(manifest) is not read(manifest)


def test_a_number_that_no_json_writer_takes_is_refused_as_ever():
    assert isinstance(read(situation.nimservice(userID=2**70)), Finding)


def test_what_is_kept_is_bounded():
    containers = [{"name": f"c{number}", "image": IMAGE} for number in range(20)]
    tracemalloc.start()
    for number in range(parsed.MOST + 20):
        read(named(f"nim-{number}", sidecarContainers=containers))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert parsed._kept.cache_info().currsize == parsed.MOST
    assert 1_000_000 < used < 20_000_000
