"""Descriptions: the docstrings of models and of their fields."""

import inspect
from functools import cache

from hooks.kernel import docstring
from hooks.kernel.api.model import Model


def of_model(model: type[Model]) -> str:
    """Return a model's own docstring."""
    return inspect.cleandoc(model.__doc__ or "")


@cache
def of_fields(model: type[Model]) -> dict[str, str]:
    """Return the string below each field of a model, inherited fields included."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, Model) and cls is not Model:
            found |= docstring.of_fields(cls)
    return found
