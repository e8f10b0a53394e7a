"""Descriptions: the docstrings of models and of their fields, read from the source.

They are read only when something is generated: keeping them at run time would cost every start of the hook server.
"""

import ast
import inspect
import itertools
import textwrap
from functools import cache

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
            found |= _of_class(cls)
    return found


def _of_class(cls: type[Model]) -> dict[str, str]:
    definition = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    statements = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        statement.target.id: inspect.cleandoc(text.value.value)
        for statement, text in itertools.pairwise(statements)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }
