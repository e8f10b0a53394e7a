"""Docstring: the text below a field of a class, read from its source.

Reading is done only to describe or generate something: keeping the texts at run time would slow
down every start of the hook server.
"""

import ast
import inspect
import itertools
import textwrap


def of_fields(cls: type) -> dict[str, str]:
    """Return the string below each field that a class itself declares."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    statements = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        statement.target.id: inspect.cleandoc(text.value.value)
        for statement, text in itertools.pairwise(statements)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        if isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
