"""ComputeDomain: lets the pods on several nodes share GPU memory."""

import pytest

from hooks.nimservice import children, kinds
from tests.situations import nimservice as situation


def domains(*, pipeline=2, replicas=None, name=None, create=None, **spec):
    domain = {
        key: value for key, value in {"create": create, "name": name}.items() if value is not None
    }
    multi = {
        "parallelism": {"pipeline": pipeline, "tensor": 8},
        **({"computeDomain": domain} if domain else {}),
    }
    made = children.plan(situation.context(multiNode=multi, replicas=replicas, **spec)).children
    return [child for child in made if child["kind"] == "ComputeDomain"]


def test_absent_by_default():
    assert domains() == []


def test_one_that_exists_is_not_made():
    assert domains(name="rack-1") == []


def test_one_node_shares_with_nobody():
    assert domains(pipeline=1, create=True) == []


def test_it_is_named_after_the_nimservice_and_has_a_channel_for_its_pods():
    (made,) = domains(create=True, annotations={"note": "x"})
    assert made["metadata"]["name"] == "llama"
    assert made["metadata"]["annotations"] == {"note": "x"}
    assert made["spec"] == {
        "numNodes": 2,
        "channel": {
            "resourceClaimTemplate": {"name": "cd-claimtemplate-6649479bc4"},
            "allocationMode": "Single",
        },
    }


@pytest.mark.parametrize(("replicas", "nodes"), [(0, 3), (1, 3), (2, 6)])
def test_it_counts_the_nodes_of_every_group(replicas, nodes):
    """Q47: the reference counts those of one group, although the pods of all groups join."""
    assert domains(pipeline=3, replicas=replicas, create=True)[0]["spec"]["numNodes"] == nodes


def test_it_is_never_updated():
    """I-4: the reference panics; the spec is immutable."""
    assert kinds.COMPUTE_DOMAIN.strategy == "OnDelete"
