"""``nimservice doctor`` without a cluster: the components that files need, and wrong calls."""

import pytest
import yaml

from hooks.cli import main
from tests.cli.manifest import manifest


@pytest.fixture
def doctor(tmp_path, capsys):
    """Return a function that examines a file offline, and returns code, output and errors."""

    def run(text, *options):
        path = tmp_path / "nim.yaml"
        path.write_text(text)
        code = main(["doctor", "--offline", "-f", str(path), *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def needed(text):
    kustomization = yaml.safe_load(text)
    assert kustomization["resources"] == ["../metacontroller/base"]
    return [each.rpartition("/")[2] for each in kustomization.get("components", ())]


@pytest.mark.parametrize(
    ("changed", "component"),
    [
        ("metrics: {enabled: true}", "prometheus"),
        ("inferencePlatform: kserve", "kserve"),
        ("multiNode: {parallelism: {pipeline: 2}}", "leaderworkerset"),
        (
            "expose: {router: {hostDomainName: a.example.com, gateway: {name: g, namespace: n}}}",
            "gateway",
        ),
    ],
)
def test_a_field_needs_its_component(doctor, changed, component):
    code, out, _ = doctor(manifest(changed))
    assert code == 0
    assert component in needed(out)
    assert component not in needed(doctor(manifest())[1])


@pytest.mark.parametrize("kind", ["NIMCache", "NIMPipeline"])
def test_a_kind_needs_its_component(doctor, kind):
    assert kind.lower() in needed(doctor(manifest(kind=kind))[1])


def test_a_file_with_a_mistake_is_told_first(doctor):
    code, out, err = doctor(manifest("gpu: 1"))
    assert (code, out) == (1, "")
    assert "spec.gpu: unknown field" in err


def test_the_folder_of_the_components_can_be_another(doctor):
    assert "- ../../hooks/base" in doctor(manifest(), "--base", "../../hooks")[1]


def test_offline_needs_files(capsys):
    assert main(["doctor", "--offline"]) == 2
    assert "--offline needs files" in capsys.readouterr().err


def test_without_a_cluster_it_cannot_be_done(tmp_path, capsys):
    assert main(["doctor", "--kubeconfig", str(tmp_path / "none")]) == 2
    assert str(tmp_path / "none") in capsys.readouterr().err
