"""Each published sample of the API runs to Ready here, or is refused with the complaint of the
definition that it was published with. docs/samples.md has the list."""

import re
from pathlib import Path

import pytest
import yaml

from hooks.kernel.api.model import without_null
from hooks.kernel.crd import admission, rules, structure, unknown
from hooks.resources import RESOURCES
from tests.nimcache import cluster
from tests.nimcache.test_life_samples import image

ROOT = Path(__file__).parents[1]
CONFORMANCE = ROOT.parent / "shared" / "conformance"
ROWS = re.findall(
    r"^\| `([\w/.-]+)` \| (Ready|refused: `([\w.]+)`) \|$",
    (ROOT / "docs" / "samples.md").read_text(),
    re.MULTILINE,
)
"""Each sample as docs/samples.md has it: its file, what becomes of it, and the field to blame."""
SERVED = {each.kind.kind for each in RESOURCES}

needs_samples = pytest.mark.skipif(
    not CONFORMANCE.is_dir(), reason="the published samples (../shared/conformance) are not here"
)
ready = pytest.mark.parametrize("name", [name for name, said, _ in ROWS if said == "Ready"])
refused = pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name, _, field in ROWS if field]
)


def file_of(name):
    return CONFORMANCE / "upstream-samples" / name.replace("/", "__")


def objects(path):
    return [each for each in yaml.safe_load_all(path.read_text()) if each]


def key(obj):
    return obj["metadata"].get("namespace", "default"), obj["metadata"]["name"]


def caches_named(obj):
    """Yield the NIMCaches that an object needs, by namespace and name."""
    services = obj["spec"].get("services") or [obj] if obj["kind"] != "NIMCache" else []
    for each in services:
        cache = (each["spec"].get("storage") or {}).get("nimCache") or {}
        if cache.get("name"):
            yield key(obj)[0], cache["name"]


def elsewhere(given):
    """Return the NIMCaches that the objects of a sample need, and other samples have."""
    here = {key(each) for each in given if each["kind"] == "NIMCache"}
    needed = {name for each in given if each["kind"] in SERVED for name in caches_named(each)}
    found = {}
    for path in sorted((CONFORMANCE / "upstream-samples").iterdir()):
        for each in objects(path):
            if each["kind"] == "NIMCache" and key(each) in needed - here:
                found.setdefault(key(each), each)
    return list(found.values())


@needs_samples
def test_every_sample_has_a_row():
    files = {path.name for path in (CONFORMANCE / "upstream-samples").iterdir()}
    assert {name.replace("/", "__") for name, *_ in ROWS} == files
    assert len(ROWS) == len(files) == 47


@needs_samples
@ready
def test_a_sample_runs_to_ready(name):
    path = file_of(name)
    given = objects(path)
    simulation = cluster.Cluster(ends=image(path))
    for each in (*elsewhere(given), *given):
        simulation.put(each)
    simulation.settle()
    states = {
        f"{each['kind']}/{each['metadata']['name']}": each["status"]["state"]
        for each in simulation.parents()
    }
    assert {*states.values()} == {"Ready"}, states
    assert simulation.warnings == []
    assert not simulation.writes_at_rest()


@needs_samples
@refused
def test_a_sample_is_refused_as_by_the_definition_it_was_published_with(name, field):
    given = [each for each in objects(file_of(name)) if each["kind"] in admission.kinds()]
    ours = {problem.path for each in given for problem in admission.problems(each)}
    assert ours == {field}
    theirs = [words for each in given for words in complaints(each)]
    assert any(field in words for words in theirs), theirs


def complaints(obj):
    """Return what kubectl and the published definition say of an object."""
    path = CONFORMANCE / "upstream-crd" / f"apps.nvidia.com_{obj['kind'].lower()}s.yaml"
    crd = yaml.safe_load(path.read_text())
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    complete = admission.with_defaults(without_null(obj), schema)
    wrong = [*unknown.find(obj["spec"], schema["properties"]["spec"], "spec")]
    wrong += structure.check(complete, schema, "")
    wrong += [] if wrong else rules.evaluate(complete, schema, "")
    return [f"{problem.path} {problem.text}" for problem in wrong]


MODELS = re.findall(
    r"^\| [^|]+ \| `(nvcr\.io/[^`]+)` \| (\d+) \| (\w+) \|$",
    (ROOT / "README.md").read_text(),
    re.MULTILINE,
)
"""The models of the README: image, GPUs and size of the claim."""


@needs_samples
def test_the_readme_has_models_as_the_samples_have_them():
    published = set()
    for path in CONFORMANCE.glob("upstream-samples/*.y*ml"):
        published |= set(served_from_a_cache(objects(path)))
    for path in CONFORMANCE.glob("upstream-samples/pipelines__*"):
        together = path.name.rpartition("__")[0]
        beside = [obj for each in path.parent.glob(f"{together}__*.yaml") for obj in objects(each)]
        published |= set(served_from_a_cache(beside))
    assert len(MODELS) >= 6
    assert {*MODELS} <= published


def served_from_a_cache(found):
    """Yield image, GPUs and size of the claim of each model that a NIMCache among them is for."""
    sizes = {
        each["metadata"]["name"]: each["spec"]["storage"]["pvc"]["size"]
        for each in found
        if each["kind"] == "NIMCache"
    }
    specs = [each["spec"] for each in found if each["kind"] == "NIMService"]
    for each in found:
        if each["kind"] == "NIMPipeline":
            specs += [service["spec"] for service in each["spec"]["services"]]
    for spec in specs:
        size = sizes.get(spec["storage"].get("nimCache", {}).get("name"))
        gpus = spec.get("resources", {}).get("limits", {}).get("nvidia.com/gpu")
        if size and gpus:
            yield f"{spec['image']['repository']}:{spec['image']['tag']}", str(gpus), size
