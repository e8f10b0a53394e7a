"""Secret: the SSH key of a group, made once and kept."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hooks.kernel import dynamicapply, lastapplied, resource
from hooks.nimservice import children, kinds
from hooks.nimservice.children.multinode import sshkey
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.stored import SERVER_SIDE

MAKE = sshkey._private_key
"""The real one; the other tests make up theirs."""

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


def test_a_key_is_made_where_none_is_observed(monkeypatch):
    monkeypatch.setattr(sshkey, "_private_key", MAKE)
    made = secret()
    assert (made["metadata"]["name"], made["type"], list(made["data"])) == (
        "llama-ssh-pk",
        "Opaque",
        ["private.key"],
    )
    pem = base64.b64decode(made["data"]["private.key"])
    assert pem.startswith(b"-----BEGIN RSA PRIVATE KEY-----\n")
    assert load_pem_private_key(pem, password=None).key_size == 2048


def test_a_key_that_server_side_apply_set_is_repeated():
    """It would remove what an answer lacks. It records no values."""
    first = secret()
    observed = situation.applied(first, engine=SERVER_SIDE)
    for annotation in ({}, {lastapplied.LAST_APPLIED: '{"metadata":{}}'}):
        observed["metadata"]["annotations"] = annotation
        again = secret([observed])
        assert (again["data"], "stringData" in again) == (first["data"], False)


@pytest.mark.parametrize("others", [{}, {"note": "eA=="}], ids=["alone", "beside another"])
def test_under_dynamic_apply_a_key_is_kept_and_leaves_the_record(others):
    """``kubectl describe`` prints the record, and leaves out the data."""
    observed = situation.applied(secret())
    observed["data"] |= others
    kept = observed["data"]
    for recorded in (True, False, False):
        assert (kept["private.key"] in json.dumps(observed["metadata"])) == recorded
        observed = as_stored(dynamicapply.updated(observed, secret([observed])))
        assert observed["data"] == kept
    assert b64(kept["private.key"]) not in json.dumps(observed["metadata"])
    assert as_stored(dynamicapply.updated(observed, secret([observed]))) == observed


def as_stored(obj):
    """Return a Secret as the API server keeps it: ``stringData`` goes to ``data``."""
    plain = obj.pop("stringData", {})
    coded = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
    return {**obj, "data": {**(obj.get("data") or {}), **coded}}


def b64(text):
    return json.dumps(base64.b64decode(text).decode())[1:-1]


@pytest.mark.parametrize("recorded", [{"private.key": "x"}, {}, "odd", None])
@pytest.mark.parametrize("there", ["a2V5", "//8=", "no base64"])
def test_what_a_record_says_of_the_key_is_never_answered(recorded, there):
    observed = situation.applied(secret())
    observed["data"] = {"private.key": there}
    record = {"metadata": {}, "data": recorded}
    observed["metadata"]["annotations"][lastapplied.LAST_APPLIED] = json.dumps(record)
    again = secret([observed])
    assert again["data"] in ({}, observed["data"])
    assert again.get("stringData") in (None, {"private.key": "key"})


def test_a_key_that_is_no_text_is_kept_though_the_record_names_it():
    observed = situation.applied(secret())
    observed["data"] = {"private.key": "//8="}
    after = as_stored(dynamicapply.updated(observed, secret([observed])))
    assert after["data"] == observed["data"]


def test_no_key_is_made_where_one_is_observed(monkeypatch):
    observed = situation.applied(secret())
    monkeypatch.setattr(sshkey, "_private_key", lambda: pytest.fail("a key was made"))
    assert secret([observed])


def test_the_key_stands_nowhere_else():
    first = secret()
    observed = situation.applied(first, engine=SERVER_SIDE)
    rest = [child for child in plan([observed]).children if child["kind"] != "Secret"]
    assert {"LeaderWorkerSet", "ConfigMap"} <= {child["kind"] for child in rest}
    assert first["data"]["private.key"] not in str(rest)


def test_it_stays_while_a_group_runs_whatever_the_spec_says():
    observed = situation.applied(secret())
    running = group([observed])
    assert secret([observed, running], multiNode=None)
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


@pytest.mark.parametrize("empty", [{}, {"private.key": ""}], ids=["absent", "empty"])
def test_a_secret_without_the_key_is_named(empty):
    data = {"other": "eA==", **empty}
    observed = {**situation.applied(secret()), "data": data}
    found = plan([observed])
    assert [finding.reason for finding in found.findings] == ["SSHKeyMissing"]
    made = next(child for child in found.children if child["kind"] == "Secret")
    after = dynamicapply.updated(observed, made)
    assert (after["data"], after.get("stringData")) == (data, None)
