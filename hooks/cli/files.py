"""Files: reads Kubernetes objects from files, folders and addresses, and names each mistake."""

import argparse
import glob
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from hooks.cli import filetext, manifests
from hooks.cli.error import CommandError
from hooks.cli.loaded import FileError, Loaded, Place, Reading
from hooks.cli.loader import read_documents
from hooks.cli.terminal import tell
from hooks.kernel import dnsname
from hooks.kernel.document import JSON

_SUFFIXES = {".yaml", ".yml", ".json"}
_GROUP = "apps.nvidia.com"


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
    if name == "-" or name.startswith(filetext.ADDRESSES):
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
        text = filetext.read(file, place)
        for document, source in read_documents(text):
            if document is not None:
                blank = False
                for each in manifests.meant(document, source, place.file, found, reading):
                    _note_patches(each, file, patches)
    except FileError as error:
        reading.errors.append(error)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        _refuse(filetext.not_yaml(error, place, text), text, found, reading)
    if blank and before == (len(reading.objects), len(reading.errors), len(reading.passed)):
        if found:
            reading.passed.append(f"{place.file}: is empty")
        else:
            reading.errors.append(FileError(place, f"is empty; {manifests.EXPECTED}"))


def _refuse(refusal: FileError, text: str, found: bool, reading: Reading) -> None:
    """Add why a file is not YAML; a template in a folder is read past unless it is of the API."""
    if "{{" not in text:
        reading.errors.append(refusal)
    elif found and _GROUP not in text:
        reading.passed.append(f"{refusal.place.file}: is a template")
    else:
        advice = "render a template first, for example helm template . | nimservice validate -f -"
        reading.errors.append(FileError(refusal.place, f"{refusal.message}; {advice}"))


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
    return file if file.startswith(filetext.ADDRESSES) else str(Path(file).resolve())
