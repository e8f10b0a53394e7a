"""What a probe's pod says, read as somebody's input: cut, forged, huge, or not ours."""

import base64
import gzip
import time

import pytest

from hooks.nimcache.report import report

MANIFEST = "a:\n  tags: {tp: '1'}\n"


def pages(text, form="gzip"):
    packed = base64.b64encode(gzip.compress(text.encode())).decode() if form == "gzip" else text
    size = -(-len(packed) // 3)
    return tuple(
        f"v1 {number + 1} {len(packed)} {form} {packed[number * size : (number + 1) * size]}"
        for number in range(3)
    )


def pod(*messages, phase="Succeeded", **states):
    made = [{"state": {"terminated": {"exitCode": 0, "message": each}}} for each in messages]
    return {
        "kind": "Pod",
        "status": {
            "phase": phase,
            "initContainerStatuses": made[:-1],
            "containerStatuses": made[-1:],
            **states,
        },
    }


@pytest.mark.parametrize("form", ["gzip", "plain"])
def test_a_manifest_is_read(form):
    found = report.of(pod(*pages(MANIFEST, form)))
    assert [each.name for each in found.catalogue.profiles] == ["a"]


def test_the_order_of_the_pages_does_not_matter():
    assert report.joined(tuple(reversed(pages(MANIFEST)))).found == "manifest"


def test_a_pod_that_runs_says_nothing_yet():
    assert report.of(pod(*pages(MANIFEST), phase="Running")) is None
    assert report.of({"kind": "Pod"}) is None


def test_a_container_that_something_injected_is_not_listened_to():
    assert report.of(pod("envoy is ready", *pages(MANIFEST))).found == "manifest"


WITHOUT_SHELL = [
    ("StartError", 'failed to create containerd task: exec: "sh": executable file not found in $PATH: unknown'),
    ("ContainerCannotRun", "exec: sh: executable file not found"),
    ("StartError", 'exec: "sh": stat sh: no such file or directory'),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "message"), WITHOUT_SHELL)
def test_an_image_without_shell_is_known_by_its_start(reason, message):
    state = {"state": {"terminated": {"exitCode": 128, "reason": reason, "message": message}}}
    assert report.of(pod(phase="Failed", initContainerStatuses=[state])).found == "no shell"


def test_an_image_without_shell_may_wait_for_ever():
    message = 'container create failed: exec: "sh": executable file not found in $PATH'
    state = {"state": {"waiting": {"reason": "CreateContainerError", "message": message}}}
    assert report.of(pod(phase="Pending", initContainerStatuses=[state])).found == "no shell"


def test_another_error_of_the_runtime_is_no_missing_shell():
    message = "failed to create shim task: nvidia-container-cli: initialization error"
    state = {"state": {"terminated": {"exitCode": 128, "reason": "StartError", "message": message}}}
    assert report.of(pod(phase="Failed", initContainerStatuses=[state])) is None


BOMB = base64.b64encode(gzip.compress(b"a" * 5_000_000)).decode()
UNREADABLE = {
    "no pages": ("hello",),
    "two pages": pages(MANIFEST)[:2],
    "one page twice": (*pages(MANIFEST)[:2], pages(MANIFEST)[0]),
    "a page that was cut": (*pages(MANIFEST)[:2], pages(MANIFEST)[2][:-3]),
    "pages of two manifests": (*pages(MANIFEST)[:2], pages("b:\n  tags: {tp: '2'}\n" * 3)[2]),
    "no base64": tuple(each.replace("H4s", "!!!") for each in pages(MANIFEST)),
    "no gzip": pages("x" * 99, "plain")[:0]
    + tuple(f"v1 {number} 12 gzip AAAA" for number in (1, 2, 3)),
    "no YAML": pages("a: [1\nb: }"),
    "a list": pages("- a\n- b"),
    "a manifest without profiles": pages("schema_version: '2'\nprofiles: []"),
    "aliases": pages("a: &x\n  tags: {tp: '1'}\nb: *x\n"),
    "a name that is an option": pages("--all:\n  tags: {tp: '1'}\n"),
    "a name with a blank": pages("'a b':\n  tags: {tp: '1'}\n"),
    "many profiles": pages("".join(f"p{each}:\n  tags: {{}}\n" for each in range(1001))),
    "many tags": pages("a:\n  tags:\n" + "".join(f"    t{each}: x\n" for each in range(65))),
    "many GPUs": pages("".join(f"p{each}:\n  tags: {{gpu: g{each}}}\n" for each in range(129))),
    "many expressions": pages(
        "".join(
            f"p{each}:\n  tags: {{product_name_regex: '{'x' * 50}{each}'}}\n" for each in range(30)
        )
    ),
    "deep nesting": pages("a:\n  tags: {tp: '1'}\nb: " + "[" * 500 + "]" * 500),
    "two documents": pages("a:\n  tags: {}\n---\nb:\n  tags: {}\n"),
    "something behind it": pages("a:\n  tags: {}\n]"),
    "a map as a key": pages("{a: b}: c\n"),
    "many values": pages("a:\n  tags: {tp: '1'}\nb: [" + "[]," * 10_000 + "]"),
    "a bomb": tuple(
        f"v1 {number + 1} {len(BOMB)} gzip {BOMB[number * 3000 : number * 3000 + 3000]}"
        for number in range(3)
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_manifest_is_unreadable_and_says_why(case):
    found = report.joined(UNREADABLE[case])
    assert found.found == "unreadable"
    assert found.why


@pytest.mark.parametrize("bit", ["[],", "{},", "a,", "a: b,", "&a ,", "!t ,", "? ,"])
def test_a_page_of_some_kilobytes_takes_no_seconds(bit):
    """An image says what its probe prints. Unbounded, half a megabyte took 2 s and 90 MiB."""
    text = f"profiles: [{bit * (500_000 // len(bit))}]"
    report.joined.cache_clear()
    began = time.process_time()
    assert report.joined(pages(text)).found == "unreadable"
    assert time.process_time() - began < 0.5


def test_an_expression_that_would_take_hours_is_only_a_text():
    found = report.joined(pages(f"a:\n  tags: {{product_name_regex: '{'(a+)+' * 20}$'}}\n"))
    assert found.catalogue.profiles[0].gpu_pattern.startswith("(a+)+")


def test_words_stay_words():
    found = report.joined(pages("a:\n  tags: {lora: true, tp: 1, x: !workspace y, z: null}\n"))
    assert dict(found.catalogue.profiles[0].tags) == {
        "lora": "true",
        "tp": "1",
        "x": "y",
        "z": "null",
    }


def test_nothing_and_too_much_are_told_apart():
    assert report.joined(("v1 none",) * 3).found == "nothing"
    assert report.joined(("v1 none huggingface-cli",) * 3).found == "hub client"
    assert report.joined(("v1 large 99999",) * 3).found == "too large"
