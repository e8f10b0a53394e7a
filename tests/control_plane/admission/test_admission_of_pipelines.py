"""What the API server admits and refuses of a NIMPipeline: its definition, names and edits."""

from copy import deepcopy

import pytest

from hooks.cluster.api import ApiError
from hooks.nimpipeline import kinds
from hooks.nimpipeline.api.service import SERVICES
from hooks.preview import installation
from tests.nimpipeline.test_validation import ADMITTED, REFUSED
from tests.situations.nimpipeline import applied, service
from tests.situations.nimservice import BASE_SPEC

GONE = "apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def definition(most):
    """Return the definition of NIMPipeline for a number of services, under another group."""
    found = (each for each in installation.crds() if each["spec"]["names"]["kind"] == "NIMPipeline")
    crd = deepcopy(next(found))
    crd["spec"]["group"] = "example.com"
    crd["metadata"] = {"name": "nimpipelines.example.com"}
    spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["services"]["maxItems"] = most
    return crd


def refused(cluster, obj, path):
    try:
        cluster.connection.request("POST", path, obj, dryRun="All", fieldValidation="Strict")
    except ApiError as error:
        return str(error)
    return ""


def test_one_service_more_would_cost_more_than_the_api_server_admits(cluster):
    """The installed definition was admitted, or no test of this folder would run."""
    assert refused(cluster, definition(SERVICES), f"/{GONE}") == ""
    assert "estimated rule cost exceeds budget" in refused(
        cluster, definition(SERVICES + 1), f"/{GONE}"
    )


def test_names_are_required_and_occur_once(cluster, namespace):
    assert "services[1]: Duplicate value" in cluster.refusal(
        applied(namespace, service("a"), service("a", enabled=False))
    )
    assert "services[0].name: Required value" in cluster.refusal(
        applied(namespace, {"enabled": False})
    )
    assert "Too many" in cluster.refusal(
        applied(namespace, *(service(f"s{number}") for number in range(SERVICES + 1)))
    )
    assert (
        cluster.refusal(applied(namespace, *(service(f"s{number}") for number in range(SERVICES))))
        == ""
    )


@pytest.mark.parametrize("case", {**REFUSED, **ADMITTED})
def test_what_the_hook_checks_is_admitted_in_a_pipeline_and_refused_in_a_nimservice(
    cluster, namespace, case
):
    spec = REFUSED[case][0] if case in REFUSED else ADMITTED[case]
    assert cluster.refusal(applied(namespace, service("a", spec=spec))) == ""
    alone = {
        "apiVersion": kinds.NIM_SERVICE.api_version,
        "kind": kinds.NIM_SERVICE.kind,
        "metadata": {"name": "a", "namespace": namespace},
        "spec": spec,
    }
    assert bool(cluster.refusal(alone)) == (case in REFUSED)


def test_what_may_not_change_may_not_change_in_a_service_whatever_its_place(cluster, namespace):
    cluster.put(applied(namespace, service("a"), service("b")))
    groups = {**BASE_SPEC, "multiNode": {"parallelism": {"pipeline": 2}}}
    with pytest.raises(ApiError, match="immutable"):
        cluster.put(applied(namespace, service("b", spec=groups), service("a")))
    cluster.put(applied(namespace, service("b"), service("a")))
    cluster.delete(kinds.NIM_PIPELINE, namespace, "rag")
