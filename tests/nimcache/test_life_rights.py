"""Foreign rights: on OpenShift, Jobs run under the hooks' ServiceAccount, and under no wider
constraints than the installation allows."""

import pytest

from hooks.nimcache import kinds
from hooks.resources import Settings
from tests.nimcache import cluster

OPENSHIFT = {"openshift": True, "gpu_products": "NVIDIA-H100-PCIe"}


def settled(*objects, **settings):
    found = cluster.Cluster(
        *objects, ends=cluster.image(), settings=Settings(**OPENSHIFT, **settings)
    )
    found.settle()
    return found


def made(found, kind):
    return {obj["metadata"]["name"] for obj in found.server.list(kind, cluster.NAMESPACE)}


def test_no_job_runs_under_a_service_account_of_somebody_else():
    metadata = {"name": f"{cluster.NAME}-cache", "namespace": cluster.NAMESPACE}
    theirs = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    found = settled(theirs, cluster.nimcache())
    assert found.reason() == "ServiceAccountTaken"
    assert not made(found, kinds.JOB) | made(found, kinds.ROLE_BINDING)
    found.delete(kinds.SERVICE_ACCOUNT, metadata["name"], cluster.NAMESPACE)
    found.settle()
    assert found.status()["state"] == "Ready"


@pytest.mark.parametrize("spec", [{"userID": 0}, {"proxy": {"certConfigMap": "ca"}}])
def test_root_is_refused_unless_the_installation_allows_it(spec):
    found = settled(cluster.nimcache(**spec))
    assert found.reason() == "ConstraintsNotAllowed"
    assert not made(found, kinds.JOB)
    allowed = settled(cluster.nimcache(**spec), openshift_constraints="nonroot,anyuid")
    assert allowed.status()["state"] == "Ready"


@pytest.mark.parametrize(
    ("allowed", "given"), [("nonroot", ["nonroot"]), ("nonroot,anyuid", ["anyuid", "nonroot"])]
)
def test_the_role_has_what_is_needed_and_allowed(allowed, given):
    """The probe needs no root, and is not what installs certificates."""
    cache = cluster.nimcache(proxy={"certConfigMap": "ca"})
    (role,) = settled(cache, openshift_constraints=allowed).server.list(
        kinds.ROLE, cluster.NAMESPACE
    )
    assert role["rules"][0]["resourceNames"] == given
