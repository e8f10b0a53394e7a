"""The images that manifests pull: of every kind, each once."""

from pathlib import Path

import pytest
import yaml

from hooks.cli import main
from tests.nimcache import cluster

SAMPLES = Path(__file__).parents[2] / "metacontroller" / "samples"
NIM = """\
apiVersion: apps.nvidia.com/v1alpha1
kind: NIMService
metadata: {name: llama}
spec:
  image: {repository: registry.example.com/llama, tag: "1"}
  authSecret: key
  storage: {emptyDir: {}}
"""
KSERVE = (
    NIM
    + """\
  inferencePlatform: kserve
  initContainers: [{name: wait, image: {repository: registry.example.com/busybox, tag: "2"}}]
  expose: {service: {port: 8000}}
"""
)
PICKER = (
    NIM
    + """\
  expose:
    service: {port: 8000}
    router:
      gateway: {name: g, namespace: n}
      eppConfig:
        containerSpec: {name: epp, image: {repository: registry.example.com/epp, tag: "3"}}
        configMapRef: {name: epp, key: c}
"""
)


@pytest.fixture
def printed(tmp_path, capsys):
    """Return a function that lists the images of a text, or of a file."""

    def run(given):
        file = given
        if isinstance(given, str):
            file = tmp_path / "given.yaml"
            file.write_text(given)
        assert main(["render", "-f", str(file), "-o", "images"]) == 0
        return capsys.readouterr().out.splitlines()

    return run


def test_a_pipeline_has_those_of_all_its_services(printed):
    found = printed(SAMPLES / "07-rag-pipeline.yaml")
    services = yaml.safe_load(
        (SAMPLES / "07-rag-pipeline.yaml").read_text().split("kind: NIMPipeline")[1]
    )["spec"]["services"]
    given = {f"{each['spec']['image']['repository']}:{each['spec']['image']['tag']}" for each in services}  # fmt: skip
    assert given <= {*found}
    assert found == sorted({*found})


def test_a_nimcache_has_that_of_its_jobs_also_beside_a_nimservice(printed):
    text = (SAMPLES / "08-cache-by-gpu.yaml").read_text()
    manifests = list(yaml.safe_load_all(text))
    cache = next(each for each in manifests if each["kind"] == "NIMCache")
    cache["spec"]["source"]["ngc"]["modelPuller"] = "registry.example.com/puller:9"
    assert "registry.example.com/puller:9" in printed(yaml.safe_dump_all(manifests))


def test_the_image_that_reads_others_is_one_of_them(printed, monkeypatch):
    monkeypatch.setenv("NIM_HOOKS_PROBE_IMAGE", "registry.example.com/shell:1")
    assert "registry.example.com/shell:1" in printed(yaml.safe_dump(cluster.nimcache()))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (KSERVE, ["registry.example.com/busybox:2", "registry.example.com/llama:1"]),
        (PICKER, ["registry.example.com/epp:3", "registry.example.com/llama:1"]),
    ],
    ids=["kserve", "picker"],
)
def test_every_container_of_every_kind_counts(printed, text, wanted):
    assert printed(text) == wanted
