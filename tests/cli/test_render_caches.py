"""The commands and NIMCaches: what fills them, and what a NIMService sees of it."""

import pytest
import yaml

from hooks.cli import main
from tests.nimcache import cluster, manifests
from tests.situations import nimservice as situation

STORAGE = {"nimCache": {"name": cluster.NAME}}


@pytest.fixture
def call(tmp_path, capsys, monkeypatch):
    """Return a function that calls a command with a NIMCache and a NIMService that names it."""
    monkeypatch.setenv("NIM_HOOKS_GPU_PRODUCTS", "NVIDIA-H100-80GB-HBM3")

    def run(command, *options, cache=None, observed=None):
        nim = situation.nimservice(storage=STORAGE)
        nim["metadata"] = {"name": "llama", "namespace": cluster.NAMESPACE}
        file = tmp_path / "cache.yaml"
        file.write_text(yaml.safe_dump_all([cache or cluster.nimcache(), nim]))
        if observed is not None:
            live = tmp_path / "live.yaml"
            live.write_text(yaml.safe_dump_all(observed or [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}]))  # fmt: skip
            options = (*options, "--observed", str(live))
        code = main([command, "-f", str(file), *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "model_manifest.yaml"
    path.write_text(manifests.mapped(12))
    return str(path)


def test_render_of_a_service_says_what_it_leaves_out_and_what_it_cannot_know(call):
    code, out, err = call("render", "-o", "names")
    assert code == 0
    assert out.split() == ["ServiceAccount/llama", "Service/llama", "Deployment/llama"]
    assert "NIMCache/llama-cache: its claim and Jobs are left out; add --manifest FILE" in err
    assert "NIMCache/llama-cache: what it downloads depends on its image; --manifest FILE" in err


def test_render_prints_a_nimcache_alone(tmp_path, capsys):
    file = tmp_path / "cache.yaml"
    file.write_text(yaml.safe_dump(cluster.nimcache()))
    assert main(["render", "-f", str(file), "-o", "names"]) == 0
    printed = capsys.readouterr()
    assert printed.out.split() == [
        "PersistentVolumeClaim/llama-cache-pvc",
        "Job/llama-cache-probe",
    ]
    assert "left out" not in printed.err


def test_render_shows_the_download_and_the_gpus_of_the_profile_by_the_manifest(call, manifest):
    code, out, err = call("render", "--manifest", manifest)
    assert (code, err) == (0, "")
    made = {f"{each['kind']}/{each['metadata']['name']}": each for each in yaml.safe_load_all(out)}
    assert cluster.command(made["Job/llama-cache-job"])[0] == "download-to-cache"
    (container,) = made["Deployment/llama"]["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": "1"}


def test_render_says_that_nothing_fits(call, manifest):
    cache = cluster.nimcache(**cluster.ngc(model={"precision": "int4"}))
    code, out, err = call("render", "-o", "names", "--manifest", manifest, cache=cache)
    assert code == 1
    assert (
        "NIMCache/llama-cache: NoProfileMatches: No profile of the image has precision int4" in err
    )
    assert "Deployment" not in out


def test_render_without_nimcache_leaves_it_to_another_operator(call):
    code, out, err = call("render", "-o", "names", "--without", "NIMCache")
    assert code == 0
    assert out.split() == ["ServiceAccount/llama", "Service/llama", "Deployment/llama"]
    assert "counts as ready with the claim llama-cache-pvc" in err


@pytest.mark.parametrize(
    ("text", "words"), [("- a", "is not a model manifest: it is no map"), (None, "cannot be read")]
)
def test_a_manifest_that_is_none_is_told(call, tmp_path, text, words):
    path = tmp_path / "odd.yaml"
    if text is not None:
        path.write_text(text)
    code, _, err = call("render", "--manifest", str(path))
    assert code == 2
    assert words in err


def test_diff_shows_what_a_new_cache_begins_with(call):
    code, out, err = call("diff", observed=[])
    created = [line for line in out.splitlines() if line.startswith("+ create")]
    assert code == 1
    assert created == [
        "+ create Job/llama-cache-probe",
        "+ create PersistentVolumeClaim/llama-cache-pvc",
        "+ create Deployment/llama",
        "+ create Service/llama",
        "+ create ServiceAccount/llama",
    ]
    assert err.count("counts as ready") == 1


def test_diff_reads_the_live_cache_not_the_file(call):
    live = {**cluster.settled(cluster.nimcache()).cache(), "status": {"state": "Pending"}}
    _, out, err = call("diff", observed=[live])
    assert "Deployment" not in out
    assert "NIMCacheNotReady" in err


def test_diff_of_a_ready_cache_is_empty_and_of_a_larger_one_is_its_claim(call):
    found = cluster.settled(cluster.nimcache())
    live = [each for each in found.server.everything() if each["kind"] in ("NIMCache", "PersistentVolumeClaim")]  # fmt: skip
    _, out, _ = call("diff", observed=live)
    assert "NIMCache/llama-cache: nothing would change" in out
    larger = cluster.nimcache()
    larger["spec"]["storage"]["pvc"]["size"] = "100Gi"
    _, out, _ = call("diff", observed=live, cache=larger)
    assert "~ update PersistentVolumeClaim/llama-cache-pvc" in out
    assert "+      storage: 100Gi" in out
    assert "Job" not in out


def test_diff_of_a_cache_that_these_hooks_do_not_fill(call):
    _, out, err = call("diff", "--without", "NIMCache", observed=[])
    assert "llama-cache-pvc" not in out.replace("claimName: llama-cache-pvc", "")
    assert "counts as ready" in err


def test_validate_names_the_field_of_a_cache(call):
    cache = cluster.nimcache(**cluster.ngc(model={"profiles": ["-x"]}))
    code, out, _ = call("validate", cache=cache)
    assert code == 1
    assert "NIMCache/llama-cache: spec.source.ngc.model.profiles: must have no name" in out


def test_simulate_fills_it_and_then_starts_the_model(call):
    code, out, err = call("simulate", "-o", "names", "--timeline")
    assert code == 0
    assert {"NIMCache/llama-cache", "NIMService/llama", "Deployment/llama"} <= {*out.split()}
    told = [line for line in err.splitlines() if "status" in line]
    first = next(i for i, line in enumerate(told) if "NIMCacheNotReady" in line)
    cached = next(i for i, line in enumerate(told) if "holds 1 profile" in line)
    served = next(i for i, line in enumerate(told) if "replicas are available" in line)
    assert first < cached < served


def test_explain_knows_its_fields(capsys):
    assert main(["explain", "nimcache.spec.source.ngc.model"]) == 0
    assert "tensorParallelism" in capsys.readouterr().out
