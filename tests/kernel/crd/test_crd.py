"""The CustomResourceDefinitions: current, structural, and a superset of the published ones."""

from pathlib import Path

import pytest
import yaml

from hooks import resources
from hooks.kernel.crd import definitions, extension, generate, shipped
from tools import schemas

KINDS = {"NIMService": "nimservices", "NIMCache": "nimcaches"}
PUBLISHED = Path(__file__).parents[4] / "shared" / "conformance" / "upstream-crd"

needs_published = pytest.mark.skipif(
    not PUBLISHED.is_dir(),
    reason="the published CRDs (../shared/conformance/upstream-crd) are not here",
)


def crd(kind):
    return yaml.load(
        shipped.texts()[f"apps.nvidia.com_{KINDS[kind]}.yaml"], Loader=yaml.CSafeLoader
    )


def nodes(schema, path=""):
    """Yield every schema within a schema, by its path."""
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from nodes(part, f"{path}.{name}")
    for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(schema.get(key), dict):
            yield from nodes(schema[key], path + mark)


def test_files_are_current():
    assert generate.crds(resources.DEFINITIONS) == shipped.texts()


def test_schemas_are_current():
    """They are the definitions' own, written as JSON."""
    folder = Path(shipped.__file__).with_name("schemas")
    assert {file.name: file.read_text() for file in folder.iterdir()} == schemas.texts()


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_has_one_kind_of_type(kind):
    for path, schema in nodes(shipped.schemas()[kind]):
        forms = [
            "type" in schema,
            "x-kubernetes-int-or-string" in schema,
            "x-kubernetes-preserve-unknown-fields" in schema,
        ]
        assert any(forms), path
        assert ("anyOf" in schema) == ("x-kubernetes-int-or-string" in schema), path
        assert not {"$ref", "oneOf", "allOf", "nullable", "title"} & set(schema), path


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_ours_is_described(kind):
    spec = shipped.schemas()[kind]["properties"]["spec"]
    assert [
        path
        for path, schema in nodes(spec)
        if not path.endswith(("[]", "{}")) and not schema.get("description")
    ] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_says_what_to_do_and_blames_a_field_that_exists(kind):
    for path, schema in nodes(shipped.schemas()[kind]):
        for rule in schema.get("x-kubernetes-validations", ()):
            assert rule["message"], path
            assert "\n" not in rule["message"], path
            blamed = schema
            for name in rule.get("fieldPath", "").split(".")[1:]:
                blamed = blamed["properties"][name]


@pytest.mark.parametrize("kind", KINDS)
def test_lists_that_are_maps_have_their_keys(kind):
    for path, schema in nodes(shipped.schemas()[kind]):
        for key in schema.get("x-kubernetes-list-map-keys", ()):
            item = schema["items"]
            assert key in item["required"] or "default" in item["properties"][key], path


def test_an_object_that_may_lose_its_only_field_is_one_value():
    """Of another the API server makes null when the field is applied no more, and then refuses
    it."""
    storage = shipped.schemas()["NIMService"]["properties"]["spec"]["properties"]["storage"]
    assert storage["properties"]["emptyDir"]["x-kubernetes-map-type"] == "atomic"


def test_kubectl_scale_and_autoscalers_find_the_replicas():
    assert crd("NIMService")["spec"]["versions"][0]["subresources"]["scale"] == {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    }


def test_kubectl_get_shows_the_cause_before_the_details():
    columns = crd("NIMService")["spec"]["versions"][0]["additionalPrinterColumns"]
    assert [column["name"] for column in columns if not column.get("priority")] == [
        "Status",  # where NVIDIA's operator has it
        "Ready",
        "Reason",
        "Replicas",
        "Available",
        "Endpoint",
        "Age",
    ]
    assert [column["name"] for column in columns if column.get("priority")] == ["Message"]


@pytest.mark.parametrize(("kind", "short"), [("NIMService", "nims"), ("NIMCache", "nimc")])
def test_each_kind_has_a_short_name(kind, short):
    assert crd(kind)["spec"]["names"]["shortNames"] == [short]


def test_a_definition_of_kubernetes_is_expanded_whole():
    probe = definitions.expand("core.v1.Probe")
    assert (
        probe["properties"]["httpGet"]["properties"]["port"]["x-kubernetes-int-or-string"] is True
    )
    assert probe["properties"]["grpc"]["properties"]["service"]["default"] == ""
    assert not any("$ref" in schema for _, schema in nodes(probe))


# What the published CRD says and ours does not, with the reason.
EXCEPTIONS = {
    "NIMService": {
        ".spec.draResources[].resourceClaimName": {"pattern": "anchored at its end"},
        ".spec.draResources[].resourceClaimTemplateName": {"pattern": "anchored at its end"},
        ".spec.draResources[].claimCreationSpec.devices[].driverName": {
            "pattern": "anchored at its end"
        },
        ".spec.draResources[].claimCreationSpec.devices[].name": {
            "pattern": "a DNS label, as the API of DRA demands",
            "maxLength": "a DNS label, as the API of DRA demands",
        },
        ".spec.expose.router.eppConfig.config.plugins[].parameters": {
            "type": "an object, too, which is what people write",
            "format": "an object, too, which is what people write",
        },
        ".status": {
            "default": "observedGeneration -1: kstatus takes an object without any status for up to date"
        },
        ".status.model": {"required": "the name is not known until the model server tells it"},
        ".status.computeDomainStatus.nodes[]": {
            "required": "cliqueID is not written: nobody needs it"
        },
    },
    "NIMCache": {
        ".spec.source.ngc.modelPuller": {
            "x-kubernetes-validations": "a rule on the whole source, which cannot be walked around"
        },
        ".status": {
            "default": "observedGeneration -1: kstatus takes an object without any status for up to date"
        },
    },
}
ADDED = {
    "NIMService": {
        ".status.model.observedGeneration",
        ".status.modelStore",
        ".status.modelStore.adopted",
        ".status.workloadHash",
        ".status.children",
        ".status.children[]",
        ".status.children[].name",
        ".status.children[].hash",
        ".status.children[].since",
        ".status.groupFailure",
        *(f".status.groupFailure.{name}" for name in ("message", "reason", "remedy", "time")),
        ".status.lastProgressTime",
        *(
            f".status.modelStore.{name}"
            for name in (
                "claimName",
                "gpus",
                "huggingFace",
                "layout",
                "modelName",
                "modelPath",
                "nimCache",
                "profile",
                "storageHash",
                "subPath",
            )
        ),
        ".status.observedGeneration",
        ".status.replicas",
        ".status.selector",
    },
    "NIMCache": {".status.claimUID", ".status.inputs", ".status.observedGeneration"},
}
DESCRIBED = {"description", "properties", "items", "additionalProperties"}


def published(kind):
    text = (PUBLISHED / f"apps.nvidia.com_{KINDS[kind]}.yaml").read_text()
    return dict(
        nodes(
            yaml.load(text, Loader=yaml.CSafeLoader)["spec"]["versions"][0]["schema"][
                "openAPIV3Schema"
            ]
        )
    )


def differences(theirs, ours):
    """Yield what one schema says that the other does not; ours may say more, but for a default."""
    for key in set(theirs) - DESCRIBED:
        if key == "x-kubernetes-validations":
            missing = {rule["rule"] for rule in theirs[key]} - {
                rule["rule"] for rule in ours.get(key, ())
            }
        elif key == "required":
            missing = set(theirs[key]) - set(ours.get(key, ()))
        else:
            missing = theirs[key] != ours.get(key)
        if missing:
            yield key
    if "default" in ours and "default" not in theirs:
        yield "default"


@needs_published
@pytest.mark.parametrize("kind", KINDS)
def test_all_that_the_published_crd_says_is_said(kind):
    ours = dict(nodes(shipped.schemas()[kind]))
    found = {}
    for path, theirs in published(kind).items():
        if keys := set(differences(theirs, ours[path])):
            found[path] = keys
    assert found == {path: set(reasons) for path, reasons in EXCEPTIONS[kind].items()}


@needs_published
@pytest.mark.parametrize("kind", KINDS)
def test_only_the_status_and_extensions_have_fields_that_the_published_crd_has_not(kind):
    ours = dict(nodes(shipped.schemas()[kind]))
    marked = tuple(path for path, schema in ours.items() if extension.is_marked(schema))
    added = set(ours) - set(published(kind))
    beyond = {path for path in added if path.startswith(marked)} if marked else set()
    assert added - beyond == ADDED[kind]
    assert set(marked) <= added, "what the published definition has is no extension"


@needs_published
def test_the_spec_has_the_published_rules():
    theirs = {rule["rule"] for rule in published("NIMService")[".spec"]["x-kubernetes-validations"]}
    ours = {
        rule["rule"]
        for rule in shipped.schemas()["NIMService"]["properties"]["spec"][
            "x-kubernetes-validations"
        ]
    }
    assert theirs <= ours
