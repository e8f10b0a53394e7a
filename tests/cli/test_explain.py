"""`nimservice explain`: a field's description, type, limits, rules and fields, by any of its
names."""

import pytest

from hooks.cli import main


@pytest.fixture
def explain(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")

    def explain(*arguments):
        code = main(["explain", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return explain


def test_a_field_is_described_with_the_fields_within(explain):
    code, text, _ = explain("spec.storage.pvc")
    assert code == 0
    assert "FIELD:    pvc <Object>" in text
    assert "A PersistentVolumeClaim that exists or is to be created." in text
    assert "  size <string>\n    Size of a claim that is created" in text


def test_the_kind_is_described_where_no_field_is_named(explain):
    _, text, _ = explain()
    assert "KIND:     NIMService" in text
    assert "An inference microservice" in text


@pytest.mark.parametrize(
    "path",
    [
        "spec.image",
        "nimservice.spec.image",
        "NIMService.spec.image",
        "nims.spec.image",
        "nimservices.spec.image",
    ],
)
def test_a_field_has_many_names(explain, path):
    assert explain(path) == explain("spec.image")


@pytest.mark.parametrize("path", ["nimcache.spec.source.ngc", "nimc.spec.source.ngc"])
def test_a_nimcache_is_explained_too(explain, path):
    _, text, _ = explain(path)
    assert "KIND:     NIMCache" in text
    assert "modelPuller <string> -required-" in text


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("spec.env", "env <[]Object>"),
        ("spec.labels", "labels <map[string]string>"),
        ("spec.resources.limits", "limits <map[string]integer or string>"),
        ("spec.image.tag", "tag <string> -required-"),
        ("spec.expose.service.port", "port <integer> (default 8000)"),
        ("spec.expose.router.eppConfig.config.plugins.parameters", "parameters <any>"),
    ],
)
def test_a_type_is_written_as_kubectl_writes_it(explain, path, title):
    assert f"FIELD:    {title}\n" in explain(path)[1]


def test_limits_and_rules_are_told(explain):
    _, text, _ = explain("spec.draResources[0].claimCreationSpec.devices")
    assert "- 1 to 32 entries" in text
    assert "- celExpressions must not be set" in text
    text = explain("nimpipeline.spec.services.name")[1]
    assert "- must be lower-case letters, digits and '-', with a letter" in text
    assert "- one of Always, IfNotPresent, Never" in explain("spec.image.pullPolicy")[1]


def test_an_edit_and_an_extension_are_told(explain):
    _, text, _ = explain("spec.replicas")
    assert "AN EDIT:\n    - on " in text
    assert "EXTENSION" not in text
    assert "EXTENSION: NVIDIA's definition lacks this field." in explain("status.children")[1]
    told = explain("spec.metrics")[1]
    assert "    - restarts no pod of the model: enabled, serviceMonitor\n" in told


def test_all_names_below_a_field_are_listed_on_demand(explain):
    _, text, _ = explain("spec.expose.service", "--recursive")
    assert "  annotations <map[string]string>\n  grpcPort <integer>\n" in text
    assert "Annotations of the Service" not in text


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("spec.storag", "nimservice.spec has no field storag; did you mean storage?"),
        ("replicas", "nimservice has no field replicas; did you mean spec.replicas?"),
        (
            "spec.host",
            "nimservice.spec has no field host; did you mean spec.expose.router.hostDomainName?",
        ),
        (
            "spec.services",
            "nimservice.spec has no field services; NIMPipeline has it: nimservice explain nimpipeline.spec.services",
        ),
        (
            "spec.source.ngc",
            "nimservice.spec has no field source; NIMCache has it: nimservice explain nimcache.spec.source.ngc",
        ),
        (
            "nimcache.spec.replicas",
            "nimcache.spec has no field replicas; there is none: one Job downloads the model; remove it",
        ),
        ("spec.image.tag.x", "nimservice.spec.image.tag has no field x; it has no fields at all"),
        (
            "spec.image.zzz",
            "nimservice.spec.image has no field zzz; the fields here are pullPolicy, pullSecrets, repository, tag",
        ),
    ],
)
def test_a_field_that_does_not_exist_gets_a_hint(explain, path, message):
    assert explain(path) == (2, "", f"nimservice: explain: {message}\n")
