"""Files: reads Kubernetes objects from files, folders and addresses, and names each mistake."""

import argparse
import glob
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from hooks.cli.bounds import OutOfBounds
from hooks.cli.error import FAILED, FOUND, CommandError
from hooks.cli.loader import Source, read_documents
from hooks.cli.notyaml import remedy
from hooks.cli.terminal import tell
from hooks.kernel import dnsname
from hooks.kernel.document import JSON
from hooks.kernel.finding import with_remedy

_SUFFIXES = {".yaml", ".yml", ".json"}
_ADDRESSES = ("http://", "https://")
_SECONDS = 30
"""How long an address may take to answer."""

_LARGEST = 16 << 20
"""How many bytes it may answer."""

_EXPECTED = "expected a Kubernetes object with apiVersion, kind and metadata"
_ENVELOPE = ("apiVersion", "kind")
_GROUP = "apps.nvidia.com"


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


def add_option(parser: argparse.ArgumentParser) -> None:
    """Declare the files, and how they are read."""
    parser.add_argument(
        "positional",
        metavar="FILE",
        nargs="*",
        default=[],
        help="the same as -f FILE",
    )
    parser.add_argument(
        "-f",
        "--filename",
        dest="files",
        metavar="FILE",
        nargs="+",
        action="extend",
        default=[],
        help="YAML or JSON: files, folders, patterns such as 'k8s/*.yaml', http(s) addresses, "
        "or - for standard input",
    )
    parser.add_argument(
        "-R", "--recursive", action="store_true", help="read the folders below a folder, too"
    )
    parser.add_argument(
        "-n",
        "--namespace",
        type=namespace,
        default="",
        help="the namespace of objects that name none",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="say on standard error what was read past"
    )


def namespace(text: str) -> str:
    """Return the value of ``-n``, which may be empty; raise ArgumentTypeError for a wrong one."""
    if text and not dnsname.is_label(text):
        raise argparse.ArgumentTypeError(f'"{text}" is no namespace; use {dnsname.LABEL_FORM}')
    return text


def given(args: argparse.Namespace) -> Reading:
    """Return what the files of a command line have.

    Raises:
        CommandError: where no file is named.
    """
    names = [*args.positional, *args.files]
    if not names:
        raise CommandError("no file is named; use -f FILE, -f FOLDER, or -f - for standard input")
    reading = read(names, recursive=args.recursive)
    if args.verbose:
        for words in reading.passed:
            tell(f"read past {words}", sys.stderr)
    return reading


def load(names: Sequence[str]) -> list[Loaded]:
    """Return the objects in files, in their order; a ``List`` yields its items.

    Raises:
        FileError: at the first mistake.
    """
    reading = read(names)
    if reading.errors:
        raise reading.errors[0]
    return reading.objects


def saved(loaded: Iterable[Loaded]) -> list[JSON]:
    """Return the objects that a cluster can have: those with a name."""
    return [
        each.manifest
        for each in loaded
        if isinstance((each.manifest.get("metadata") or {}).get("name"), str)
    ]


def read(names: Sequence[str], *, recursive: bool = False) -> Reading:
    """Return the objects in files and what is wrong with the files, in their order."""
    reading, seen = Reading(), set[str]()
    patches: set[str] = set()
    for name in names:
        for file in _found(name, recursive, reading):
            if file not in seen:
                seen.add(file)
                _read(file, file != name, reading, patches)
    if patches:
        inside = {each.file for each in reading.objects if _absolute(each.file) in patches}
        reading.objects = [each for each in reading.objects if each.file not in inside]
        reading.errors = [
            each for each in reading.errors if _absolute(each.place.file) not in patches
        ]
        reading.passed += [f"{file}: is a patch of a kustomization" for file in sorted(inside)]
    return reading


def _found(name: str, recursive: bool, reading: Reading) -> Iterator[str]:
    """Yield the files that a name stands for."""
    path = Path(name)
    if name == "-" or name.startswith(_ADDRESSES):
        yield name
    elif path.is_dir():
        below = sorted(path.rglob("*") if recursive else path.iterdir())
        files = [str(file) for file in below if file.suffix in _SUFFIXES and file.is_file()]
        yield from files
        if not files:
            deeper = not recursive and any(file.suffix in _SUFFIXES for file in path.rglob("*"))
            reading.errors.append(
                FileError(
                    Place(name),
                    "the folder holds no .yaml, .yml or .json file"
                    + ("; use -R to read the folders below it" if deeper else ""),
                )
            )
    elif any(mark in name for mark in "*?[") and not path.exists():
        files = _matching(name)
        yield from files
        if not files:
            reading.errors.append(FileError(Place(name), "no file matches this pattern"))
    else:
        yield name


def _matching(pattern: str) -> list[str]:
    found = glob.glob(pattern, recursive=True)  # noqa: PTH207 - pathlib takes no absolute pattern
    return sorted(file for file in found if Path(file).is_file())


def _read(file: str, found: bool, reading: Reading, patches: set[str]) -> None:
    """Add what a file has; ``found`` in a folder, rather than named by the user."""
    place = Place("stdin" if file == "-" else file)
    before = len(reading.objects), len(reading.errors), len(reading.passed)
    text, blank = "", True
    try:
        text = _text(file, place)
        for document, source in read_documents(text):
            if document is not None:
                blank = False
                for each in _meant(document, source, place.file, found, reading):
                    _note_patches(each, file, patches)
    except FileError as error:
        reading.errors.append(error)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        _refuse(_not_yaml(error, place, text), text, found, reading)
    if blank and before == (len(reading.objects), len(reading.errors), len(reading.passed)):
        if found:
            reading.passed.append(f"{place.file}: is empty")
        else:
            reading.errors.append(FileError(place, f"is empty; {_EXPECTED}"))


def _meant(
    document: Any, source: Source, file: str, found: bool, reading: Reading
) -> Iterator[JSON]:
    """Add the objects of a document; yield what may be a kustomization."""
    place = Place(file, *source.at(""))
    if why := _foreign(document, found):
        reading.passed.append(f"{place}: {why}")
        if isinstance(document, dict):
            yield document
        return
    for each in _flattened(document, source, file, reading):
        if each.manifest["apiVersion"].startswith("kustomize.config.k8s.io/"):
            reading.passed.append(f"{place}: is a {each.kind}")
            yield each.manifest
        else:
            reading.objects.append(each)


def _refuse(refusal: FileError, text: str, found: bool, reading: Reading) -> None:
    """Add why a file is not YAML; a template in a folder is read past unless it is of the API."""
    if "{{" not in text:
        reading.errors.append(refusal)
    elif found and _GROUP not in text:
        reading.passed.append(f"{refusal.place.file}: is a template")
    else:
        advice = "render a template first, for example helm template . | nimservice validate -f -"
        reading.errors.append(FileError(refusal.place, f"{refusal.message}; {advice}"))


def _text(file: str, place: Place) -> str:
    try:
        if file == "-":
            return sys.stdin.read()
        if file.startswith(_ADDRESSES):
            return _fetched(file)
        return Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(place, "is not UTF-8 text; is it a YAML or JSON file?") from None
    except OSError as error:
        reason = error.strerror or getattr(error, "reason", None) or error
        raise FileError(place, f"cannot be read: {reason}") from None
    except ValueError as error:  # a name or an address that cannot be one
        raise FileError(place, f"cannot be read: {error}") from None


def _fetched(address: str) -> str:
    from urllib.request import urlopen  # noqa: PLC0415 - few read an address

    with urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 - http and https alone
        body, deadline = b"", time.monotonic() + _SECONDS
        while part := answer.read1(_LARGEST):
            body += part
            if time.monotonic() > deadline:
                raise OSError(f"took longer than {_SECONDS} s")
            if len(body) > _LARGEST:
                raise OSError(f"has more than {_LARGEST >> 20} MiB")
        return body.decode("utf-8-sig")


def _not_yaml(error: Exception, place: Place, text: str) -> FileError:
    if isinstance(error, RecursionError):
        return FileError(place, "is nested too deeply for a Kubernetes object")
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        where = Place(place.file, mark.line + 1, mark.column + 1) if mark else place
        if isinstance(error, OutOfBounds):
            return FileError(where, str(error.problem))
        return FileError(where, with_remedy(f"not YAML: {error.problem}", remedy(error, text)))
    return FileError(place, f"not YAML: {' '.join(str(error).split())}")


def _foreign(document: Any, found: bool) -> str:
    """Return why a document is not meant as a Kubernetes object, or an empty text."""
    if not isinstance(document, dict):
        return f"is {kind_of(document)}" if found else ""
    if any(document.get(key) or _respelt(document, key) for key in _ENVELOPE):
        return ""
    return "" if "spec" in document else "has neither apiVersion nor kind"


def _envelope(document: JSON) -> Iterator[tuple[str, str]]:
    """Yield where and what is wrong with the kind and the version of an object."""
    for key in _ENVELOPE:
        value = document.get(key)
        if key not in document and (other := _respelt(document, key)):
            yield other, f"has {other}; write {key}, because capital letters count"
        elif value in (None, ""):
            yield key, f"has no {key}; is it a Kubernetes object?"
        elif not isinstance(value, str):
            yield key, f"must have text as {key}; is it a Kubernetes object?"


def _respelt(document: JSON, key: str) -> str:
    """Return the key that is meant where only the capital letters differ, or an empty text."""
    return next((each for each in document if each != key and each.lower() == key.lower()), "")


def _note_patches(document: JSON, file: str, patches: set[str]) -> None:
    """Note the files that a kustomization applies as patches: they are no whole objects."""
    if Path(file).stem.lower() != "kustomization":
        return
    merges = document.get("patchesStrategicMerge") or []
    entries = [each.get("path") for each in _dicts(document.get("patches"))]
    entries += [each.get("path") for each in _dicts(document.get("patchesJson6902"))]
    entries += merges if isinstance(merges, list) else []
    files = [each for each in entries if isinstance(each, str) and "\n" not in each]
    patches |= {_absolute(str(Path(file).parent / each)) for each in files}


def _dicts(value: Any) -> list[JSON]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _absolute(file: str) -> str:
    return file if file.startswith(_ADDRESSES) else str(Path(file).resolve())


def _flattened(document: Any, source: Source, file: str, reading: Reading) -> Iterator[Loaded]:
    """Yield the objects of a document; what is none becomes an error."""

    def wrong(message: str, path: str = "") -> None:
        place = Place(file, *source.at(path))
        reading.errors.append(FileError(place, message, FOUND))

    if isinstance(document, list):
        wrong(
            "is a list; separate the objects by lines of ---, "
            "or put them into the items of a kind: List"
        )
        return
    if not isinstance(document, dict):
        wrong(f"is {kind_of(document)}; {_EXPECTED}")
        return
    if wrongs := list(_envelope(document)):
        for path, message in wrongs:
            wrong(message, path)
        return
    if not isinstance(document.get("metadata") or {}, dict):
        found = kind_of(value := document["metadata"])
        colon = isinstance(value, str) and ":" in value
        remedy = "; write a space after each colon" if colon else ""
        wrong(f"metadata must be an object with a name, is {found}{remedy}", "metadata")
        return
    if not document["kind"].endswith("List") or not isinstance(document.get("items"), list):
        yield Loaded(document, file, source)
        return
    for item, inner in zip(document["items"], source.items(), strict=True):
        yield from _flattened(item, inner, file, reading)


def kind_of(value: Any) -> str:
    """Return what a value is, in words."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "no object")
