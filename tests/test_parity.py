"""One fact, one place: what the code says about kinds and settings is what the installation and its
documentation say."""

import re
from pathlib import Path

import pytest
import yaml

from hooks.kernel import settings
from hooks.nimservice import kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.metacontroller.installed import INSTALLED

ROOT = Path(__file__).parents[1]
INSTALLATION = ROOT / "metacontroller"
COMPONENTS = sorted(path.parent.name for path in (INSTALLATION / "components").glob("*/kinds.yaml"))
"""The components that add kinds to the CompositeController of NIMServices."""
CONTROLLERS = {
    resource.path: f"components/{resource.kind.components[0]}/compositecontroller.yaml"
    if "base" not in resource.kind.components
    else "base/compositecontroller.yaml"
    for resource in INSTALLED
}
"""Where the CompositeController of each resource is."""
MANAGING = sorted({*COMPONENTS, *(each.kind.components[0] for each in INSTALLED)} - {"base"})
"""The components that manage kinds; the others say how things run."""
READING = ["gpu-discovery"]
"""The components that let Metacontroller read a further kind."""

every_resource = pytest.mark.parametrize("resource", INSTALLED, ids=lambda resource: resource.path)


def load(path):
    return yaml.safe_load((INSTALLATION / path).read_text())


def listed(rules):
    return [
        (rule["apiVersion"], rule["resource"], rule["updateStrategy"]["method"]) for rule in rules
    ]


def managed_by(component, resource=NIM_SERVICE):
    return [
        (kind.api_version, kind.plural, kind.strategy)
        for kind in resource.context.CHILDREN
        if component in kind.components
    ]


@every_resource
def test_a_composite_controller_lists_the_kinds_of_its_component(resource):
    controller = load(CONTROLLERS[resource.path])
    (component,) = resource.kind.components
    assert listed(controller["spec"]["childResources"]) == managed_by(component, resource)


@every_resource
def test_its_parent_is_the_resource(resource):
    parent = load(CONTROLLERS[resource.path])["spec"]["parentResource"]
    assert (parent["apiVersion"], parent["resource"]) == (
        resource.kind.api_version,
        resource.kind.plural,
    )


def test_there_is_a_component_for_each_name_that_a_kind_gives():
    named = {name for kind in kinds.MANAGED for name in kind.components}
    assert named == {"base", *COMPONENTS}


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_lists_its_kinds(component):
    """I-29: the reference grants one thing with Helm and another with kustomize."""
    assert listed(load(f"components/{component}/kinds.yaml")["childResources"]) == managed_by(
        component
    )


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_copies_each_of_its_kinds_into_the_composite_controller(component):
    copied = []
    for replacement in load(f"components/{component}/kustomization.yaml")["replacements"]:
        (target,) = replacement["targets"]
        assert replacement["source"]["name"] == component
        assert [f"spec.{replacement['source']['fieldPath']}"] == target["fieldPaths"]
        copied.append(
            re.fullmatch(r"childResources\.\[resource=(\w+)]", replacement["source"]["fieldPath"])[
                1
            ]
        )
    assert copied == [plural for _, plural, _ in managed_by(component)]


def test_the_overlay_all_has_every_component_that_manages_kinds():
    assert load("overlays/all/kustomization.yaml")["components"] == [
        f"../../components/{name}" for name in sorted([*MANAGING, *READING])
    ]


def test_a_kind_is_managed_in_one_version_and_never_by_a_rolling_strategy():
    assert len({kind.plural for kind in kinds.MANAGED}) == len(kinds.MANAGED)
    assert {kind.strategy for kind in kinds.MANAGED} == {"InPlace", "OnDelete"}


def test_what_is_immutable_or_holds_something_precious_is_never_rewritten():
    assert {kind.kind for kind in kinds.MANAGED if kind.strategy == "OnDelete"} == {
        "PersistentVolumeClaim",
        "ResourceClaimTemplate",
        "ComputeDomain",
    }


def test_the_readme_names_the_kinds_of_each_component():
    rows = re.findall(
        r"^\| `(\w+)` \| ([\w, ]+) \|", (INSTALLATION / "README.md").read_text(), re.MULTILINE
    )
    assert sorted(name for name, _ in rows) == MANAGING
    made = {kind for resource in INSTALLED for kind in resource.context.CHILDREN}
    for name, listing in rows:
        assert set(listing.split(", ")) == {kind.kind for kind in made if name in kind.components}


def test_the_readme_has_a_row_for_every_component():
    rows = re.findall(r"^\| `([\w-]+)` \|", (INSTALLATION / "README.md").read_text(), re.MULTILINE)
    assert {path.name for path in (INSTALLATION / "components").iterdir()} <= {*rows}


def test_the_installation_names_settings_that_exist():
    texts = [path.read_text() for path in INSTALLATION.rglob("*") if path.is_file()]
    named = set(re.findall(r"NIM_HOOKS_\w+", "\n".join(texts)))
    assert named <= {described.variable for described in settings.describe(Settings)}
