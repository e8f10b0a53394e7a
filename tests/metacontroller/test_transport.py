"""The components tls and auth, and the overlay hardened: names, ports, keys and files find each
other."""

import os
from pathlib import PurePosixPath

import kubernetes_validate
import pytest

from hooks.resources import Settings
from tests.certificates import CA
from tests.metacontroller.conftest import INSTALLATION
from tests.metacontroller.rights import Right
from tests.metacontroller.test_kustomize import overlays_of_the_readme
from tests.metacontroller.test_rights import given, needed

SECRETS = {Right("", "secrets", verb) for verb in ("list", "watch")}


@pytest.fixture(scope="module")
def build(overlay):
    return overlay("resources: [../metacontroller/overlays/hardened]")


def composed(overlay, *parts):
    """Return the build of the base with components."""
    lines = [f"- ../metacontroller/components/{part}" for part in parts]
    return overlay("\n".join(["resources: [../metacontroller/base]", "components:", *lines]))


@pytest.fixture(scope="module")
def both(overlay):
    return composed(overlay, "tls", "auth")


@pytest.fixture(scope="module")
def with_pipelines(overlay):
    return composed(overlay, "nimcache", "nimpipeline", "tls", "auth")


def pod(build):
    return build.one("Deployment")["spec"]["template"]["spec"]


def settings(build):
    return Settings.from_environment(build.one("ConfigMap")["data"])


def webhooks(build):
    """Return the webhooks of every CompositeController."""
    return [
        hook["webhook"]
        for controller in build.controllers().values()
        for hook in controller["spec"]["hooks"].values()
    ]


def certificate(build, name):
    (found,) = [
        item["spec"]
        for item in build
        if item["kind"] == "Certificate" and item["metadata"]["name"] == name
    ]
    return found


def secret_behind(pod, path):
    """Return the Secret and key that a file of the server comes from."""
    (container,) = pod["containers"]
    (volume,) = [
        mount["name"]
        for mount in container["volumeMounts"]
        if mount["mountPath"] == str(PurePosixPath(path).parent)
    ]
    (secret,) = [each["secret"] for each in pod["volumes"] if each["name"] == volume]
    return secret["secretName"], PurePosixPath(path).name


def test_every_kubernetes_object_has_the_schema_of_the_oldest_release_that_is_meant(build):
    for item in build:
        if item["kind"] not in ("CompositeController", "Certificate", "Issuer"):
            kubernetes_validate.validate(item, "1.30", strict=True)


def test_the_server_reads_the_certificate_that_is_made_for_it(build):
    made = certificate(build, "nimservice-hooks")["secretName"]
    read = settings(build)
    assert secret_behind(pod(build), read.tls_cert_file) == (made, "tls.crt")
    assert secret_behind(pod(build), read.tls_key_file) == (made, "tls.key")


def test_the_certificate_has_the_name_that_metacontroller_calls(build):
    for webhook in webhooks(build):
        service = webhook["service"]
        assert (
            f"{service['name']}.{service['namespace']}"
            in certificate(build, "nimservice-hooks")["dnsNames"]
        )
        (port,) = build.one("Service")["spec"]["ports"]
        assert (service["protocol"], service["port"]) == ("https", port["port"])
        assert (
            port["targetPort"]
            == build.one("NetworkPolicy")["spec"]["ingress"][0]["ports"][0]["port"]
        )


def test_metacontroller_trusts_the_ca_that_signs_it_and_no_other(build):
    issuer = certificate(build, "nimservice-hooks")["issuerRef"]["name"]
    (signs,) = [
        item["spec"]["ca"]["secretName"]
        for item in build
        if item["kind"] == "Issuer" and item["metadata"]["name"] == issuer
    ]
    ca = certificate(build, "nimservice-hooks-ca")
    assert (ca["isCA"], ca["secretName"]) == (True, signs)


def test_the_readme_shows_how_to_write_the_ca_into_every_controller(kustomize, tmp_path):
    """Read from its Secret, it would cost Metacontroller the right to read all Secrets."""
    (shown,) = [block for block in overlays_of_the_readme() if "ca.crt" in block]
    pem = CA().pem.decode()
    (tmp_path / "ca.crt").write_text(pem)
    (tmp_path / "below").mkdir()
    folder = os.path.relpath(INSTALLATION, (tmp_path / "below").resolve())
    for parts in (["tls"], ["nimcache", "nimpipeline", "tls"]):
        below = [f"resources: [{folder}/base]", "components:"]
        below += [f"- {folder}/components/{part}" for part in parts]
        (tmp_path / "below" / "kustomization.yaml").write_text("\n".join(below))
        text = shown.replace("../metacontroller/overlays/hardened", "below")
        (tmp_path / "kustomization.yaml").write_text(text)
        build = kustomize(tmp_path)
        assert build.kinds().count("ConfigMap") == 1, "the CA is not applied itself"
        assert {hook["caBundle"]["inline"] for hook in webhooks(build)} == {pem}


def test_every_probe_speaks_https(build):
    (container,) = pod(build)["containers"]
    assert {
        container[name]["httpGet"]["scheme"]
        for name in ("startupProbe", "readinessProbe", "livenessProbe")
    } == {"HTTPS"}


def test_what_metacontroller_shows_and_what_the_server_accepts_are_two_keys_of_one_secret(both):
    name, key = secret_behind(pod(both), settings(both).token_file)
    for webhook in webhooks(both):
        shown = webhook["authorization"]
        assert (shown["type"], shown["secretRef"]["name"], shown["secretRef"]["key"], key) == (
            "Bearer",
            name,
            "token",
            "accepted",
        )


@pytest.mark.parametrize("components", [("tls",), ("auth",), ("tls", "auth")], ids="+".join)
def test_each_alone_works_and_only_a_token_lets_metacontroller_watch_secrets(overlay, components):
    alone = composed(overlay, *components)
    assert given(alone) == needed() | (SECRETS if "auth" in components else set())
    read = settings(alone)
    assert (bool(read.tls_cert_file), bool(read.token_file)) == (
        "tls" in components,
        "auth" in components,
    )
    for webhook in webhooks(alone):
        assert ("caBundle" in webhook, "authorization" in webhook) == (
            "tls" in components,
            "auth" in components,
        )


def test_the_hardened_overlay_gives_nothing_beyond(build):
    assert given(build) == needed()


def test_metrics_are_scraped_over_https_where_monitoring_stands_before(overlay):
    build = composed(overlay, "monitoring", "tls")
    (monitor,) = [
        item
        for item in build
        if item["kind"] == "ServiceMonitor" and item["metadata"]["name"] == "nimservice-hooks"
    ]
    (endpoint,) = monitor["spec"]["endpoints"]
    (port,) = (
        build.one("Service")["spec"]["ports"]
        if build.kinds().count("Service") == 1
        else [{"name": "https"}]
    )
    assert (endpoint["port"], endpoint["scheme"]) == (port["name"], "https")
    assert endpoint["tlsConfig"]["serverName"] in certificate(build, "nimservice-hooks")["dnsNames"]


def test_the_hooks_of_caches_and_pipelines_are_called_the_same_way(with_pipelines):
    ways = [
        {key: each[key] for key in ("service", "caBundle", "authorization")}
        for each in webhooks(with_pipelines)
    ]
    assert len(ways) == 8
    assert ways == [ways[0]] * 8
