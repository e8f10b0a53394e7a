"""The probe's script: what it packs is what the hooks read, in every shell and awk that images
have."""

import pytest

from hooks.nimcache.report import report
from tests.nimcache import manifests, probing

each_shell = pytest.mark.parametrize("shell", probing.SHELLS)
each_awk = pytest.mark.parametrize("awk", probing.AWKS)


@pytest.fixture
def packed(tmp_path):
    """Return a function that packs a manifest and returns its pages."""

    def run(manifest, shell="dash", awk="mawk", others=probing.TOOLS, **options):
        path = tmp_path / "model_manifest.yaml"
        path.write_text(manifest)
        tools = probing.tools(tmp_path / f"bin-{shell}-{awk}", awk, others)
        return probing.pages(tmp_path, [tmp_path / "none", path], shell, tools, **options)

    return run


def read(pages):
    return report.joined(tuple(pages))


@each_shell
@each_awk
def test_every_shell_and_awk_packs_every_shape(shell, awk, tmp_path):
    for index, manifest in enumerate(
        (manifests.mapped(40), manifests.listed(40), manifests.molmim())
    ):
        folder = tmp_path / str(index)
        folder.mkdir()
        path = folder / "model_manifest.yaml"
        path.write_text(manifest)
        tools = probing.tools(folder / "bin", awk)
        found = read(probing.pages(folder, [path], shell, tools))
        assert found.found == "manifest", found
        names = {each.name for each in found.catalogue.profiles}
        assert names == ({"abc"} if index == 2 else {manifests.name(each) for each in range(40)})
        if index < 2:
            first = found.catalogue.named(manifests.name(3))
            assert dict(first.tags) == manifests.tags(3)


def test_model_and_release_of_a_map_are_read(packed):
    profile = read(packed(manifests.mapped(2))).catalogue.named(manifests.name(1))
    assert (profile.model, profile.release) == ("meta/llama-3.1-8b-instruct", "1.8.1")


@pytest.mark.parametrize("count", [57, 58, 150])
def test_many_profiles_have_room(packed, count):
    assert len(read(packed(manifests.mapped(count))).catalogue.profiles) == count


def test_some_190_profiles_have_room_and_not_many_more(packed):
    """At eight tags each; with the model and the release of a map, a few less."""
    assert len(read(packed(manifests.listed(190))).catalogue.profiles) == 190
    assert len(read(packed(manifests.mapped(182), "busybox")).catalogue.profiles) == 182
    assert read(packed(manifests.listed(196), "bash")).found == "too large"
    assert read(packed(manifests.mapped(188), "bash", "gawk")).found == "too large"


def test_too_many_profiles_are_told_as_such(packed):
    assert read(packed(manifests.mapped(400))).found == "too large"


def test_a_container_that_something_injects_leaves_room_for_fewer(packed):
    assert read(packed(manifests.mapped(57), limit=3072)).found == "manifest"


def test_a_message_that_was_cut_is_none(packed):
    found = read(packed(manifests.mapped(150), limit=3072))
    assert (found.found, found.why.split(",")[0]) == ("unreadable", "it was cut")


@each_shell
@pytest.mark.parametrize("others", [(), ("cat",), ("gzip", "cat"), ("base64", "gzip")])
def test_an_image_with_nothing_but_a_shell_still_tells_a_few(packed, shell, others):
    small = "".join(
        f"{manifests.name(each)}:\n  tags: {{gpu: H100, tp: '{each}', note: 'a  b'}}\n"
        for each in range(20)
    )
    found = read(packed(small, shell, None, others))
    assert [each.tags["tp"] for each in found.catalogue.profiles] == [
        str(each) for each in range(20)
    ]
    assert found.catalogue.profiles[0].tags["note"] == "a  b"


@each_shell
def test_an_image_without_manifest_says_so(tmp_path, shell):
    tools = probing.tools(tmp_path / "bin", None)
    assert probing.pages(tmp_path, [tmp_path / "none"], shell, tools) == ["v1 none"] * 3


@each_shell
@pytest.mark.parametrize(
    ("programs", "said"),
    [
        (("huggingface-cli",), "v1 none huggingface-cli"),
        (("huggingface-cli", "download-to-cache"), "v1 none"),
        (("download-to-cache",), "v1 none"),
    ],
)
def test_an_image_without_manifest_says_whether_it_has_a_client_alone(
    tmp_path, shell, programs, said
):
    """So has the image that NeMo's data store is read by: NIM's own program is not in it."""
    tools = probing.tools(tmp_path / "bin", None)
    for program in programs:
        (tools / program).write_text("#!/bin/sh\n")
        (tools / program).chmod(0o755)
    assert probing.pages(tmp_path, [tmp_path / "none"], shell, tools) == [said] * 3


def test_the_first_path_that_is_there_counts(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("a:\n  tags: {tp: '1'}\n")
    second.write_text("b:\n  tags: {tp: '1'}\n")
    tools = probing.tools(tmp_path / "bin", "mawk")
    found = read(probing.pages(tmp_path, [tmp_path / "none", first, second], "dash", tools))
    assert [each.name for each in found.catalogue.profiles] == ["a"]


def test_lists_at_the_depth_of_their_key_are_left_out_too(packed):
    manifest = (
        "profiles:\n- id: a\n  workspace:\n  - x: 1\n    y: 2\n  tags:\n    tp: '1'\n- workspace:\n    z: 1\n  id: b\n"
        "  tags: {tp: '2'}\n"
    )
    found = read(packed(manifest))
    assert [(each.name, each.tags["tp"]) for each in found.catalogue.profiles] == [
        ("a", "1"),
        ("b", "2"),
    ]
