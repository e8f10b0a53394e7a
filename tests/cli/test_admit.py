"""Every command has the same words for a mistake, at its place, and the same exit code; none shows
a traceback, whatever a file has."""

import copy
import re

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hooks.cli import main
from hooks.cli.suggestion import paths as fields
from hooks.cli.synonyms import SYNONYMS
from tests.cli.manifest import NAMES, manifest
from tests.cli.mistakes import TABLE

OTHERS = {
    "render": ["render", "-o", "names", "-f", "{}"],
    "diff": ["diff", "--observed", "empty.yaml", "-f", "{}"],
    "simulate": ["simulate", "-o", "names", "-f", "{}"],
    "migrate": ["migrate", "--observed", "{}"],
}
PLACE = r"(nim\.yaml(:\d+:\d+)?: )"


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """Return a function that calls a command with a file, and returns its code and its lines."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")

    def call(text, arguments):
        (tmp_path / "nim.yaml").write_text(text)
        code = main([each.replace("{}", "nim.yaml") for each in arguments])
        printed = capsys.readouterr()
        return code, printed.out.splitlines(), printed.err.splitlines()

    return call


def test_there_are_more_than_a_hundred_mistakes():
    assert len({text for text, _ in TABLE}) > 150


@pytest.mark.parametrize(("text", "words"), TABLE, ids=[words[:60] for _, words in TABLE])
def test_a_mistake_has_its_line_in_every_command(said, text, words):
    code, lines, _ = said(text, ["validate", "-f", "{}"])
    assert [line for line in lines if words in line], lines
    assert code in (1, 2)
    assert all(re.match(PLACE, line) for line in lines)
    assert not any("did you mean status" in line for line in lines)
    for name, arguments in OTHERS.items():
        other, _, errors = said(text, arguments)
        assert (name, other, errors) == (name, code, lines)


@pytest.mark.parametrize("kind", NAMES)
def test_without_a_mistake_no_command_says_a_word_of_the_file(said, kind):
    assert said(manifest(kind=kind), ["validate", "-f", "{}"])[0] == 0
    for name, arguments in OTHERS.items():
        code, _, errors = said(manifest(kind=kind), arguments)
        assert code == (name == "diff"), errors
        assert not [line for line in errors if re.match(rf"{PLACE}\w+/llama: spec", line)]


def test_force_goes_on_and_says_so(said):
    text = manifest("quantum: 1")
    code, out, errors = said(text, ["render", "-o", "names", "--force", "-f", "{}"])
    assert code == 0
    assert "Deployment/llama" in out
    assert errors[-1] == "goes on despite 1 problem, because of --force"


@pytest.mark.parametrize("arguments", OTHERS.values(), ids=OTHERS)
def test_force_makes_no_traceback_of_any_mistake(said, arguments):
    for text, words in TABLE:
        code, _, errors = said(text, [*arguments, "--force"])
        assert code in (0, 1, 2), words
        assert not [line for line in errors if "a bug" in line], (words, errors)


@pytest.mark.parametrize("name", ["diff", "migrate"])
def test_a_saved_object_without_a_name_is_none(said, name):
    observed = "apiVersion: apps/v1\nkind: Deployment\n---\n" + manifest()
    code, _, errors = said(observed, [name, "--observed", "{}", *(["-f", "{}"] * (name == "diff"))])
    assert code in (0, 1), errors
    assert not [line for line in errors if "a bug" in line], errors


@pytest.mark.parametrize("kind", SYNONYMS)
def test_a_synonym_leads_to_a_field_that_exists(kind):
    places = {said.partition(";")[0] for said in SYNONYMS[kind].values()} - {""}
    metadata = ("name", "namespace", "generateName", "labels", "annotations")
    known = {*fields(kind), *(f"metadata.{each}" for each in metadata)}
    own = {path.removeprefix("spec.").lower() for path in fields(kind) if path.count(".") == 1}
    assert not own & {*SYNONYMS[kind]}, "a field needs no synonym"
    assert {place for place in places if not place.startswith("spec.affinity.")} <= known


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["a b", "1", "true", "5Gi", "https://x", "{{x}}", "-1", "NIMCache", "x" * 300]),
    st.lists(st.one_of(st.none(), st.text(max_size=3), st.integers()), max_size=2),
    st.dictionaries(st.sampled_from(["name", "a/b", "", "0"]), st.text(max_size=3), max_size=2),
)


def paths(value, path=()):
    yield path
    entries = value.items() if isinstance(value, dict) else ()
    for key, part in enumerate(value) if isinstance(value, list) else entries:
        yield from paths(part, (*path, key))


def spoilt(document, path, value, name):
    """Return a document with another value at a path, or a field of another name in there."""
    changed = copy.deepcopy(document)
    if not path:
        return value
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    if name is None:
        parent[path[-1]] = value
    elif isinstance(parent, dict):
        parent[name] = value
    return changed


RICH = """
userID: 1000
resources: {limits: {cpu: 1, nvidia.com/gpu: 1}, requests: {cpu: 1}}
livenessProbe: {probe: {httpGet: {path: /live, port: 8000}, successThreshold: 1, periodSeconds: 5}}
volumes: [{name: v, emptyDir: {sizeLimit: 5Gi}}, {name: w, configMap: {name: c}}]
env: [{name: A, value: b}]
tolerations: [{key: a, operator: Exists, effect: NoSchedule}]
labels: {a: b}
nodeSelector: {a: b}
annotations: {a: b}
"""
WHOLE = [yaml.safe_load(manifest(kind=kind)) for kind in NAMES]
WHOLE.append(yaml.safe_load(manifest(RICH)))


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_change_of_a_good_file_makes_a_traceback_or_another_answer(said, data):
    document = data.draw(st.sampled_from(WHOLE))
    path = data.draw(st.sampled_from(list(paths(document))))
    key = data.draw(st.one_of(st.none(), st.text(max_size=8)))
    text = yaml.safe_dump(spoilt(document, path, data.draw(VALUES), key))
    code, lines, warned = said(text, ["validate", "-f", "{}"])
    assert not [line for line in [*lines, *warned] if "a bug" in line], text
    nothing = any(line.startswith("nothing to check") for line in warned)
    for name, arguments in OTHERS.items():
        other, _, errors = said(text, arguments)
        assert not [line for line in errors if "a bug" in line], (text, errors)
        if code:
            assert (other, errors) == (code, lines), text
        elif name in ("render", "simulate") and not nothing:
            assert other == 0, (name, text, errors)


# A value that the JSON writer refuses is no way past the check of the size.
LARGE = {
    "a service": ("NIMService", "env: [{many}]", "spec.env: has "),
    "a cache": ("NIMCache", "env: [{many}]", "spec.env: has "),
    "a number of many bits": (
        "NIMService",
        f"replicas: {2**70}\nenv: [{{many}}]",
        "spec.env: has ",
    ),
    "an unknown field": ("NIMService", "envs: [{many}]", "spec.envs: has "),
}


@pytest.mark.parametrize("case", LARGE)
def test_of_a_spec_that_is_too_large_nothing_else_is_checked(said, monkeypatch, case):
    kind, changed, words = LARGE[case]
    many = ", ".join(f"{{name: A{at}, value: v}}" for at in range(6_000))
    text = manifest(changed.replace("{many}", many), kind)

    def unreached(*_, **__):
        raise AssertionError

    monkeypatch.setattr("hooks.kernel.crd.admission.problems", unreached)
    monkeypatch.setattr("hooks.cli.later.check", unreached)
    code, (line,), _ = said(text, ["validate", "-f", "{}"])
    assert code == 1
    assert words in line
    assert "put large contents into a ConfigMap" in line


def test_a_large_service_of_a_pipeline_is_named(said):
    many = ", ".join(f"{{name: A{at}, value: v}}" for at in range(6_000))
    text = manifest(kind="NIMPipeline") + f"      env: [{many}]\n"
    code, (line,), _ = said(text, ["validate", "-f", "{}"])
    assert code == 1
    assert "spec.services[0].spec.env: has " in line
