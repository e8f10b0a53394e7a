"""Row: how a field is tried out."""

from typing import Any, NamedTuple

from hooks.kernel.document import JSON

ONE_NODE, MPI, RAY, STANDARD, KNATIVE = (
    "one node",
    "several nodes",
    "several nodes by Ray",
    "KServe Standard",
    "KServe Knative",
)
PLATFORMS = (ONE_NODE, MPI, RAY, STANDARD, KNATIVE)

ABSENT = object()


class Silent(NamedTuple):
    """Why a field has no effect."""

    reason: str
    warned: bool = True
    """Whether `nimservice validate` says so; nobody is surprised otherwise."""


class Row(NamedTuple):
    """A field is set to a value in a NIMService that has it not, or another one, and has what must
    stand beside it."""

    value: Any
    """An entry of the list, where the path ends in ``[]``; entries of the map where it ends in
    ``{}``."""
    instead: Any = ABSENT
    """What the field holds before."""
    beside: JSON = {}
    """Fields of the spec that give the field its meaning."""
    silent: dict[str, Silent] = {}
    """The platforms where it has no effect."""


def within(above: str, rows: dict[str, Row]) -> dict[str, Row]:
    """Return rows whose paths begin with that of the object they are in."""
    return {f"{above}.{path}": row for path, row in rows.items()}
