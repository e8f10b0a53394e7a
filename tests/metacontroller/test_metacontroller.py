"""Metacontroller as the component of that name runs it: tuned, bounded, and with one
ClusterRole."""

import re
from pathlib import Path

import kubernetes_validate
import pytest

README = (Path(__file__).parents[2] / "metacontroller" / "README.md").read_text()


@pytest.fixture(scope="module")
def build(overlay):
    return overlay(
        "resources: [../metacontroller/base]\ncomponents: [../metacontroller/components/metacontroller]"
    )


@pytest.fixture(scope="module")
def pod(build):
    return build.one("StatefulSet")["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def flags(pod):
    return dict(
        argument.removeprefix("--").split("=", 1) for argument in pod["containers"][0]["args"]
    )


def test_every_object_has_the_schema_of_the_oldest_release_that_is_meant(build):
    for item in build:
        if item["kind"] != "CompositeController":
            kubernetes_validate.validate(item, "1.30", strict=True)


def test_its_account_is_bound_to_the_one_role_that_adds_up_the_others(build, pod):
    account = next(
        item["metadata"]
        for item in build
        if item["kind"] == "ServiceAccount" and "metacontroller" in item["metadata"]["name"]
    )
    binding = build.one("ClusterRoleBinding")
    assert pod["serviceAccountName"] == account["name"]
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": account["name"], "namespace": account["namespace"]}
    ]
    role = build.one("ClusterRole")
    assert binding["roleRef"]["name"] == role["metadata"]["name"]


def test_it_serves_our_controllers_and_no_other(everything, flags):
    label, value = flags["target-label-selector"].split("=")
    for controller in everything.controllers().values():
        assert controller["metadata"]["labels"][label] == value


def test_its_flags_are_those_of_the_readme(flags):
    table = dict(re.findall(r"^\| `--([a-z-]+)` \| (\d+) \|", README, re.MULTILINE))
    assert table == {"client-go-qps": "500", "client-go-burst": "1000", "workers": "20"}
    assert flags.items() >= table.items()
    assert flags["apply-strategy"] == "dynamic-apply"


def test_the_hooks_admit_the_namespace_it_runs_in(build):
    namespace = build.one("StatefulSet")["metadata"]["namespace"]
    (source,) = build.one("NetworkPolicy")["spec"]["ingress"][0]["from"]
    assert namespace in source["namespaceSelector"]["matchExpressions"][0]["values"]


def test_its_pod_passes_the_restricted_standard_and_its_memory_is_bounded(pod):
    (container,) = pod["containers"]
    assert container["image"] == "ghcr.io/metacontroller/metacontroller:v4.17.2"
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["seccompProfile"]) == (
        True,
        {"type": "RuntimeDefault"},
    )
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["limits"].keys() == {"memory"}


def test_openshift_picks_its_user(overlay):
    build = overlay(
        "resources: [../metacontroller/base]\n"
        "components: [../metacontroller/components/metacontroller, ../metacontroller/components/openshift]"
    )
    assert (
        "runAsUser" not in build.one("StatefulSet")["spec"]["template"]["spec"]["securityContext"]
    )


def test_it_can_be_installed_from_an_overlay_of_its_own(overlay, build):
    alone = overlay("components: [../metacontroller/components/metacontroller]")
    assert alone.one("StatefulSet") == build.one("StatefulSet")
    assert {"ServiceAccount", "ClusterRoleBinding", "Namespace"} <= {*alone.kinds()}


def test_two_lines_pin_the_image_by_its_digest(overlay):
    digest = f"sha256:{'0' * 64}"
    shown = re.search(r"^ +(- name: ghcr.io/\S+)\n +(digest: )sha256:…$", README, re.MULTILINE)
    build = overlay(
        "resources: [../metacontroller/base]\n"
        "components: [../metacontroller/components/metacontroller]\n"
        f"images:\n{shown[1]}\n  {shown[2]}{digest}\n"
    )
    (container,) = build.one("StatefulSet")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"ghcr.io/metacontroller/metacontroller@{digest}"
