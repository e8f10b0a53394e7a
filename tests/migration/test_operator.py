"""Operator: how NVIDIA's operator is recognised."""

from hooks.migration import operator
from tests.migration.operated import deployment


def test_a_running_operator_is_found_wherever_it_is_and_a_model_is_no_operator():
    manager = deployment()
    manager["spec"]["template"]["spec"]["containers"][0]["image"] = (
        "registry:5000/nvidia/k8s-nim-operator:v3"
    )
    assert operator.running([deployment(), manager]) == ["models/llama"]
    manager["spec"]["replicas"] = 0
    assert operator.running([manager]) == []
    manager["status"] = {"replicas": 1}
    assert operator.running([manager]) == ["models/llama"], "its pods are still going"


def test_a_webhook_counts_that_refuses_nimservices_when_it_does_not_answer():
    hook = {
        "failurePolicy": "Fail",
        "rules": [{"apiGroups": ["apps.nvidia.com"], "resources": ["nimservices"]}],
    }
    other = {"rules": [{"apiGroups": ["apps"], "resources": ["deployments"]}]}
    named = [
        {"metadata": {"name": name}, "webhooks": [each]}
        for name, each in (("nim", hook), ("other", other))
    ]
    named.append(
        {"metadata": {"name": "lenient"}, "webhooks": [{**hook, "failurePolicy": "Ignore"}]}
    )
    assert operator.webhooks(named) == ["nim"]
