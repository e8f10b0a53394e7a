"""Secret: the SSH key of a group, made once and kept."""

import base64

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hooks.kernel import resource
from hooks.nimservice import children, kinds
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored

MULTI_NODE = {"parallelism": {"pipeline": 2, "tensor": 8}}


def plan(observed=(), manages=kinds.MANAGED, **spec):
    return children.plan(
        situation.context(observed, manages=manages, **{"multiNode": MULTI_NODE, **spec})
    )


def secret(observed=(), **spec):
    return next(
        (child for child in plan(observed, **spec).children if child["kind"] == "Secret"), None
    )


def group(observed):
    (made,) = (child for child in plan(observed).children if child["kind"] == "LeaderWorkerSet")
    return situation.applied(made)


@pytest.mark.parametrize(
    "multi", [None, {"parallelism": {"pipeline": 1}}, {**MULTI_NODE, "ray": {"rayPort": 6379}}]
)
def test_absent_on_one_node_and_where_ray_starts_the_group(multi):
    assert secret(multiNode=multi) is None


def test_a_key_is_made_where_none_is_observed():
    made = secret()
    assert (made["metadata"]["name"], made["type"], list(made["data"])) == (
        "llama-ssh-pk",
        "Opaque",
        ["private.key"],
    )
    pem = base64.b64decode(made["data"]["private.key"])
    assert pem.startswith(b"-----BEGIN RSA PRIVATE KEY-----\n")
    assert load_pem_private_key(pem, password=None).key_size == 2048


def test_a_key_that_is_observed_is_kept():
    """Q31: the reference makes a key at every reconcile and throws it away."""
    first = secret()
    assert secret([situation.applied(first)])["data"] == first["data"]


def test_no_key_is_made_where_one_is_observed(monkeypatch):
    observed = situation.applied(secret())
    monkeypatch.setattr(
        "cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key",
        lambda **_: pytest.fail("a key was made"),
    )
    assert secret([observed])


def test_the_key_stands_nowhere_else():
    first = secret()
    observed = situation.applied(first)
    rest = [child for child in plan([observed]).children if child["kind"] != "Secret"]
    assert {"LeaderWorkerSet", "ConfigMap"} <= {child["kind"] for child in rest}
    assert first["data"]["private.key"] not in str(rest)


def test_it_is_never_updated():
    assert kinds.SECRET.strategy == "OnDelete"


def test_it_stays_while_a_group_runs_whatever_the_spec_says():
    observed = situation.applied(secret())
    running = group([observed])
    assert secret([observed, running], multiNode=None)["data"] == observed["data"]
    assert secret([observed], multiNode=None) is None


def test_it_stays_while_its_workload_waits_for_storage():
    observed = situation.applied(secret())
    kept = plan([observed, group([observed])], storage={"nimCache": {"name": "gone"}}).children
    assert {"Secret", "ConfigMap", "LeaderWorkerSet"} <= {child["kind"] for child in kept}


def test_it_stays_while_the_spec_is_refused():
    observed = situation.applied(secret())
    request = stored.request(situation.nimservice(multiNode=MULTI_NODE, storage={}), [observed])
    (held,) = resource.sync(NIM_SERVICE, request, Settings(), stored.NOW).body["children"]
    assert held["data"] == observed["data"]


def test_a_secret_without_the_key_is_named():
    observed = {**situation.applied(secret()), "data": {"other": "eA=="}}
    found = plan([observed])
    assert [finding.reason for finding in found.findings] == ["SSHKeyMissing"]
    assert next(child for child in found.children if child["kind"] == "Secret")["data"] == {
        "other": "eA=="
    }
