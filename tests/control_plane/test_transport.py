"""Transport: the overlay ``hardened``, without and with a token, with the real Metacontroller: its
flags, its role alone, our CA.

Only the real program has a TLS client worth trying; without it this is skipped.
"""

import base64
import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

from hooks.kernel.crd import shipped
from hooks.nimservice import kinds
from tests.certificates import CA, Mounted
from tests.control_plane import cluster as clusters
from tests.control_plane import programs, situations
from tests.control_plane.account import Account
from tests.control_plane.conftest import METACONTROLLER, THIRD_PARTY
from tests.control_plane.programs import HOST, Program
from tests.metacontroller.rights import Right

INSTALLATION = Path(__file__).parents[2] / "metacontroller"

pytestmark = pytest.mark.skipif(
    not (METACONTROLLER and (THIRD_PARTY / "metacontroller.yaml").exists()),
    reason="needs METACONTROLLER and its CustomResourceDefinitions",
)


@pytest.fixture(scope="module", params=[False, True], ids=["hardened", "and a token"])
def token(request):
    """Return whether callers show a token."""
    return request.param


@pytest.fixture(scope="module")
def world(tmp_path_factory, token):  # noqa: ARG001 - each has a cluster of its own
    """Return a cluster of its own: another Metacontroller must not see this CompositeController."""
    plane = programs.ControlPlane(tmp_path_factory.mktemp("hardened") / "home", programs.folder())
    try:
        plane.start()
        with clusters.Cluster(plane) as cluster:
            theirs = [
                clusters.slim(crd, "metacontroller.k8s.io/v1alpha1")
                for crd in clusters.manifests(THIRD_PARTY / "metacontroller.yaml")
            ]
            cluster.install(
                *(yaml.load(text, Loader=yaml.CSafeLoader) for text in shipped.texts().values()),
                *theirs,
            )
            yield cluster
    finally:
        plane.stop()


@pytest.fixture(scope="module")
def account(world, token, tmp_path_factory):
    folder = tmp_path_factory.mktemp("overlay")
    parts = os.path.relpath(INSTALLATION, folder.resolve())
    lines = [f"resources: [{parts}/overlays/hardened]"]
    if token:
        lines += [f"components: [{parts}/components/auth]"]
    (folder / "kustomization.yaml").write_text("\n".join(lines))
    return Account(world, world.plane, folder)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """Return the Secrets as they are mounted, and the CA."""
    folder, ca = tmp_path_factory.mktemp("secrets"), CA()
    crt, key = ca.issue()
    return (
        ca,
        Mounted(folder / "tls", crt=crt, key=key),
        Mounted(folder / "token", accepted=b"the-token\n"),
    )


@pytest.fixture(scope="module")
def hooks(world, secrets, token):
    _, tls, accepted = secrets
    shown = {"NIM_HOOKS_TOKEN_FILE": accepted["accepted"]} if token else {}
    server = Program(
        world.plane.logs / "hooks.log",
        *(Path(sys.executable).with_name("nimservice"), "serve", f"--bind={HOST}:0"),
        environ={
            "NIM_HOOKS_MODEL_LOOKUP": "false",
            "NIM_HOOKS_TLS_CERT_FILE": tls["crt"],
            "NIM_HOOKS_TLS_KEY_FILE": tls["key"],
            **shown,
        },
    )
    try:
        world.until(lambda: '"address":' in server.log.read_text(), "the hook server listens")
        yield server
    finally:
        server.stop(patience=5)


@pytest.fixture(scope="module")
def metacontroller(world, account, hooks, secrets, token):
    (address,) = re.findall(r'"address":"(https://[^"]+)"', hooks.log.read_text())
    for obj in account.installed:
        if obj["kind"] == "CompositeController":
            for hook in obj["spec"]["hooks"].values():
                hook["webhook"]["url"] = address + hook["webhook"].pop("path")
                hook["webhook"].pop("service")
                hook["webhook"]["caBundle"]["inline"] = secrets[0].pem.decode()
            controller = obj
        if obj["kind"] == "StatefulSet":
            flags = [
                flag
                for flag in obj["spec"]["template"]["spec"]["containers"][0]["args"]
                if "address" not in flag
            ]
    if token:
        meta = {"name": "nimservice-hooks-token", "namespace": "nimservice-hooks"}
        data = {"token": base64.b64encode(b"the-token\n").decode()}
        world.put({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": data})
    world.put(controller)
    program = Program(
        world.plane.logs / "metacontroller.log",
        *(METACONTROLLER, f"--kubeconfig={account.kubeconfig}", *flags),
        *(f"--metrics-address={HOST}:0", f"--health-probe-bind-address={HOST}:0"),
    )
    try:
        yield program
    finally:
        program.stop(patience=5)


def test_only_for_a_token_metacontroller_may_read_secrets(account, token):
    assert (Right("", "secrets", "list") in account.rights) == token


def statuses(hooks):
    """Return the HTTP statuses of all calls that the hooks have logged."""
    lines = [
        json.loads(line)
        for line in hooks.log.read_text().splitlines()
        if '"message":"request"' in line
    ]
    return {line["status"] for line in lines}


def test_a_nimservice_gets_its_children_over_https_with_least_rights(
    world, account, hooks, metacontroller, secrets
):
    names = [f"llama-{number}" for number in range(10)]
    for name in names[:5]:
        world.put(situations.nimservice("default", name))
    world.until(
        lambda: all(world.find(kinds.DEPLOYMENT, "default", name) for name in names[:5]),
        "five Deployments",
        seconds=60,
    )

    ca, tls, _ = secrets
    crt, key = ca.issue()
    tls.change(crt=crt, key=key)
    for name in names[5:]:
        world.put(situations.nimservice("default", name))
    world.until(
        lambda: all(world.find(kinds.DEPLOYMENT, "default", name) for name in names[5:]),
        "five more",
        seconds=60,
    )

    assert statuses(hooks) == {200}
    assert metacontroller.running()
    assert {right for right, allowed in account.asked() if not allowed} == set()


def test_somebody_else_gets_no_answer(hooks, secrets, metacontroller, token):  # noqa: ARG001 - after it, or its calls could be meant
    if not token:
        pytest.skip("there the NetworkPolicy says who calls")
    (address,) = re.findall(r'"address":"(https://[^"]+)"', hooks.log.read_text())
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(
            f"{address}/nimservice/sync", data=b"{}", timeout=5, context=secrets[0].trusted()
        )
