"""Loaded: an object that a file has, its place, and what is wrong with the files."""

from dataclasses import dataclass, field
from typing import NamedTuple

from hooks.cli.error import FAILED, CommandError
from hooks.cli.loader import Source
from hooks.kernel.document import JSON


class Place(NamedTuple):
    """A place in a file."""

    file: str
    """The file as the user named it; ``stdin`` for ``-``."""
    line: int = 0
    """From 1; 0 where it is the whole file."""
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class FileError(CommandError):
    """A file without Kubernetes objects; the text names the place and the remedy."""

    def __init__(self, place: Place, message: str, code: int = FAILED) -> None:
        super().__init__(f"{place}: {message}", code)
        self.place, self.message = place, message


@dataclass(frozen=True)
class Loaded:
    """An object and its place."""

    manifest: JSON
    file: str
    """The file as the user named it; ``stdin`` for ``-``."""
    source: Source | None = None
    """Where it stands in the file; None for an object of a cluster."""

    @property
    def kind(self) -> str:
        """The object's kind."""
        return str(self.manifest["kind"])

    @property
    def name(self) -> str:
        """The object's name, or its generateName, or a question mark; as the file has it."""
        metadata = self.manifest.get("metadata") or {}
        field = "name" if metadata.get("name") is not None else "generateName"
        name = metadata.get(field)
        written = None if isinstance(name, str) else self.written(f"metadata.{field}")
        return written or str(name or "?")

    @property
    def subject(self) -> str:
        """Kind and name, as messages have them."""
        return f"{self.kind}/{self.name}"

    def place(self, path: str = "") -> Place:
        """Return where a field stands, or the object."""
        return Place(self.file, *self.source.at(path)) if self.source else Place(self.file)

    def written(self, path: str) -> str | None:
        """Return the text of an unquoted value as the file has it, or None."""
        return self.source.written(path) if self.source else None


@dataclass
class Reading:
    """What the files have: one that is wrong hides nothing of the others."""

    objects: list[Loaded] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    """What was read past, with the reason."""
