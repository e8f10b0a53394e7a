"""ServiceAccount: who the pods are."""

from hooks.nimservice.children import serviceaccount
from tests.situations import nimservice as situation


def test_every_nimservice_has_its_own():
    assert situation.only(serviceaccount, labels={"team": "nlp"}) == {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": "llama",
            "namespace": "nim",
            "labels": {
                "team": "nlp",
                "app.kubernetes.io/name": "llama",
                "app.kubernetes.io/instance": "llama",
                "app.kubernetes.io/part-of": "nim-service",
                "app.kubernetes.io/managed-by": "nimservice-hooks",
            },
        },
    }


def test_what_others_add_to_it_is_left_alone():
    """Q25: the reference takes away the pull secrets that OpenShift adds. What is not mentioned is
    not written."""
    assert set(situation.only(serviceaccount)) == {"apiVersion", "kind", "metadata"}
