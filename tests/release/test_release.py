"""A release: refused where something of it is missing or out of step, and the same bytes each
time."""

import hashlib
import shutil
import tarfile
import zipfile

import pytest
import yaml

from hooks import __version__
from tools import release

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
            release.write(
                folder, "registry.example.com/nimservice-hooks@sha256:" + "0" * 64, ["monitoring"]
            )
    return folders


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
    assert text.count("2.0.0rc1") == 15
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
    assert set(first) == {
        "SHA256SUMS",
        "crds.yaml",
        "install.yaml",
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


def test_a_component_that_does_not_exist_is_refused():
    with pytest.raises(release.Refused, match="no component nothing"):
        release._installation("nimservice-hooks", ["nothing"])


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
        "tools",
        "Makefile",
        "requirements.lock",
    } <= folders
