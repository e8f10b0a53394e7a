"""The samples: accepted by the CRDs, answered with children, and honest about the components they need."""

from datetime import UTC, datetime
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from hooks import handlers, kinds
from hooks.settings import Settings
from hooks.wire import HookRequest

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "metacontroller" / "samples").iterdir())
CONTROLLER = {"spec": {"childResources": [{"apiVersion": kind.api_version, "resource": kind.plural} for kind in kinds.MANAGED]}}


def objects(path):
    return list(yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader))


def closed(schema):
    """Return a schema that refuses the fields which the API server would prune."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    if isinstance(inner.get("properties"), dict) and not inner.get("x-kubernetes-preserve-unknown-fields"):
        inner.setdefault("additionalProperties", False)
    return inner


@pytest.fixture(scope="module")
def schemas():
    crds = [yaml.load(path.read_text(), Loader=yaml.CSafeLoader) for path in (ROOT / "crds").glob("*.yaml")]
    found = {}
    for crd in crds:
        (version,) = crd["spec"]["versions"]
        properties = version["schema"]["openAPIV3Schema"]["properties"]
        found[crd["spec"]["names"]["kind"]] = jsonschema_rs.validator_for(closed(properties["spec"]))
    return found


def answer(path):
    (nim,) = [item for item in objects(path) if item["kind"] == "NIMService"]
    nim["metadata"] |= {"uid": "u", "generation": 1}
    related = {f"{item['kind']}.{item['apiVersion']}": {f"nim-service/{item['metadata']['name']}": ready(item)} for item in objects(path)}
    request = HookRequest(parent=nim, related=related, controller=CONTROLLER)
    return handlers.sync(request, Settings(openshift=True), datetime.now(UTC), lambda _: None)


def made(path):
    return {child["kind"] for child in answer(path)["children"]}


def ready(cache):
    profiles = [{"name": name} for name in cache["spec"].get("source", {}).get("ngc", {}).get("model", {}).get("profiles", [])]
    return cache | {"status": {"state": "Ready", "pvc": f"{cache['metadata']['name']}-pvc", "profiles": profiles}}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_has_only_fields_and_values_that_the_crds_know(path, schemas):
    for item in objects(path):
        problems = [
            f"{'.'.join(map(str, error.instance_path))}: {error.message}" for error in schemas[item["kind"]].iter_errors(item["spec"])
        ]
        assert problems == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_gets_a_workload_and_a_service(path):
    assert made(path) >= {"Deployment", "Service"}
    assert [condition for condition in answer(path)["status"]["conditions"] if condition["type"] == "Degraded"] == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_says_what_it_shows_and_which_components_it_needs(path):
    text = path.read_text()
    comment = text[: text.index("apiVersion")]
    assert comment.startswith("# ")
    managed = {kind.kind: kind.components for kind in kinds.MANAGED}
    for kind in made(path):
        components = managed[kind]
        assert {"base", "openshift"} & {*components} or any(f"`{name}`" in comment for name in components), kind


def test_the_samples_together_make_every_kind_but_those_of_the_parts_to_come():
    to_come = {"leaderworkerset", "computedomain", "dra", "inference", "kserve"}
    expected = {kind.kind for kind in kinds.MANAGED if not {*kind.components} <= to_come}
    assert set().union(*map(made, SAMPLES)) == expected


def test_the_first_sample_is_the_documented_example():
    (nim,) = objects(SAMPLES[0])
    assert nim["metadata"]["name"] == "meta-llama3-8b-instruct"
