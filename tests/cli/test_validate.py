"""`nimservice validate`: a line for each problem, warnings apart, and the reference's own
samples."""

import json
import re
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

    def validate(*objects, options=()):
        Path("nim.yaml").write_text(yaml.safe_dump_all(objects))
        code = main(["validate", "-f", "nim.yaml", *options])
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err.splitlines()

    return validate


def test_nothing_is_said_where_nothing_is_wrong(validate):
    assert validate(GOOD) == (0, [], [])


def test_each_problem_is_a_line_with_file_object_path_and_remedy(validate):
    assert validate(with_spec(image={"repository": "nim", "tag": 1.8}, storag={})) == (
        1,
        [
            'nim.yaml:9:5: NIMService/llama: spec.image.tag: must be text, is the number 1.8; put it in quotes, "1.8"',
            "nim.yaml:10:3: NIMService/llama: spec.storag: unknown field; did you mean storage?",
        ],
        [],
    )


def test_portable_names_the_fields_that_nvidias_operator_ignores(validate):
    used = with_spec(strategy={"type": "Recreate"}, terminationGracePeriodSeconds=600)
    assert validate(used) == (0, [], [])
    assert validate(GOOD, options=["--portable"]) == (0, [], [])
    code, lines, _ = validate(used, options=["--portable"])
    assert code == 1
    told = "is an extension that NVIDIA's operator ignores; remove it"
    assert [line.split(": ", 2)[2] for line in lines] == [
        f"spec.strategy: {told}",
        f"spec.terminationGracePeriodSeconds: {told}",
    ]


def test_every_object_of_a_file_is_checked(validate):
    code, lines, _ = validate(with_spec(replicas=-1), with_spec(replicas="1"))
    assert (code, len(lines)) == (1, 2)


def test_other_kinds_are_not_looked_at(validate):
    assert validate(GOOD, {"apiVersion": "v1", "kind": "Secret", "data": 5}) == (0, [], [])


def test_other_kinds_of_the_group_are_named(validate):
    code, _, (line, _) = validate(
        {
            "apiVersion": "apps.nvidia.com/v1alpha1",
            "kind": "NIMBuild",
            "metadata": {"name": "rag"},
        }
    )
    assert (code, line) == (
        0,
        "nim.yaml:2:1: warning: NIMBuild/rag: kind: these hooks do not serve NIMBuild; it was not checked",
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
                "source": {"ngc": {"modelPuller": "nim:1", "authSecret": "ngc"}},
                "storage": {"pvc": {"name": "models"}, "hostPath": "/models"},
            },
        },
        "spec.storage.hostPath: is deprecated and has no effect",
    ),
    "a volume without a source": (
        with_spec(volumes=[{"name": "v"}]),
        "spec.volumes[0]: has no source",
    ),
    "a NIMCache's image without a tag": (
        {
            "apiVersion": "apps.nvidia.com/v1alpha1",
            "kind": "NIMCache",
            "metadata": {"name": "cache"},
            "spec": {
                "source": {"ngc": {"modelPuller": "registry:5000/nim", "authSecret": "ngc"}},
                "storage": {"pvc": {"name": "models"}},
            },
        },
        "spec.source.ngc.modelPuller: has no tag",
    ),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_works_but_deserves_a_second_look_is_a_warning(validate, case):
    manifest, message = WARNINGS[case]
    code, problems, (line,) = validate(manifest)
    assert (code, problems) == (0, [])
    subject = f"{manifest['kind']}/{manifest['metadata']['name']}"
    assert re.match(rf"nim\.yaml:\d+:\d+: warning: {subject}: {re.escape(message)}", line)


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path, capsys):
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(with_spec(replicas=-1)))
    assert main(["validate", "-f", str(tmp_path / "absent.yaml"), str(tmp_path / "good.yaml")]) == 2
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
        "nim.yaml:9:7: NIMService/llama: spec.expose.service.grpcPort: 8000 is already the number of port; choose another"
    ]


@pytest.mark.parametrize(
    ("spec", "path"),
    [
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


def serving(name, alias=None, namespace="nim"):
    return with_spec(expose={"service": {"name": alias or ""}}) | {
        "metadata": {"name": name, "namespace": namespace}
    }


def test_a_name_of_a_second_service_given_twice_is_a_warning(validate):
    code, out, err = validate(
        serving("a", "http"), serving("b", "http"), serving("c", "http", "other")
    )
    assert (code, out) == (0, [])
    assert [line.partition(" warning: ")[2] for line in err] == [
        f"NIMService/{name}: spec.expose.service.name: http is also the name of a Service of "
        f"{other}, so only one gets it; remove it and call the model by Service {name}, or choose "
        "another name"
        for name, other in (("a", "b"), ("b", "a"))
    ]


def test_a_second_service_with_the_name_of_another_nimservice_is_a_warning(validate):
    _, _, (line,) = validate(serving("a", "b"), serving("b"))
    assert "NIMService/a: spec.expose.service.name: b is also the name of a Service of b" in line


def pipeline(*services, name="rag"):
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMPipeline",
        "metadata": {"name": name},
        "spec": {"services": list(services)},
    }


def service(name, *dependencies, enabled=True, **spec):
    entry = {"name": name, "spec": GOOD["spec"] | spec, "dependencies": list(dependencies)}
    return entry if enabled is None else entry | {"enabled": enabled}


def calling(name, variable="LLM", **fields):
    return {"name": name, "port": 8000, "envName": variable, **fields}


def test_a_service_that_calls_amiss_is_a_warning(validate):
    """`tests/cli/test_calls.py` has the ways to do so."""
    code, out, (line,) = validate(pipeline(service("llm", calling("llm"))))
    assert (code, out) == (0, [])
    assert "warning: NIMPipeline/rag: spec.services[0].dependencies[0].name: is llm itself" in line


def test_a_nimservice_that_a_pipeline_makes_too_is_a_warning(validate):
    code, out, (line,) = validate(pipeline(service("llama")), GOOD)
    assert (code, out) == (0, [])
    assert (
        "warning: NIMPipeline/rag: spec.services[0].name: NIMService/llama (nim.yaml:19:1) has "
        "the name llama, too; rename one, because a pipeline takes over no NIMService of others"
    ) in line


def test_a_nimservice_of_two_pipelines_is_a_warning_for_both(validate):
    _, _, lines = validate(pipeline(service("llm")), pipeline(service("llm"), name="qa"))
    assert [re.search(r"warning: (.*?) \(", line)[1] for line in lines] == [
        "NIMPipeline/rag: spec.services[0].name: NIMPipeline/qa",
        "NIMPipeline/qa: spec.services[0].name: NIMPipeline/rag",
    ]


def test_a_service_that_is_off_or_in_another_namespace_takes_no_name(validate):
    elsewhere = GOOD | {"metadata": {"name": "llm", "namespace": "other"}}
    assert validate(pipeline(service("llm")), elsewhere)[2] == []
    assert validate(pipeline(service("llama", enabled=False)), GOOD)[2] == []


def test_second_services_with_names_of_their_own_are_none(validate):
    assert validate(serving("a", "x"), serving("b", "y"), serving("c", "c")) == (0, [], [])


def test_problems_and_warnings_are_printed_for_programs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("nim.yaml").write_text(
        yaml.safe_dump_all([with_spec(replicas=-1), with_spec(authSecret="")])
    )
    assert main(["validate", "nim.yaml", "absent.yaml", "-o", "json"]) == 2
    printed = capsys.readouterr()
    assert printed.err == ""
    absent, wrong, empty = json.loads(printed.out)["findings"]
    assert absent == {
        "level": "error",
        "file": "absent.yaml",
        "line": 0,
        "column": 0,
        "object": "",
        "path": "",
        "message": "cannot be read: No such file or directory",
        "remedy": "",
    }
    assert wrong == {
        "level": "error",
        "file": "nim.yaml",
        "line": 10,
        "column": 3,
        "object": "NIMService/llama",
        "path": "spec.replicas",
        "message": "must be 0 or more, is -1",
        "remedy": "",
    }
    assert (empty["level"], empty["path"]) == ("warning", "spec.authSecret")


def test_annotations_of_a_pull_request_keep_to_their_form(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = yaml.safe_dump_all([with_spec(image="a,b:c%\nd"), with_spec(authSecret="")])
    Path("a,b:c.yaml").write_text(text)
    assert main(["validate", "a,b:c.yaml", "-o", "github"]) == 1
    error, warning = capsys.readouterr().out.splitlines()
    assert error.startswith(
        "::error file=a%2Cb%3Ac.yaml,line=7,col=3::NIMService/llama: spec.image: must be an object"
    )
    assert "c%25%0Ad" in error
    assert warning.startswith("::warning file=a%2Cb%3Ac.yaml,line=19,col=3::NIMService/llama: ")


def test_one_bad_file_hides_nobody_elses_problems(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text("a: [b\n")
    Path("b.yaml").write_text(yaml.safe_dump(with_spec(replicas=-1)))
    Path("c.yaml").write_bytes(b"\xff")
    assert main(["validate", "a.yaml", "b.yaml", "c.yaml"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert {line.partition(":")[0] for line in lines} == {"a.yaml", "b.yaml", "c.yaml"}


def test_a_namespace_that_a_file_contradicts_is_a_problem(tmp_path, capsys):
    file = tmp_path / "nim.yaml"
    file.write_text(yaml.safe_dump(GOOD | {"metadata": {"name": "llama", "namespace": "a"}}))
    assert main(["validate", str(file), "-n", "a"]) == 0
    assert main(["validate", str(file), "-n", "b"]) == 1
    assert 'metadata.namespace: is "a", and -n says b' in capsys.readouterr().out


def test_a_name_that_is_generated_is_checked_as_it_will_be(validate):
    assert validate(GOOD | {"metadata": {"generateName": "llama-"}}) == (0, [], [])


def test_a_nimservice_that_is_given_twice_is_a_warning(validate):
    code, out, (line,) = validate(GOOD, GOOD)
    assert (code, out) == (0, [])
    assert line == (
        "nim.yaml:17:3: warning: NIMService/llama: metadata.name: llama is in nim.yaml:1:1, too, "
        "and the last one wins; remove one of them"
    )


CACHE = {
    "apiVersion": "apps.nvidia.com/v1alpha1",
    "kind": "NIMCache",
    "metadata": {"name": "llama-cache"},
    "spec": {
        "source": {"ngc": {"modelPuller": "nvcr.io/nim/meta/llama:1.8", "authSecret": "ngc"}},
        "storage": {"pvc": {"create": True, "size": "50Gi"}},
    },
}
NO_CACHE = (
    "nim.yaml:29:7: warning: NIMService/llama: spec.storage.nimCache.name: "
    "the files have no NIMCache {} in namespace default; {}"
)


def elsewhere(namespace):
    return CACHE | {"metadata": {"name": "llama-cache", "namespace": namespace}}


@pytest.mark.parametrize(
    ("cache", "name", "remedy"),
    [
        (CACHE, "lama-cache", "did you mean llama-cache?"),
        (elsewhere("models"), "llama-cache", "it is in namespace models; put both into one"),
    ],
    ids=["of a similar name", "in another namespace"],
)
def test_a_nimcache_that_the_files_have_otherwise_is_named(validate, cache, name, remedy):
    code, out, err = validate(cache, with_spec(storage={"nimCache": {"name": name}}))
    where = re.sub(r":\d+:\d+:", ":29:7:", err[0]) if err else ""
    assert (code, out, [where]) == (0, [], [NO_CACHE.format(name, remedy)])


@pytest.mark.parametrize(
    ("cache", "name", "options"),
    [
        (CACHE, "llama-cache", ()),
        (CACHE, "embedder", ()),
        (elsewhere("models"), "llama-cache", ("-n", "models")),
        (GOOD, "llama-cache", ()),
    ],
    ids=["it is there", "another in the cluster", "there by -n", "no NIMCache"],
)
def test_a_nimcache_that_may_be_in_the_cluster_is_not_warned_of(validate, cache, name, options):
    service = with_spec(storage={"nimCache": {"name": name}}) | {"metadata": {"name": "other"}}
    assert validate(cache, service, options=options) == (0, [], [])
