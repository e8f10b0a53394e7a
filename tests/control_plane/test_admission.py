"""What the API server admits and refuses of a NIMService: the rules of the CRD, run by the server that will run them."""

import pytest

from hooks import kinds
from tests.api import test_rules as rules


@pytest.fixture
def manifest(namespace):
    """Return a function that makes a NIMService out of fields of its spec, on top of the least that works."""

    def make(spec):
        image = {"repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct", "tag": "1.8.4"}
        fields = {"image": image, "authSecret": "ngc-api-secret", "storage": {"pvc": {"name": "models"}}} | spec
        return {
            "apiVersion": kinds.NIM_SERVICE.api_version,
            "kind": kinds.NIM_SERVICE.kind,
            "metadata": {"name": "llama", "namespace": namespace},
            "spec": {name: value for name, value in fields.items() if value is not None},
        }

    return make


def test_every_refusal_of_the_offline_check_is_the_servers(cluster, manifest):
    verdicts = {case: cluster.refusal(manifest(spec)) for case, (spec, _, _) in rules.REFUSED.items()}
    assert [case for case, refusal in verdicts.items() if not refusal] == []
    wrong = {case: refusal for case, refusal in verdicts.items() if rules.REFUSED[case][1] not in refusal}
    assert wrong == {}


def test_what_the_offline_check_admits_the_server_admits(cluster, manifest):
    assert {case: refusal for case, spec in rules.ADMITTED.items() if (refusal := cluster.refusal(manifest(spec)))} == {}
