"""The installation as it is applied: every build, the pods' security, and that its parts find each
other."""

import argparse
import itertools
import re
from pathlib import Path

import kubernetes_validate
import pytest

from hooks import __version__
from hooks.cli import images, serve
from hooks.nimservice import kinds
from hooks.resources import Settings
from tests.metacontroller.installed import INSTALLED
from tests.web.client import Client
from tools import release

INSTALLATION = Path(__file__).parents[2] / "metacontroller"
COMPONENTS = sorted(path.name for path in (INSTALLATION / "components").iterdir())
SHARING = [
    pair
    for pair in itertools.combinations(COMPONENTS, 2)
    if any({*pair} <= {*kind.components} for kind in kinds.MANAGED)
]  # other pairs differ in nothing from each alone
SUBSETS = (
    [(name,) for name in COMPONENTS]
    + SHARING
    + [pair[::-1] for pair in SHARING]
    + [tuple(reversed(COMPONENTS))]
)


def managed_by(components):
    return {kind.plural for kind in kinds.MANAGED if {"base", *components} & {*kind.components}}


def container(build):
    (found,) = build.one("Deployment")["spec"]["template"]["spec"]["containers"]
    return found


def webhooks(build, name="nimservice"):
    hooks = build.controllers()[name]["spec"]["hooks"]
    return {hook: each["webhook"] for hook, each in hooks.items()}


@pytest.mark.parametrize("components", SUBSETS, ids="+".join)
def test_any_components_in_any_order_list_each_kind_once(overlay, components):
    lines = [
        "resources: [../metacontroller/base]",
        "components:",
        *(f"- ../metacontroller/components/{name}" for name in components),
    ]
    build = overlay("\n".join(lines))
    listed = build.child_resources()
    assert len(listed) == len({*listed})
    assert {*listed} == managed_by(components)
    assert "ManagedKinds" not in build.kinds()


@pytest.mark.parametrize("resource", INSTALLED, ids=lambda resource: resource.path)
def test_all_lists_every_kind_once_with_its_version_and_strategy(resource, everything):
    rules = everything.controllers()[resource.path]["spec"]["childResources"]
    made = resource.context.CHILDREN
    assert sorted(
        (rule["apiVersion"], rule["resource"], rule["updateStrategy"]["method"]) for rule in rules
    ) == sorted((kind.api_version, kind.plural, kind.strategy) for kind in made)


def test_there_is_a_controller_for_each_resource_and_the_base_has_those_of_its_own(
    base, everything
):
    assert {*everything.controllers()} == {each.path for each in INSTALLED}
    of_base = {each.path for each in INSTALLED if "base" in each.kind.components}
    assert {*base.controllers()} == of_base


def test_every_kubernetes_object_has_the_schema_of_the_oldest_release_that_is_meant(everything):
    foreign = {"CompositeController", "ServiceMonitor"}
    for item in everything:
        if item["kind"] not in foreign:
            kubernetes_validate.validate(item, "1.30", strict=True)


def test_the_release_stands_in_every_address_and_in_the_image(base, everything):
    for resource in INSTALLED:
        for name, webhook in webhooks(everything, resource.path).items():
            assert webhook["path"] == f"/{resource.path}/{name}?release={__version__}"
    assert container(base)["image"] == f"nimservice-hooks:{__version__}"


@pytest.mark.parametrize("resource", INSTALLED, ids=lambda resource: resource.path)
def test_every_hook_speaks_version_2_and_refuses_unknown_keys(resource, everything):
    controller = everything.controllers()[resource.path]["spec"]
    assert set(controller["hooks"]) == set(resource.hooks)
    for hook in controller["hooks"].values():
        assert hook["version"] == "v2"
        assert (hook["webhook"]["responseUnMarshallMode"], hook["webhook"]["timeout"]) == (
            "strict",
            "10s",
        )
    assert controller["generateSelector"] is True
    assert controller["parentResource"]["ignoreStatusChanges"] is True


def test_the_addresses_lead_through_the_service_to_the_port_the_server_listens_to(base, everything):
    service, hooks = base.one("Service"), container(base)
    for webhook in [
        each for name in INSTALLED for each in webhooks(everything, name.path).values()
    ]:
        assert webhook["service"] == {
            "name": service["metadata"]["name"],
            "namespace": service["metadata"]["namespace"],
        }
    (port,) = service["spec"]["ports"]
    assert port["port"] == 80  # Metacontroller's default
    (listening,) = [
        entry["containerPort"] for entry in hooks["ports"] if entry["name"] == port["targetPort"]
    ]
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    assert hooks["args"][0] == "serve"
    assert parser.parse_args(hooks["args"][1:]).bind == ("", listening)


def test_everything_selects_the_pods_of_the_server(base):
    labels = base.one("Deployment")["spec"]["template"]["metadata"]["labels"].items()
    selectors = [
        base.one("Deployment")["spec"]["selector"]["matchLabels"],
        base.one("Service")["spec"]["selector"],
        base.one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        base.one("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
    ]
    assert all(selector.items() <= labels for selector in selectors)


def test_the_probes_ask_for_what_the_server_answers(base):
    client = Client(Settings())
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert client.get(container(base)[probe]["httpGet"]["path"]).status == 200


def test_the_pods_pass_the_restricted_pod_security_standard(everything, base):
    assert (
        base.one("Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        == "restricted"
    )
    for build in (base, everything):
        pod = build.one("Deployment")["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container(build)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert all(
            set(volume) <= {"name", "emptyDir", "configMap", "secret", "projected"}
            for volume in pod["volumes"]
        )
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)


def test_the_user_is_a_number_but_on_openshift_which_picks_its_own(base, everything):
    assert (
        base.one("Deployment")["spec"]["template"]["spec"]["securityContext"]["runAsUser"] == 65532
    )
    assert (
        "runAsUser"
        not in everything.one("Deployment")["spec"]["template"]["spec"]["securityContext"]
    )


def test_the_server_has_neither_a_token_nor_rights(base, everything):
    assert base.one("ServiceAccount")["automountServiceAccountToken"] is False
    assert (
        base.one("Deployment")["spec"]["template"]["spec"]["automountServiceAccountToken"] is False
    )
    for build in (base, everything):
        assert not {"RoleBinding", "ClusterRoleBinding"} & set(build.kinds())


def test_the_server_reaches_pods_and_name_servers_and_nothing_else(base):
    policy = base.one("NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    pods, names = policy["egress"]
    assert pods == {"to": [{"namespaceSelector": {}}]}
    assert {(each["protocol"], each["port"]) for each in names["ports"]} == {
        ("UDP", 53),
        ("TCP", 53),
    }


def test_the_default_overlay_has_ingresses_beside_the_base(overlay):
    build = overlay("resources: [../metacontroller/overlays/default]")
    assert {*build.child_resources()} == managed_by(release.DEFAULT)


def test_one_pod_may_go_at_a_time(base):
    assert base.one("Deployment")["spec"]["replicas"] == 2
    assert base.one("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_the_grace_period_has_room_for_the_pause_and_for_requests_in_flight(base):
    pod = base.one("Deployment")["spec"]["template"]["spec"]
    assert (
        pod["terminationGracePeriodSeconds"]
        > container(base)["lifecycle"]["preStop"]["sleep"]["seconds"] + 20
    )


def test_the_settings_are_read_by_the_server(base, everything):
    for build, everywhere in ((base, False), (everything, True)):
        settings = build.one("ConfigMap")
        assert container(build)["envFrom"] == [
            {"configMapRef": {"name": settings["metadata"]["name"]}}
        ]
        assert Settings.from_environment(settings.get("data", {})) == Settings(
            openshift=everywhere, gpu_discovery=everywhere
        )


def overlays_of_the_readme():
    blocks = re.findall(
        r"^( *)```yaml\n(.*?)```",
        (INSTALLATION / "README.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    return [
        "\n".join(line.removeprefix(indent) for line in block.splitlines())
        for indent, block in blocks
    ]


@pytest.mark.parametrize("components", [[], ["gateway", "prometheus"]], ids="+".join)
def test_the_readme_shows_an_overlay_with_image_components_and_settings(overlay, components):
    shown = overlays_of_the_readme()[0]
    build = overlay(shown.replace("# - ..", "- ..") if components else shown)
    assert container(build)["image"] == f"registry.example.com/nimservice-hooks:{__version__}"
    assert {*build.child_resources()} == managed_by(["ingress", *components])
    assert "StatefulSet" in build.kinds(), "Metacontroller is part of it"
    assert Settings.from_environment(build.one("ConfigMap")["data"]) == Settings(resync_seconds=60)


def test_the_readme_shows_how_to_pull_both_images_from_a_mirror(overlay):
    (mirror,) = [
        block
        for block in overlays_of_the_readme()
        if "newName: registry.example.com/metacontroller" in block
    ]
    build = overlay("resources: [../metacontroller/overlays/complete]\n" + mirror)
    found = images.named(build)
    assert [image.rpartition(":")[0] for image in found] == [
        "registry.example.com/metacontroller",
        "registry.example.com/nimservice-hooks",
    ]


def test_the_readme_shows_how_to_move_to_another_namespace(overlay):
    (moved,) = [block for block in overlays_of_the_readme() if "namespace: nim-system" in block]
    added = "- ../metacontroller/base\ncomponents:\n"
    added += "".join(
        f"- ../metacontroller/components/nim{each}\n" for each in ("cache", "pipeline")
    )
    build = overlay(moved.replace("- ../metacontroller/base\n", added))
    for name in build.controllers():
        for webhook in webhooks(build, name).values():
            assert webhook["service"]["namespace"] == "nim-system"
    assert build.one("Namespace")["metadata"]["name"] == "nim-system"
    assert "nimservice-hooks" not in {item["metadata"].get("namespace") for item in build}


def test_with_opt_in_each_controller_selects_by_the_label_that_pipelines_hand_on(overlay):
    parts = ("nimcache", "nimpipeline", "opt-in")
    lines = ["resources: [../metacontroller/base]", "components:"]
    lines += [f"- ../metacontroller/components/{name}" for name in parts]
    controllers = overlay("\n".join(lines)).controllers()
    assert len(controllers) == 3
    for each in controllers.values():
        selector = each["spec"]["parentResource"]["labelSelector"]
        assert selector == {"matchLabels": {"nimservice-hooks/managed": "true"}}


def test_the_remote_base_of_the_documentation_builds(overlay):
    page = (INSTALLATION.parent / "docs" / "gitops.md").read_text()
    block = page.partition("```yaml\n")[2].partition("```")[0]
    remote, local = r"https://\S+//(metacontroller/\S+)\?ref=v[0-9.]+", r"../\1"
    text, count = re.subn(remote, local, block)
    assert count == 3
    build = overlay(text)
    assert container(build)["image"].startswith("registry.example.com/nimservice-hooks:")
    assert {"httproutes", "grpcroutes"} <= {*build.child_resources()}
