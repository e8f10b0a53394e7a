"""What explain says of edits and of extensions of the API."""

from pathlib import Path

import pytest
import yaml

from hooks.cli import edits
from hooks.kernel.crd import shipped

PUBLISHED = Path(__file__).parents[3] / "shared" / "conformance" / "upstream-crd"

TOLD = {
    "NIMService spec.image.tag": ["on every platform: restarts the pods"],
    "NIMService spec.env.valueFrom.fieldRef": ["on every platform: restarts the pods"],
    "NIMService spec.livenessProbe.probe.httpGet.port": [
        "on one node, KServe Standard, KServe Knative: restarts the pods",
        "on several nodes, several nodes by Ray: restarts each group of pods",
    ],
    "NIMService spec.multiNode.parallelism.pipeline": None,
    "NIMService spec.inferencePlatform": None,
    "NIMCache spec.source.ngc.modelPuller": [
        "is refused, because it would change the model; create another NIMCache"
    ],
    "NIMCache spec.storage.pvc.size": ["lets the claim grow, if its StorageClass can expand"],
    "NIMPipeline spec.services.enabled": ["creates or deletes a NIMService, and its pods"],
    "NIMPipeline spec.services.dependencies.port": [
        "restarts the pods of the service that calls, because its spec.env changes"
    ],
    "NIMPipeline spec.services.spec.image.tag": ["on every platform: restarts the pods"],
    "NIMService spec.metrics": ["restarts no pod of the model: enabled, serviceMonitor"],
    "NIMService spec.draResources": [
        "is refused: claimCreationSpec, requests, resourceClaimName, resourceClaimTemplateName"
    ],
    "NIMService status.children": [],
}

UNLESS = ", unless KServe copies Metacontroller's record to them"


def told(field):
    return list(edits.told(*field.split(" ")))


@pytest.mark.parametrize("field", [field for field, words in TOLD.items() if words is not None])
def test_an_edit_is_told_for_each_platform(field):
    assert told(field) == TOLD[field]


def test_an_immutable_field_is_refused_where_it_is_used():
    assert (
        "is refused, because the field is immutable"
        in told("NIMService spec.multiNode.parallelism.pipeline")[0].partition(": ")[2]
    )


def test_a_change_of_the_workload_replaces_the_pods():
    (line, *_) = told("NIMService spec.inferencePlatform")
    assert "replaces the pods, because one workload takes the place of another" in line
    groups = dict(line.split(": ") for line in told("NIMService spec"))
    assert "inferencePlatform" in groups["restarts the pods"].split(", ")
    assert "metrics" in groups["restarts no pod of the model"].split(", ")
    kept = {*groups[f"restarts no pod of the model{UNLESS}"].split(", ")}
    assert {"replicas", "scale"} <= kept


def test_what_changes_the_inferenceservice_depends_on_what_kserve_copies():
    lines = dict(line.split(": ") for line in told("NIMService spec.replicas"))
    assert lines["on KServe Standard"].endswith(f"restarts no pod of the model{UNLESS}")
    assert lines["on one node"] == "changes Deployment, and restarts no pod of the model"


@pytest.mark.parametrize("kind", shipped.schemas())
def test_every_fact_has_words_and_every_field_of_the_spec_a_fact(kind):
    for field in edits.facts()[kind]:
        assert told(f"{kind} {field}"), field


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published definitions are not here")
@pytest.mark.parametrize("kind", ["NIMService", "NIMCache"])
def test_the_extensions_are_the_fields_that_the_published_definition_lacks(kind):
    crds = (
        yaml.load(file.read_text(), Loader=yaml.CSafeLoader) for file in PUBLISHED.glob("*.yaml")
    )
    (published,) = (
        crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        for crd in crds
        if crd["spec"]["names"]["kind"] == kind
    )
    ours = shipped.schemas()[kind]
    found = {
        path
        for part in ("spec", "status")
        for path in lacking(ours["properties"][part], published["properties"][part], part)
    }
    assert found == edits.extensions(kind)


def lacking(schema, published, path):
    for name, part in schema.get("properties", {}).items():
        other = published.get("properties", {}).get(name)
        if other is None:
            yield f"{path}.{name}"
        else:
            yield from lacking(part, other, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from lacking(schema[key], published[key], path)


def test_a_field_below_an_extension_is_one_too():
    assert edits.extends("NIMService", "status.children.kind")
    assert edits.extends("NIMService", "spec.lifecycle.preStop")
    assert edits.extends("NIMPipeline", "spec.services.spec.strategy")
    assert not edits.extends("NIMService", "status.state")
    assert not edits.extends("NIMService", "spec.image")
