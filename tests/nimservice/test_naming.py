"""Names, labels and selectors that two children share."""

import pytest
import yaml

from hooks.kernel.yamltext import dumped
from hooks.nimservice import children, naming
from hooks.nimservice.api.nimservice import NIMService
from tests.situations import nimservice as situation


def nim(**spec):
    return NIMService.parse(situation.nimservice(**spec))


def test_names_derive_from_the_nimservice():
    llama = nim()
    assert (
        naming.workload(llama) == naming.service(llama) == naming.service_account(llama) == "llama"
    )
    assert naming.group(llama) == "llama-lws"
    assert naming.container(llama) == "llama-ctr"
    assert naming.endpoint_picker(llama) == "llama-epp"


def test_a_given_name_is_that_of_a_second_service():
    """Q46, I-34: the reference ignores ``expose.service.name``, and clients rely on that."""
    llama = nim(expose={"service": {"name": "chat"}})
    assert (naming.service(llama), naming.alias(llama)) == ("llama", "chat")


@pytest.mark.parametrize("given", [{}, {"name": ""}, {"name": "llama"}])
def test_there_is_no_second_service_without_a_name_of_its_own(given):
    assert naming.alias(nim(expose={"service": given})) is None


@pytest.mark.parametrize(
    ("pvc", "name"),
    [({"name": "models"}, "models"), ({"create": True, "size": "1Gi"}, "llama-pvc")],
)
def test_a_claim_is_named_by_the_user_or_after_the_nimservice(pvc, name):
    assert naming.claim(nim(storage={"pvc": pvc})) == name


def test_the_host_has_name_namespace_and_domain():
    assert (
        naming.host(nim(expose={"router": {"hostDomainName": "ai.example.com"}}))
        == "llama.nim.ai.example.com"
    )


def test_there_is_no_host_without_a_domain():
    """The reference makes a host name that ends in a dot, which the API server refuses."""
    assert naming.host(nim()) is None


def test_standard_labels_win_over_those_of_the_user():
    user = {"app.kubernetes.io/name": "mine", "app.kubernetes.io/managed-by": "me", "team": "nlp"}
    assert naming.labels(nim(labels=user)) == {
        "team": "nlp",
        "app.kubernetes.io/name": "llama",
        "app.kubernetes.io/instance": "llama",
        "app.kubernetes.io/part-of": "nim-service",
        "app.kubernetes.io/managed-by": "nimservice-hooks",
    }


def test_no_label_tells_the_release_of_the_hooks():
    """Q38: such a label would change pods and selectors at every upgrade."""
    assert not any("version" in key for key in naming.labels(nim()))


def test_a_label_app_of_the_user_yields_to_what_selectors_look_for():
    """Q8: in the reference it replaces the pod's label, and the API server refuses the
    Deployment."""
    llama = nim(labels={"app": "test-app"})
    assert naming.pod_labels(llama, "llama")["app"] == "llama"
    assert naming.selector(llama).items() <= naming.pod_labels(llama, "llama").items()


def test_the_selector_finds_every_replica():
    assert naming.selector(nim()) == {"app": "llama"}


def test_the_selector_finds_the_leaders_of_a_group():
    assert naming.selector(nim(multiNode={"parallelism": {"pipeline": 2, "tensor": 8}})) == {
        "app": "llama-lws",
        "nim-llm-role": "leader",
    }


@pytest.mark.parametrize("parallelism", [{}, {"pipeline": 1}, {"tensor": 8}])
def test_one_stage_is_one_node_for_the_selector_too(parallelism):
    """Q1: the reference makes a Deployment and lets the Service select a LeaderWorkerSet's pods."""
    assert naming.selector(nim(multiNode={"parallelism": parallelism})) == {"app": "llama"}


def test_metadata_leaves_empty_annotations_to_be_pruned():
    assert naming.metadata(nim(), "x", labels={"a": "b"}, annotations={}) == {
        "name": "x",
        "namespace": "nim",
        "labels": {"a": "b"},
        "annotations": None,
    }


@pytest.mark.parametrize("name", ["y", "n", "on", "no", "null", "0x1f", "1e3"])
def test_a_name_that_yaml_takes_for_a_truth_value_stays_a_text(name):
    """R4: the reference writes it into a text template."""
    given = situation.nimservice()
    given["metadata"]["name"] = name
    for child in children.plan(situation.context(nim=given)).children:
        assert child["metadata"]["name"] == name
        assert yaml.safe_load(dumped(child)) == child
        assert f"name: {name}\n" not in dumped(child)
