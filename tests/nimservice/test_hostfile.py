"""Hostfile: numbers that are too large for a ConfigMap are refused, before they are too large for
the memory."""

import json

import pytest

from hooks.nimservice import hostfile, validation
from hooks.nimservice.api.nimservice import NIMService
from tests.situations import nimservice as situation

HUGE = 2**31 - 1


def nim(pipeline=2, tensor=8, **spec):
    return NIMService.parse(
        situation.nimservice(
            multiNode={"parallelism": {"pipeline": pipeline, "tensor": tensor}}, **spec
        )
    )


@pytest.mark.parametrize("pipeline", [2, 3, 16, 500])
def test_as_many_groups_as_there_may_be_fit_into_an_annotation(pipeline):
    group = nim(pipeline)
    most = hostfile.most_groups(group, group.multi_node)
    assert most > 0
    data = {
        f"hostfile-{index}": hostfile.of(group, group.multi_node, index) for index in range(most)
    }
    assert 150_000 < len(json.dumps(data)) < 250_000


@pytest.mark.parametrize(
    ("replicas", "pipeline"), [(HUGE, 2), (1, HUGE), (HUGE, HUGE), (None, HUGE)]
)
def test_what_fits_nowhere_is_refused_at_once(replicas, pipeline):
    finding = validation.of(nim(pipeline, replicas=replicas))
    assert finding.reason == "InvalidSpec"
    assert finding.path == "spec.replicas"


@pytest.mark.parametrize(("replicas", "pipeline"), [(1000, 2), (0, HUGE)])
def test_what_fits_is_taken(replicas, pipeline):
    assert validation.of(nim(pipeline, replicas=replicas)) is None


def test_ray_needs_no_hostfile():
    many = situation.nimservice(
        multiNode={"parallelism": {"pipeline": 2}, "ray": {"rayPort": 6379}}, replicas=HUGE
    )
    assert validation.of(NIMService.parse(many)) is None
