"""The versions of the neighbours that were tried: one file has them, the README repeats them."""

from pathlib import Path

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VERSIONS = yaml.safe_load((HERE / "versions.yaml").read_text())
MODULES = {
    "k8s.io/kubernetes": ROOT / "tests" / "control_plane" / "kubernetes",
    "sigs.k8s.io/kwok": HERE / "kwok",
    "sigs.k8s.io/lws": HERE / "leaderworkerset",
    "github.com/kserve/kserve": HERE / "full" / "kserve",
}


def test_what_is_built_has_the_versions_of_the_file():
    built = {each["module"]: each["version"] for each in VERSIONS.values() if "module" in each}
    assert built.keys() == MODULES.keys()
    for module, version in built.items():
        assert f"require {module} v{version}\n" in (MODULES[module] / "go.mod").read_text()


def test_what_only_the_second_tier_builds_stands_apart():
    second = {each["module"] for each in VERSIONS.values() if each.get("tier") == 2}
    assert second == {module for module, folder in MODULES.items() if "full" in folder.parts}


def test_the_readme_names_each_with_its_version():
    rows = [
        line.split("|")[1:4]
        for line in (ROOT / "README.md").read_text().splitlines()
        if line.startswith("| ")
    ]
    told: dict[str, str] = {}
    for names, versions, _ in rows:
        listed = zip(names.split(","), versions.split(","), strict=False)
        told |= {name.strip(): version.strip() for name, version in listed}
    for name, found in VERSIONS.items():
        if name in told:
            assert told[name] == found["version"]
        else:  # what runs beside them has no row of its own
            assert name in " ".join(how for *_, how in rows)
