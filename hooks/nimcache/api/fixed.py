"""Fixed: rules that keep a field as it was, whether it is given, emptied, removed or added.

A rule that stands on a field is evaluated where the field is there before and after: whoever removes it, and adds another, walks
around it. So these stand on the object that is always there, and an absent field counts as an empty one: the reference operator's own
writes add empty fields, which must not count as a change.
"""

from collections.abc import Iterable, Iterator

from hooks.kernel.api.model import NAMESPACE, Rule

TEXT, LIST = "''", "[]"
"""How CEL writes what is empty."""


def texts(paths: Iterable[str], remedy: str) -> Iterator[Rule]:
    """Yield a rule for each field that holds a text, by its path below the object that carries the rule, for example ``ngc.modelPuller``."""
    yield from (_rule(path, _read(path, TEXT), remedy) for path in paths)


def lists(paths: Iterable[str], remedy: str) -> Iterator[Rule]:
    """Yield a rule for each field that holds a list."""
    yield from (_rule(path, _read(path, LIST), remedy) for path in paths)


def choices(paths: Iterable[str], remedy: str) -> Iterator[Rule]:
    """Yield a rule for each field that is true, false or absent, which are three different things."""
    for path in paths:
        yield _rule(path, f"({_has(path)} ? (self.{path} ? 'true' : 'false') : '')", remedy)


def switches(paths: Iterable[str], remedy: str) -> Iterator[Rule]:
    """Yield a rule for each field that is true, or else false."""
    yield from (_rule(path, f"({_has(path)} && self.{path})", remedy) for path in paths)


def _rule(path: str, read: str, remedy: str) -> Rule:
    read = read.replace(".namespace", f".{NAMESPACE}")
    return Rule(
        f"{read} == {read.replace('self.', 'oldSelf.')}",
        f"{path.rpartition('.')[2]} cannot be changed: {remedy}",
        field_path=f".{path}",
        reason="FieldValueForbidden",
    )


def _read(path: str, empty: str) -> str:
    return f"({_has(path)} ? self.{path} : {empty})"


def _has(path: str) -> str:
    """Return the condition that a field is there, and each object that it is in."""
    parts = path.split(".")
    return " && ".join(
        f"has(self.{'.'.join(parts[:length])})" for length in range(1, len(parts) + 1)
    )
