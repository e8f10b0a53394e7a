"""The commands and NIMPipelines: what is said of a service stands where the file has it."""

import json

import pytest
import yaml

from hooks.cli import main
from tests.situations.nimpipeline import nimpipeline, service
from tests.situations.nimservice import BASE_SPEC

BAD = {**BASE_SPEC, "expose": {"service": {"port": 8000, "grpcPort": 8000}}}
DEVICES = {
    **BASE_SPEC,
    "draResources": [
        {
            "claimCreationSpec": {
                "devices": [
                    {
                        "name": "gpu",
                        "attributeSelectors": [
                            {"key": "a", "op": "Equal", "value": {"versionValue": "1"}}
                        ],
                    }
                ]
            }
        }
    ],
}


@pytest.fixture
def call(tmp_path, capsys):
    """Return a function that calls a command with a pipeline, and returns its code and output."""

    def run(command, *services, options=()):
        pipeline = nimpipeline(*services)
        pipeline["metadata"] = {"name": "rag", "namespace": "nim"}
        (tmp_path / "rag.yaml").write_text(yaml.safe_dump(pipeline))
        code = main([command, "-f", str(tmp_path / "rag.yaml"), *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_render_prints_each_nimservice_and_what_it_becomes_behind_it(call):
    code, out, err = call("render", service("llm"), service("embedder"), options=["-o", "names"])
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "NIMService/llm",
        "ServiceAccount/llm",
        "Service/llm",
        "Deployment/llm",
        "NIMService/embedder",
        "ServiceAccount/embedder",
        "Service/embedder",
        "Deployment/embedder",
    ]


def test_render_says_what_is_wrong_of_a_service(call):
    code, _, err = call("render", service("llm", spec=BAD))
    assert code == 1
    assert "NIMPipeline/rag: spec.services[0].spec.expose.service.grpcPort: " in err


def test_validate_says_nothing_where_nothing_is_wrong(call):
    assert call("validate", service("llm"), service("off", enabled=False)) == (0, "", "")


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        (BAD, "spec.services[1].spec.expose.service.grpcPort: "),
        (DEVICES, "attributeSelectors[0].value.versionValue: "),
        ({**BASE_SPEC, "tag": 1}, "spec.services[1].spec.tag: unknown field"),
    ],
    ids=["refused by NIMService's hook", "left out of the definition", "unknown"],
)
def test_validate_names_the_field_within_the_pipeline(call, spec, path):
    code, out, _ = call("validate", service("llm"), service("embedder", spec=spec))
    assert code == 1
    assert f"NIMPipeline/rag: {path}" in out or path in out


def test_validate_warns_of_a_service_too(call):
    spec = {key: value for key, value in BASE_SPEC.items() if key != "authSecret"}
    code, _, err = call("validate", service("llm", spec=spec))
    assert code == 0
    assert "NIMPipeline/rag: spec.services[0].spec.authSecret: is empty" in err


def test_diff_shows_the_nimservices_and_their_children(call, tmp_path):
    saved = tmp_path / "live.yaml"
    saved.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "List",
                "items": [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}],
            }
        )
    )
    code, out, _ = call("diff", service("llm"), options=["--observed", str(saved)])
    assert code == 1
    created = [line for line in out.splitlines() if line.startswith("+ create")]
    assert created == [
        "+ create NIMService/llm",
        "+ create Deployment/llm",
        "+ create Service/llm",
        "+ create ServiceAccount/llm",
    ]


LLM = {
    "apiVersion": "apps.nvidia.com/v1alpha1",
    "kind": "NIMService",
    "metadata": {"name": "llm", "namespace": "nim"},
    "spec": BASE_SPEC,
}


@pytest.mark.parametrize(
    ("owner", "says"),
    [
        (None, "--overwrite controller-uid=UID_OF_THE_NIMPIPELINE"),
        ("other", "belongs to NIMPipeline other"),
    ],
)
def test_diff_counts_a_pipeline_that_is_not_there_as_a_change(call, tmp_path, owner, says):
    """Even where each name in it is taken, so that no child changes."""
    owners = [{"kind": "NIMPipeline", "name": owner, "uid": "u", "controller": True}]
    taken = {**LLM, "metadata": {**LLM["metadata"], "ownerReferences": owners if owner else []}}
    saved = tmp_path / "live.yaml"
    saved.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [taken]}))
    code, out, err = call("diff", service("llm"), options=["--observed", str(saved)])
    assert (code, out) == (1, "NIMPipeline/rag: would be created, and no child would change\n")
    assert says in " ".join(err.split())


def test_simulate_plays_both_controllers(call):
    code, out, _ = call("simulate", service("llm"), options=["-o", "names"])
    assert code == 0
    assert {"NIMPipeline/rag", "NIMService/llm", "Deployment/llm"} <= {*out.splitlines()}


def test_explain_knows_its_fields(capsys):
    assert main(["explain", "nimp.spec.services.dependencies"]) == 0
    assert "envName" in capsys.readouterr().out
