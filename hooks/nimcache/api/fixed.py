"""Fixed: rules that refuse every change of a field, its removal and addition included.

The API server evaluates a rule of a field only if old and new object have the field. Two edits, one that removes it and one that
adds another, would circumvent the rule. So these rules belong to an object that always exists. They treat an absent field as an
empty one, because writes of the reference operator add empty fields.
"""

from collections.abc import Iterable, Iterator

from hooks.kernel.api.model import NAMESPACE, Rule

TEXT, LIST = "''", "[]"
"""Empty values in CEL."""


def texts(paths: Iterable[str], remedy: str) -> Iterator[Rule]:
    """Yield a rule for each text field. Paths begin at the object with the rule, for example ``ngc.modelPuller``."""
    yield from (_rule(path, _read(path, TEXT), remedy) for path in paths)


def lists(paths: Iterable[str], remedy: str) -> Iterator[Rule]:
    """Yield a rule for each list field."""
    yield from (_rule(path, _read(path, LIST), remedy) for path in paths)


def choices(paths: Iterable[str], remedy: str) -> Iterator[Rule]:
    """Yield a rule for each field with three values: true, false and absent."""
    for path in paths:
        yield _rule(path, f"({_has(path)} ? (self.{path} ? 'true' : 'false') : '')", remedy)


def switches(paths: Iterable[str], remedy: str) -> Iterator[Rule]:
    """Yield a rule for each field whose absence means false."""
    yield from (_rule(path, f"({_has(path)} && self.{path})", remedy) for path in paths)


def _rule(path: str, read: str, remedy: str) -> Rule:
    read = read.replace(".namespace", f".{NAMESPACE}")
    return Rule(
        f"{read} == {read.replace('self.', 'oldSelf.')}",
        f"{path.rpartition('.')[2]} cannot be changed; {remedy}",
        field_path=f".{path}",
        reason="FieldValueForbidden",
    )


def _read(path: str, empty: str) -> str:
    return f"({_has(path)} ? self.{path} : {empty})"


def _has(path: str) -> str:
    """Return the condition that a field and all objects around it exist."""
    parts = path.split(".")
    return " && ".join(
        f"has(self.{'.'.join(parts[:length])})" for length in range(1, len(parts) + 1)
    )
