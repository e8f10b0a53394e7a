"""`nimservice validate`: a line for each problem, warnings apart, and the reference's own
samples."""

from pathlib import Path

import pytest
import yaml

from hooks.cli import main

SAMPLES = Path(__file__).parents[3] / "shared" / "conformance" / "upstream-samples"
GOOD = {
    "apiVersion": "apps.nvidia.com/v1alpha1",
    "kind": "NIMService",
    "metadata": {"name": "llama"},
    "spec": {
        "image": {"repository": "nim", "tag": "1.8"},
        "authSecret": "ngc",
        "storage": {"pvc": {"name": "models"}},
    },
}


def with_spec(**fields):
    return GOOD | {"spec": GOOD["spec"] | fields}


@pytest.fixture
def validate(tmp_path, monkeypatch, capsys):
    """Return a function that validates objects in a file and returns the exit code and the lines on
    both outputs."""
    monkeypatch.chdir(tmp_path)

    def validate(*objects):
        Path("nim.yaml").write_text(yaml.safe_dump_all(objects))
        code = main(["validate", "-f", "nim.yaml"])
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err.splitlines()

    return validate


def test_nothing_is_said_where_nothing_is_wrong(validate):
    assert validate(GOOD) == (0, [], [])


def test_each_problem_is_a_line_with_file_object_path_and_remedy(validate):
    assert validate(with_spec(image={"repository": "nim", "tag": 1.8}, storag={})) == (
        1,
        [
            "nim.yaml: NIMService/llama: spec.storag: unknown field; did you mean storage?",
            'nim.yaml: NIMService/llama: spec.image.tag: must be text, is the number 1.8; put it in quotes, "1.8"',
        ],
        [],
    )


def test_every_object_of_a_file_is_checked(validate):
    code, lines, _ = validate(with_spec(replicas=-1), with_spec(replicas="1"))
    assert (code, len(lines)) == (1, 2)


def test_other_kinds_are_not_looked_at(validate):
    assert validate(GOOD, {"apiVersion": "v1", "kind": "Secret", "data": 5}) == (0, [], [])


def test_other_kinds_of_the_group_are_named(validate):
    code, _, (line,) = validate(
        {
            "apiVersion": "apps.nvidia.com/v1alpha1",
            "kind": "NIMBuild",
            "metadata": {"name": "rag"},
        }
    )
    assert (code, line) == (
        0,
        "warning: nim.yaml: NIMBuild/rag: kind: these hooks do not serve NIMBuild; it was not checked",
    )


ENVELOPES = {
    "another version": (
        {"apiVersion": "apps.nvidia.com/v1"},
        "apiVersion: must be apps.nvidia.com/v1alpha1",
    ),
    "a kind without its capitals": ({"kind": "NimService"}, "kind: must be NIMService"),
    "no name": ({"metadata": {}}, "metadata.name: is required"),
    "a name with capitals": (
        {"metadata": {"name": "Llama"}},
        "metadata.name: must be lower-case letters",
    ),
    "a label that is a number": (
        {"metadata": {"name": "llama", "labels": {"release": 1}}},
        "metadata.labels[release]: must be text",
    ),
    "no spec": ({"spec": None}, "spec: is required"),
    "a field beside spec": (
        {"replicas": 1},
        "replicas: unknown field; did you mean spec.replicas?",
    ),
}


@pytest.mark.parametrize("case", ENVELOPES)
def test_the_rest_of_the_object_is_checked_too(validate, case):
    fields, message = ENVELOPES[case]
    code, (line,), _ = validate(GOOD | fields)
    assert code == 1
    assert f": {message}" in line


def test_the_status_is_none_of_the_users_business(validate):
    assert validate(GOOD | {"status": {"anything": 1}}) == (0, [], [])


WARNINGS = {
    "the deprecated Ingress": (
        with_spec(expose={"ingress": {"enabled": True}}),
        "spec.expose.ingress: is deprecated",
    ),
    "podAffinity": (
        with_spec(podAffinity={"requiredDuringSchedulingIgnoredDuringExecution": []}),
        "spec.podAffinity: is deprecated",
    ),
    "storage on the node": (
        with_spec(storage={"hostPath": "/models"}),
        "spec.storage.hostPath: is deprecated",
    ),
    "no Secret": (with_spec(authSecret=""), "spec.authSecret: is empty"),
    "two ways in": (
        with_spec(
            expose={
                "service": {"type": "LoadBalancer"},
                "router": {"ingress": {"ingressClass": "nginx"}},
            }
        ),
        "spec.expose: exposes the model twice",
    ),
    "readOnly on an empty directory": (
        with_spec(storage={"emptyDir": {}, "readOnly": True}),
        "spec.storage.readOnly: has no effect",
    ),
    "the size of a claim that exists": (
        with_spec(storage={"pvc": {"name": "models", "size": "50Gi"}}),
        "spec.storage.pvc.size: has no effect",
    ),
    "several nodes that are one": (
        with_spec(multiNode={"parallelism": {"tensor": 8}}),
        "spec.multiNode: has no effect",
    ),
    "arguments that Ray replaces": (
        with_spec(multiNode={"parallelism": {"pipeline": 2}, "ray": {}}, args=["--fast"]),
        "spec.args: has no effect, because multiNode.ray",
    ),
    "a NIMCache's storage on the node": (
        {
            "apiVersion": "apps.nvidia.com/v1alpha1",
            "kind": "NIMCache",
            "metadata": {"name": "cache"},
            "spec": {
                "source": {"ngc": {"modelPuller": "nim", "authSecret": "ngc"}},
                "storage": {"pvc": {"name": "models"}, "hostPath": "/models"},
            },
        },
        "spec.storage.hostPath: is deprecated and has no effect",
    ),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_works_but_deserves_a_second_look_is_a_warning(validate, case):
    manifest, message = WARNINGS[case]
    code, problems, (line,) = validate(manifest)
    assert (code, problems) == (0, [])
    assert line.startswith(
        f"warning: nim.yaml: {manifest['kind']}/{manifest['metadata']['name']}: {message}"
    )


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path, capsys):
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(with_spec(replicas=-1)))
    assert main(["validate", "-f", str(tmp_path / "absent.yaml"), str(tmp_path / "good.yaml")]) == 1
    absent, wrong = capsys.readouterr().out.splitlines()
    assert absent.endswith("absent.yaml: cannot be read: No such file or directory")
    assert wrong.endswith("spec.replicas: must be 0 or more, is -1")


REFUSED_THERE = {
    "nimservice.yml": "spec.image.tag: must be text",
    "serving__kserve__standard__llm.yaml": "spec.replicas: spec.replicas must be absent where",
    "serving__standalone__autoscaling__llm.yaml": "spec.replicas: spec.replicas must be absent where",
    "serving__standalone__autoscaling__multi-llm.yaml": "spec.replicas: spec.replicas must be absent where",
    "serving__standalone__full__llm.yaml": "spec.replicas: spec.replicas must be absent where",
    "serving__standalone__full__multi-llm.yaml": "spec.replicas: spec.replicas must be absent where",
    "serving__standalone__routers__ingress__llm.yaml": "spec.router: unknown field; did you mean spec.expose.router?",
}


@pytest.mark.skipif(
    not SAMPLES.is_dir(),
    reason="the reference's samples (../shared/conformance/upstream-samples) are not here",
)
def test_the_references_samples_are_taken_or_refused_as_there(capsys):
    lines = {}
    for sample in SAMPLES.iterdir():
        code = main(["validate", "-f", str(sample)])
        found = [line.split(": ", 2)[2] for line in capsys.readouterr().out.splitlines()]
        assert (code == 1) == bool(found)
        if found:
            (lines[sample.name],) = found
    assert lines.keys() == REFUSED_THERE.keys()
    assert all(lines[name].startswith(expected) for name, expected in REFUSED_THERE.items())


def test_what_the_hooks_refuse_beyond_the_schema_is_a_problem_too(validate):
    code, out, _ = validate(with_spec(expose={"service": {"port": 8000, "grpcPort": 8000}}))
    assert code == 1
    assert out == [
        "nim.yaml: NIMService/llama: spec.expose.service.grpcPort: 8000 is already the number of port; choose another"
    ]


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"expose": {"service": {"name": "Chat_1"}}}, "spec.expose.service.name"),
        ({"expose": {"service": {"name": "a" * 64}}}, "spec.expose.service.name"),
        ({"storage": {"pvc": {"name": "My_Models"}}}, "spec.storage.pvc.name"),
        (
            {"sidecarContainers": [{"name": "Side_1", "image": {"repository": "r", "tag": "1"}}]},
            "spec.sidecarContainers[0].name",
        ),
    ],
)
def test_names_that_the_api_server_takes_for_no_object_are_problems(validate, spec, path):
    code, out, _ = validate(with_spec(**spec))
    assert code == 1
    assert [line.split(": ")[2] for line in out] == [path]


def test_a_host_name_that_is_none_is_told_at_once(validate):
    """The published pattern takes Python's own engine hours for these 63 letters."""
    router = {"hostDomainName": "a" * 62 + "!", "ingress": {"ingressClass": "nginx"}}
    code, out, _ = validate(with_spec(expose={"router": router}))
    assert code == 1
    assert "must match" in out[0]
