"""A release: refused where something of it is missing or out of step, and the same bytes each
time."""

import hashlib
import shutil
import tarfile
import zipfile

import pytest
import yaml

from hooks import __version__
from tools import definitions, release

IMAGE = "registry.example.com/nimservice-hooks@sha256:" + "0" * 64
DIGEST = "sha256:" + "1" * 64
METACONTROLLER = f"ghcr.io/metacontroller/metacontroller:{definitions.VERSION}@{DIGEST}"
THEIRS = release.ROOT.parent / "shared" / "third-party-crds" / "metacontroller.yaml"
CHANGELOG = "# Changelog\n\n## [1.2.3] - 2026-01-02\n\n### Restarts pods\n\n- Nothing.\n\n## [1.2.2] - 2026-01-01\n\n### Added\n"


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of the places in which the version stands."""
    for place in release.PLACES:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(release.ROOT / place, tmp_path / place)
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        folders = [tmp_path_factory.mktemp("dist") for _ in range(2)]
        for folder in folders:
            theirs = THEIRS if THEIRS.exists() else None
            pinned = release.metacontroller_image(DIGEST)
            release.write(folder, IMAGE, ["monitoring"], theirs, pinned)
    return folders


@pytest.fixture
def complete(made):
    """Return the folder of a release with the complete files."""
    if not THEIRS.exists():
        pytest.skip(f"Metacontroller's definitions are not at hand in {THEIRS}")
    return made[0]


def test_this_version_stands_in_the_changelog_with_the_pods_that_restart():
    assert release.entry((release.ROOT / "CHANGELOG.md").read_text(), __version__)


def test_a_version_without_an_entry_in_the_changelog_is_refused():
    with pytest.raises(release.Refused, match=r"no entry for 1\.2\.4"):
        release.entry(CHANGELOG, "1.2.4")


def test_an_entry_that_does_not_say_which_pods_restart_is_refused():
    assert release.entry(CHANGELOG, "1.2.3").startswith("1.2.3] - 2026-01-02")
    with pytest.raises(release.Refused, match="which pods restart"):
        release.entry(CHANGELOG, "1.2.2")


def test_a_refusal_is_a_line_and_an_exit_code_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(release, "version_of", lambda _: "9.9.9")
    assert release.main(["--output", str(tmp_path / "dist")]) == 1
    assert "CHANGELOG.md has no entry for 9.9.9" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


def test_the_version_is_the_same_everywhere():
    assert release.version_of(release.ROOT) == __version__


def test_a_version_is_put_in_each_of_its_places(checkout):
    release.put_version(checkout, "2.0.0rc1")
    assert release.version_of(checkout) == "2.0.0rc1"
    text = "".join((checkout / place).read_text() for place in release.PLACES)
    assert text.count("2.0.0rc1") == 22
    assert __version__ not in text


def test_a_version_that_is_out_of_step_is_refused_with_the_place(checkout):
    place = checkout / "metacontroller" / "base" / "kustomization.yaml"
    place.write_text(place.read_text().replace(f"newTag: {__version__}", "newTag: 9.9.9"))
    with pytest.raises(release.Refused, match=r"kustomization\.yaml says 9\.9\.9"):
        release.version_of(checkout)


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.3", "1.2.3-rc1", "1.2.3\n"])
def test_what_is_no_version_is_refused(checkout, version):
    with pytest.raises(release.Refused, match="is not a version"):
        release.put_version(checkout, version)


def test_the_same_commit_gives_the_same_bytes(made):
    first, second = ({file.name: file.read_bytes() for file in folder.iterdir()} for folder in made)
    assert first == second
    whole = {"complete.yaml", "complete-crds.yaml"} if THEIRS.exists() else set()
    assert set(first) - whole == {
        "SHA256SUMS",
        "contents.txt",
        "crds.yaml",
        "images.txt",
        "install.yaml",
        "sbom-image.cdx.json",
        "sbom-wheel.cdx.json",
        f"nimservice-hooks-{__version__}.tgz",
        f"nimservice_hooks-{__version__}-py3-none-any.whl",
        f"nimservice_hooks-{__version__}.tar.gz",
        f"nimservice_simulator-{__version__}-py3-none-any.whl",
    }


def test_the_checksums_are_those_of_the_files(made):
    lines = (made[0] / "SHA256SUMS").read_text().splitlines()
    assert {tuple(line.split("  ")) for line in lines} == {
        (hashlib.sha256(file.read_bytes()).hexdigest(), file.name)
        for file in made[0].iterdir()
        if file.name != "SHA256SUMS"
    }


def test_one_file_installs_the_hooks_with_the_image_and_the_components_that_were_named(made):
    objects = {
        each["kind"]: each for each in yaml.safe_load_all((made[0] / "install.yaml").read_text())
    }
    assert {
        "Namespace",
        "Deployment",
        "Service",
        "NetworkPolicy",
        "CompositeController",
        "ServiceMonitor",
    } <= objects.keys()
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example.com/nimservice-hooks@sha256:" + "0" * 64


def test_one_file_has_the_definitions(made):
    kinds = [
        each["spec"]["names"]["kind"]
        for each in yaml.safe_load_all((made[0] / "crds.yaml").read_text())
    ]
    assert sorted(kinds) == ["NIMCache", "NIMPipeline", "NIMService"]


def test_the_complete_files_have_metacontroller_and_all_definitions(complete):
    defined = {
        (each["spec"]["group"], each["spec"]["names"]["kind"])
        for each in yaml.safe_load_all((complete / "complete-crds.yaml").read_text())
    }
    assert defined == {
        *(("apps.nvidia.com", kind) for kind in ("NIMCache", "NIMPipeline", "NIMService")),
        *(
            ("metacontroller.k8s.io", kind)
            for kind in ("CompositeController", "ControllerRevision", "DecoratorController")
        ),
    }
    objects = list(yaml.safe_load_all((complete / "complete.yaml").read_text()))
    controllers = [each for each in objects if each["kind"] == "CompositeController"]
    assert {each["metadata"]["name"] for each in controllers} == {
        "nimcache",
        "nimpipeline",
        "nimservice",
    }
    images = {
        container["image"]
        for each in objects
        if each["kind"] in {"Deployment", "StatefulSet"}
        for container in each["spec"]["template"]["spec"]["containers"]
    }
    assert images == {IMAGE, METACONTROLLER}


def test_the_images_are_those_of_the_hooks_and_of_metacontroller(made):
    assert (made[0] / "images.txt").read_text().splitlines() == [METACONTROLLER, IMAGE]


def test_the_complete_file_is_the_complete_overlay():
    overlay = release.ROOT / "metacontroller" / "overlays" / "complete" / "kustomization.yaml"
    named = yaml.safe_load(overlay.read_text())
    assert tuple(path.rpartition("/")[2] for path in named["components"]) == release.COMPLETE
    assert named["resources"] == ["../../base"]


def test_the_chart_of_a_release_names_the_images_and_brings_metacontrollers_definitions(complete):
    with tarfile.open(complete / f"nimservice-hooks-{__version__}.tgz") as chart:
        values = yaml.safe_load(chart.extractfile("nimservice-hooks/values.yaml").read())
        theirs = chart.extractfile("nimservice-hooks/crds/metacontroller.yaml").read()
    assert f"{values['image']['repository']}@{values['image']['digest']}" == IMAGE
    assert values["metacontroller"]["image"] == METACONTROLLER
    assert theirs == THEIRS.read_bytes()


def test_other_definitions_than_metacontrollers_are_refused(tmp_path, capsys):
    other = tmp_path / "crds.yaml"
    other.write_text("kind: CustomResourceDefinition\n")
    for file, said in ((other, "has the SHA-256"), (tmp_path / "none", "No such file")):
        arguments = ["--output", str(tmp_path / "dist"), "--metacontroller-crds", str(file)]
        assert release.main(arguments) == 1
        error = capsys.readouterr().err
        assert said in error
        assert definitions.ADDRESS in error
    assert not (tmp_path / "dist").exists()


def test_the_definitions_are_those_of_the_metacontroller_that_the_component_runs():
    folder = release.ROOT / "metacontroller" / "components" / "metacontroller"
    (image,) = yaml.safe_load((folder / "kustomization.yaml").read_text())["images"]
    assert image["newTag"] == definitions.VERSION
    readme = (release.ROOT / "metacontroller" / "README.md").read_text()
    assert definitions.ADDRESS in readme


def test_a_release_without_the_definitions_tells_what_it_lacks(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(release, "_packages", lambda _: None)
    monkeypatch.setattr(release, "_bills", lambda *_: None)
    made = release.write(tmp_path / "own")
    assert not [file for file in made if file.name.startswith("complete")]
    assert f"download {definitions.ADDRESS}" in capsys.readouterr().err


def test_a_component_that_does_not_exist_is_refused():
    with pytest.raises(release.Refused, match="no component nothing"):
        release.installation("nimservice-hooks", ["nothing"])


def names_in(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_hooks_come_without_the_simulator(made):
    names = names_in(made[0] / f"nimservice_hooks-{__version__}-py3-none-any.whl")
    assert {name.split("/")[0] for name in names} == {
        "hooks",
        f"nimservice_hooks-{__version__}.dist-info",
    }
    assert [name for name in names if "simulator" in name] == []


def test_the_simulator_comes_alone_and_needs_the_hooks_of_its_release(made):
    wheel = made[0] / f"nimservice_simulator-{__version__}-py3-none-any.whl"
    info = f"nimservice_simulator-{__version__}.dist-info"
    names = names_in(wheel)
    assert {name.split("/")[0] for name in names} == {"nimservice_simulator", info}
    assert f"{info}/licenses/LICENSE" in names
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{info}/METADATA").decode()
    assert f"Requires-Dist: nimservice-hooks=={__version__}" in metadata


def test_the_hooks_offer_the_simulator_of_their_release(made):
    wheel = made[0] / f"nimservice_hooks-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"nimservice_hooks-{__version__}.dist-info/METADATA").decode()
    wanted = f"Requires-Dist: nimservice-simulator=={__version__}; extra == 'simulate'"
    assert wanted in metadata.splitlines()


def test_the_sdist_holds_what_builds_and_tests_both(made):
    with tarfile.open(made[0] / f"nimservice_hooks-{__version__}.tar.gz") as sdist:
        folders = {name.split("/")[1] for name in sdist.getnames() if "/" in name}
    assert {
        "hooks",
        "simulator",
        "tests",
        "docs",
        "metacontroller",
        "crds",
        "charts",
        "tools",
        "Makefile",
        "requirements.lock",
    } <= folders


def test_the_notes_are_the_text_of_the_version_alone():
    assert release.notes(CHANGELOG, "1.2.3") == "### Restarts pods\n\n- Nothing."


def test_the_version_is_printed_for_scripts(capsys):
    assert release.main(["--version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_an_image_without_a_registry_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(release, "_packages", lambda _: None)
    monkeypatch.setattr(release, "_bills", lambda *_: None)
    release.write(tmp_path / "own")
    assert "no cluster can pull the image nimservice-hooks" in capsys.readouterr().err
    release.write(tmp_path / "named", "registry.example.com/nimservice-hooks")
    assert "pull" not in capsys.readouterr().err


def test_an_image_of_metacontroller_without_a_digest_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(release, "_packages", lambda _: None)
    monkeypatch.setattr(release, "_bills", lambda *_: None)
    arguments = ["--output", str(tmp_path / "dist")]
    assert release.main(arguments) == 0
    told = f"{release.metacontroller_image()} is named by its tag alone"
    assert told in capsys.readouterr().err
    assert release.main([*arguments, "--metacontroller-digest", DIGEST]) == 0
    assert "by its tag" not in capsys.readouterr().err
    with pytest.raises(SystemExit):
        release.main([*arguments, "--metacontroller-digest", "v4.17.2"])
    assert "v4.17.2 is not a digest of the form sha256:" in capsys.readouterr().err


def test_the_workflow_finds_the_digest_of_the_image_that_is_printed(capsys):
    assert release.main(["--metacontroller-image"]) == 0
    image = capsys.readouterr().out.strip()
    assert f"{image}@{DIGEST}" == METACONTROLLER
