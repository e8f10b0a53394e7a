"""Security: who the containers run as and what they may do."""

import re
import subprocess

import pytest

from hooks.kernel.manifest import without_none
from hooks.nimservice import children
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.template import security
from hooks.resources import Settings
from tests.nimservice.children.template.podspec import helper, spec
from tests.situations import nimservice as situation

OPENSHIFT = Settings(openshift=True)
CERTIFICATES = {"proxy": {"certConfigMap": "ca"}}


def nim(**spec):
    return NIMService.parse(situation.nimservice(**spec))


def container(settings=None, **spec):
    return without_none(security.container(situation.context(settings=settings, **spec)))


@pytest.mark.parametrize(
    ("spec", "user", "group"),
    [
        ({}, 1000, 2000),
        ({"userID": 0, "groupID": 0}, 0, 0),
        ({"userID": 5000}, 5000, 2000),
        ({"groupID": 3000}, 1000, 3000),
    ],
)
def test_the_user_and_the_group_that_owns_the_volumes(spec, user, group):
    assert security.pod(nim(**spec)) == {"runAsUser": user, "runAsGroup": group, "fsGroup": group}


def test_a_container_may_do_nothing_that_the_restricted_standard_forbids():
    """Q37: the reference's containers have no security context, and the standard refuses them."""
    assert container() == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsNonRoot": True,
    }


def test_root_meets_baseline_and_can_do_what_root_is_asked_for():
    """Without its capabilities root cannot even run ``chown``; beside ``runAsNonRoot`` its pod
    never starts."""
    assert container(userID=0) == {"seccompProfile": {"type": "RuntimeDefault"}}


def test_on_openshift_the_constraints_choose_the_seccomp_profile():
    assert "seccompProfile" not in container(OPENSHIFT)


@pytest.mark.parametrize("proxy", [None, {}, {"httpProxy": "http://p"}, {"certConfigMap": ""}])
def test_certificates_are_installed_only_where_there_are_any(proxy):
    assert not list(security.certificate_containers(situation.context(proxy=proxy)))


def test_certificates_are_installed_by_root_with_the_image_of_the_model_server():
    (made,) = security.certificate_containers(situation.context(**CERTIFICATES))
    assert made["name"] == "update-ca-certificates"
    assert made["image"] == "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.12.0"
    assert made["securityContext"]["runAsUser"] == 0
    assert made["securityContext"]["runAsNonRoot"] is False


def test_the_script_installs_both_kinds_of_certificates(tmp_path):
    """Run for real, with every path below a folder of its own and a stand-in for
    ``update-ca-certificates``."""
    (made,) = security.certificate_containers(situation.context(**CERTIFICATES))
    for folder in ("custom", "usr/local/share/ca-certificates", "etc/ssl/certs", "ca-certs", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "custom/one.crt").write_text("1")
    (tmp_path / "custom/two words.pem").write_text("2")
    (tmp_path / "custom/README").write_text("3")
    update = tmp_path / "bin/update-ca-certificates"
    update.write_text(
        f"#!/bin/sh\ncat '{tmp_path}'/usr/local/share/ca-certificates/* > '{tmp_path}/etc/ssl/certs/bundle.crt'\n"
    )
    update.chmod(0o755)
    script = re.sub(r"(?<![\w*}])/(?=custom|usr|etc|ca-certs)", f"{tmp_path}/", made["command"][2])
    subprocess.run(
        ["/bin/sh", "-c", script], check=True, env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    )
    installed = {each.name for each in (tmp_path / "usr/local/share/ca-certificates").iterdir()}
    assert installed == {"one.crt", "two words-pem.crt"}
    assert (tmp_path / "ca-certs/certs/bundle.crt").read_text() == "12"


@pytest.mark.parametrize(
    ("spec", "scc"),
    [
        ({}, "nonroot"),
        ({"proxy": {"httpProxy": "http://p"}}, "nonroot"),
        (CERTIFICATES, "anyuid"),
        ({"userID": 0}, "anyuid"),
        ({"storage": {"hostPath": "/models"}}, "hostmount-anyuid"),
        ({"storage": {"hostPath": "/models"}, **CERTIFICATES}, "hostmount-anyuid"),
    ],
)
def test_openshifts_constraints_are_the_narrowest_that_admit_the_pods(spec, scc):
    """Q26, I-36: a proxy without certificates needs no more than ``nonroot``."""
    assert security.annotations(situation.context(settings=OPENSHIFT, **spec)) == {
        "openshift.io/required-scc": scc
    }


def test_elsewhere_there_is_no_annotation():
    assert security.annotations(situation.context()) == {}


@pytest.mark.parametrize(
    ("spec", "reasons"),
    [
        ({}, []),
        ({"proxy": {"httpProxy": "http://p"}}, []),
        ({"userID": 0}, ["RootUser"]),
        (CERTIFICATES, ["CertificatesNeedRoot"]),
        ({"storage": {"hostPath": "/models"}}, ["HostPath"]),
        (
            {"storage": {"hostPath": "/models"}, "userID": 0, **CERTIFICATES},
            ["RootUser", "CertificatesNeedRoot", "HostPath"],
        ),
    ],
)
def test_what_the_restricted_standard_refuses_is_said(spec, reasons):
    made = children.plan(situation.context(**spec))
    found = [each for each in made.findings if each.condition == "PodSecurityRestricted"]
    assert [finding.reason for finding in found] == reasons


@pytest.mark.parametrize(
    "context",
    [
        {"runAsNonRoot": None},
        {"runAsUser": 0},
        {"allowPrivilegeEscalation": True},
        {"capabilities": {"drop": ["NET_RAW"]}},
    ],
)
def test_the_pod_is_judged_and_not_the_spec(context):
    restricted = without_none(security.container(situation.context()))
    pod = {"containers": [{"name": "a", "securityContext": restricted}]}
    assert not list(security.exceptions(pod))
    pod["containers"].append({"name": "b", "securityContext": {**restricted, **context}})
    (found,) = security.exceptions(pod)
    assert found.reason == ("RootUser" if context.get("runAsUser") == 0 else "SecurityContext")
    assert "ontainer b" in found.message


def contexts(**asked):
    made = spec(**asked)
    return made["securityContext"], *(each["securityContext"] for each in made["containers"])


def test_the_users_context_is_merged_over_that_of_the_hooks():
    pod, server, log = contexts(
        securityContext={"capabilities": {"add": ["IPC_LOCK"]}, "readOnlyRootFilesystem": True},
        podSecurityContext={"supplementalGroups": [44], "fsGroup": 44},
        sidecarContainers=[helper("log", securityContext={"runAsUser": 7})],
    )
    assert pod == {"runAsUser": 1000, "runAsGroup": 2000, "fsGroup": 44, "supplementalGroups": [44]}
    shared = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"], "add": ["IPC_LOCK"]},
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsNonRoot": True,
        "readOnlyRootFilesystem": True,
    }
    assert (server, log) == (shared, {**shared, "runAsUser": 7})


def test_one_init_container_may_be_root():
    made = spec(initContainers=[helper("own", securityContext={"runAsUser": 0})])
    (own,), (server,) = made["initContainers"], made["containers"]
    assert own["securityContext"] == {
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsUser": 0,
    }
    assert server["securityContext"]["runAsNonRoot"] is True


@pytest.mark.parametrize(
    "context", [{"privileged": True}, {"capabilities": {"add": ["CAP_SYS_ADMIN"]}}]
)
def test_what_the_api_server_refuses_beside_it_takes_its_place(context):
    _, server = contexts(securityContext=context)
    assert "allowPrivilegeEscalation" not in server
    _, server = contexts(securityContext={**context, "allowPrivilegeEscalation": True})
    assert server["allowPrivilegeEscalation"] is True


@pytest.mark.parametrize(
    ("asked", "reasons"),
    [
        ({"securityContext": {"capabilities": {"add": ["IPC_LOCK"]}}}, ["SecurityContext"]),
        ({"securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}}, []),
        ({"securityContext": {"privileged": True}}, ["SecurityContext"]),
        ({"securityContext": {"readOnlyRootFilesystem": True}}, []),
        ({"podSecurityContext": {"runAsUser": 0}}, ["RootUser"]),
        ({"securityContext": {"seccompProfile": {"type": "Unconfined"}}}, ["SecurityContext"]),
        ({"initContainers": [helper("own", securityContext={"runAsUser": 0})]}, ["RootUser"]),
    ],
)
def test_the_standard_restricted_says_what_a_context_costs(asked, reasons):
    found = situation.context(**asked).plan.findings
    assert [each.reason for each in found if each.condition == "PodSecurityRestricted"] == reasons


@pytest.mark.parametrize(
    "asked",
    [
        {"podSecurityContext": {"runAsUser": 0}},
        {"securityContext": {"runAsUser": 0}},
        {"sidecarContainers": [helper("log", securityContext={"runAsUser": 0})]},
    ],
)
def test_root_by_a_context_needs_anyuid_on_openshift(asked):
    ctx = situation.context(settings=Settings(openshift=True), **asked)
    assert ctx.store.finding.reason == "ConstraintsNotAllowed"
