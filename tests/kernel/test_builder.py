"""Builder: one that fails is named and no answer is given; an odd object does not hide a bug of
ours."""

import pytest

from hooks.kernel import builder
from hooks.kernel.builder import BuilderError
from hooks.kernel.protocol import BadRequest
from hooks.nimservice import children
from tests.situations import nimservice as situation

CONTEXT = situation.context()


def refusing(_):
    raise BadRequest(422, "Deployment llama: spec: must be an object")
    yield


def failing(_):
    raise KeyError("x")
    yield


def quiet(_):
    yield from ()


def test_a_refusal_is_told_as_it_is():
    with pytest.raises(BadRequest, match="Deployment llama: spec: must be an object"):
        builder.build(CONTEXT, (quiet, refusing, quiet))


@pytest.mark.parametrize("builders", [(refusing, failing), (failing, refusing)])
def test_a_bug_of_ours_is_told_before_an_odd_object(builders):
    with pytest.raises(BuilderError, match="KeyError"):
        builder.build(CONTEXT, builders)


@pytest.mark.parametrize("position", range(len(children.BUILDERS)))
def test_a_builder_that_fails_is_named(position):
    """Answers are total: without its children, one would delete them."""
    real = children.BUILDERS[position]

    def spoilt(ctx):
        yield from real(ctx)
        raise KeyError("x")

    spoilt.__module__ = real.__module__
    builders = (*children.BUILDERS[:position], spoilt, *children.BUILDERS[position + 1 :])
    with pytest.raises(BuilderError, match=f"^{real.__module__.rpartition('.')[2]}: KeyError"):
        builder.build(CONTEXT, builders)
