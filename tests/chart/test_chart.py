"""The chart against its source: Helm and kustomize give the same objects."""

import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from hooks import __version__
from hooks.nimservice import kinds
from tests.tools.program import program
from tools import chart, release

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "nimservice-hooks"
ORDINARY = [name for name in chart.components() if name not in chart.LAST]
CHANGING = [
    names
    for count in range(len(chart.LAST) + 1)
    for names in itertools.combinations(chart.LAST, count)
]
SHARING = [
    pair
    for pair in itertools.combinations(ORDINARY, 2)
    if any({*pair} <= {*kind.components} for kind in kinds.MANAGED)
]
CHOICES = [
    *((name,) for name in ORDINARY),
    *CHANGING,
    *((*ORDINARY, *names) for names in CHANGING),
    *(("nimcache", *names) for names in CHANGING),
    *SHARING,
]


@pytest.fixture(scope="session")
def helm():
    """Return a function that runs Helm."""
    found = program("helm")

    def run(*arguments):
        return subprocess.run([found, *arguments], capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="session")
def template(helm):
    """Return a function that renders the chart with arguments, as a list of objects."""

    def run(*arguments, namespace="nimservice-hooks"):
        options = ["--namespace", namespace, "--kube-version", "1.36.0", *arguments]
        done = helm("template", "hooks", CHART, *options)
        assert done.returncode == 0, done.stderr
        return [each for each in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if each]

    return run


def switches(components):
    """Return the arguments that switch components on and all others off."""
    chosen = [
        f"components.{chart.value_of(name)}={str(name in components).lower()}"
        for name in chart.components()
    ]
    return ["--set", ",".join(["crds.install=false", *chosen])]


def keyed(manifests):
    """Return objects by kind and name, without what only Helm or only kustomize has.

    Kustomize puts a hash into the name of the settings, the chart one beside the pods. The order
    of a controller's child resources has no meaning.
    """
    found = {}
    for each in manifests:
        if each["kind"] == "Deployment":
            annotations = each["spec"]["template"]["metadata"].pop("annotations", {})
            assert {*annotations} <= {"checksum/settings"}
        if each["kind"] == "CompositeController":
            each["spec"]["childResources"].sort(key=lambda rule: rule["resource"])
        found[each["kind"], each["metadata"]["name"]] = each
    found.pop(("Namespace", "nimservice-hooks"), None)
    return found


def kustomized(components):
    text = re.sub(r"(nimservice-hooks-settings)-\w+", r"\1", chart.kustomize(components))
    return keyed(yaml.load_all(text, Loader=yaml.CSafeLoader))


@pytest.mark.parametrize("components", CHOICES, ids=lambda names: "+".join(names) or "base")
def test_helm_and_kustomize_give_the_same_objects(template, components):
    assert keyed(template(*switches(components))) == kustomized(components)


def test_the_values_name_every_component_and_switch_on_those_of_the_default_overlay():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    overlay = ROOT / "metacontroller" / "overlays" / "default" / "kustomization.yaml"
    default = {Path(path).name for path in yaml.safe_load(overlay.read_text())["components"]}
    assert values["components"] == {
        chart.value_of(name): name in default for name in chart.components()
    }


def test_the_crds_are_the_projects_and_helm_keeps_them(template):
    made = {
        each["metadata"]["name"]: each
        for each in template()
        if each["kind"] == "CustomResourceDefinition"
    }
    files = [yaml.safe_load(file.read_text()) for file in (ROOT / "crds").glob("*.yaml")]
    assert {*made} == {each["metadata"]["name"] for each in files}
    for each in files:
        found = made[each["metadata"]["name"]]
        kept = found["metadata"]["annotations"].pop("helm.sh/resource-policy")
        assert kept == "keep"
        each["metadata"].setdefault("annotations", {})
        assert found == each


def test_settings_of_the_values_win_and_change_the_pods(template):
    def settings(*arguments):
        made = keyed(template(*switches(["auth"]), *arguments))
        return made["ConfigMap", "nimservice-hooks-settings"]["data"]

    assert settings() == {"NIM_HOOKS_TOKEN_FILE": "/etc/nimservice-hooks/token/accepted"}
    numbers = ["--set", "settings.NIM_HOOKS_MAX_BODY_BYTES=4194304"]
    flags = ["--set", "settings.NIM_HOOKS_OPENSHIFT=true"]
    others = ["--set", "settings.NIM_HOOKS_TOKEN_FILE=/elsewhere"]
    assert settings(*numbers, *flags, *others) == {
        "NIM_HOOKS_MAX_BODY_BYTES": "4194304",
        "NIM_HOOKS_OPENSHIFT": "true",
        "NIM_HOOKS_TOKEN_FILE": "/elsewhere",
    }

    def annotations(*arguments):
        (pods,) = [
            each["spec"]["template"]["metadata"]["annotations"]
            for each in template(*switches([]), *arguments)
            if each["kind"] == "Deployment"
        ]
        return pods

    assert annotations() == annotations()
    assert annotations() != annotations(*numbers)


def test_a_large_number_of_a_values_file_stays_a_number(template, tmp_path):
    file = tmp_path / "values.yaml"
    file.write_text("settings: {NIM_HOOKS_MAX_BODY_BYTES: 4194304}")
    made = keyed(template("--values", str(file)))
    settings = made["ConfigMap", "nimservice-hooks-settings"]
    assert settings["data"] == {"NIM_HOOKS_MAX_BODY_BYTES": "4194304"}


@pytest.mark.parametrize(
    ("value", "image"),
    [
        (
            "image.repository=registry.example.com/hooks",
            f"registry.example.com/hooks:{__version__}",
        ),
        ("image.tag=edge", "nimservice-hooks:edge"),
        (f"image.digest=sha256:{'0' * 64}", f"nimservice-hooks@sha256:{'0' * 64}"),
    ],
)
def test_the_image_is_a_value(template, value, image):
    made = keyed(template(*switches([]), "--set", value))
    (container,) = made["Deployment", "nimservice-hooks"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == image


def test_the_ca_is_a_value(template):
    text = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"
    for values in ([], ["--set", f"tls.ca={text}"]):
        made = template(*switches(["tls", "nimcache", "nimpipeline"]), *values)
        found = {
            hook["webhook"]["caBundle"]["inline"]
            for each in made
            if each["kind"] == "CompositeController"
            for hook in each["spec"]["hooks"].values()
        }
        assert found == {text if values else "the CA goes here"}


def test_pull_secrets_replicas_and_resources_are_values(template):
    values = "imagePullSecrets[0].name=registry,replicas=3,resources.limits.memory=1Gi"
    made = keyed(template(*switches([]), "--set", values))
    spec = made["Deployment", "nimservice-hooks"]["spec"]
    pod = spec["template"]["spec"]
    assert spec["replicas"] == 3
    assert pod["imagePullSecrets"] == [{"name": "registry"}]
    assert pod["containers"][0]["resources"]["limits"] == {"memory": "1Gi"}


def test_another_namespace_reaches_every_place(template):
    # Metacontroller keeps a namespace of its own, where monitoring looks for it.
    components = {*chart.components()} - {"metacontroller", "monitoring"}
    made = template(*switches(components), "--set", "namespace.create=true", namespace="nims")
    for each in made:
        metadata = each["metadata"]
        assert metadata.get("namespace", "nims") == "nims"
        if each["kind"] == "CompositeController":
            for hook in each["spec"]["hooks"].values():
                webhook = hook["webhook"]
                assert webhook["service"]["namespace"] == "nims"
                assert webhook["authorization"]["secretRef"]["namespace"] == "nims"
    names = {(each["kind"], each["metadata"]["name"]): each for each in made}
    assert ("Namespace", "nims") in names
    certificate = names["Certificate", "nimservice-hooks"]
    assert certificate["spec"]["dnsNames"] == ["nimservice-hooks.nims", "nimservice-hooks.nims.svc"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("components.dar=true", "dar"),
        ("components.dra=yes", "dra"),
        ("settings.NIM_HOOKS_RESYNC=1", "NIM_HOOKS_RESYNC"),
        ("image.digest=sha256:1", "digest"),
        ("replicas=0", "replicas"),
        ("replica=2", "replica"),
    ],
)
def test_wrong_values_are_refused_with_their_names(helm, value, said):
    done = helm("template", "hooks", CHART, "--kube-version", "1.36.0", "--set", value)
    assert done.returncode != 0
    assert said in done.stderr


def test_an_older_kubernetes_is_refused(helm):
    done = helm("template", "hooks", CHART, "--kube-version", "1.29.0")
    assert done.returncode != 0
    assert "1.30" in done.stderr


def test_lint_has_nothing_to_say(helm):
    done = helm("lint", CHART, "--strict", "--kube-version", "1.36.0")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_of_a_release_gives_the_same(helm, tmp_path):
    package = tmp_path / "nimservice-hooks.tgz"
    release.archive(CHART, package, {})
    of_package, of_folder = (
        helm("template", "hooks", source, "--kube-version", "1.36.0").stdout
        for source in (package, CHART)
    )
    assert of_package == of_folder
    assert "kind: CustomResourceDefinition" in of_package


def test_a_chart_without_the_definitions_says_so(helm, tmp_path):
    """Whoever copies the chart alone, or follows no links, would install it without them."""
    copy = tmp_path / "chart"
    shutil.copytree(CHART, copy, ignore=shutil.ignore_patterns("files"))
    done = helm("template", "hooks", copy, "--kube-version", "1.36.0")
    assert done.returncode != 0
    assert "crds.install=false" in done.stderr
    without = helm(
        "template", "hooks", copy, "--set", "crds.install=false", "--kube-version", "1.36.0"
    )
    assert without.returncode == 0


def test_the_values_of_the_page_about_gitops_are_taken(template, tmp_path):
    page = (ROOT / "docs" / "gitops.md").read_text()
    objects = [
        each
        for block in re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        for each in yaml.safe_load_all(block)
    ]
    (flux,) = (each["spec"]["values"] for each in objects if each["kind"] == "HelmRelease")
    (argo,) = (
        each["spec"]["source"]["helm"]["valuesObject"]
        for each in objects
        if each["kind"] == "Application" and "helm" in each["spec"]["source"]
    )
    assert argo == flux
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(argo))
    made = {each["kind"] for each in template("--values", str(file))}
    assert "StatefulSet" in made
    assert "CustomResourceDefinition" not in made
