"""File text: what a file, an address or standard input has, and why it is not YAML."""

import sys
import time
from pathlib import Path

import yaml

from hooks.cli.bounds import OutOfBounds
from hooks.cli.loaded import FileError, Place
from hooks.cli.notyaml import remedy
from hooks.kernel.finding import with_remedy

ADDRESSES = ("http://", "https://")
_SECONDS = 30
"""How long an address may take to answer."""

_LARGEST = 16 << 20
"""How many bytes it may answer."""


def read(file: str, place: Place) -> str:
    """Return the text of a file; ``-`` is standard input.

    Raises:
        FileError: where it cannot be read.
    """
    try:
        if file == "-":
            return sys.stdin.read()
        if file.startswith(ADDRESSES):
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


def not_yaml(error: Exception, place: Place, text: str) -> FileError:
    """Return why a text cannot be read as YAML, with a remedy."""
    if isinstance(error, RecursionError):
        return FileError(place, "is nested too deeply for a Kubernetes object")
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        where = Place(place.file, mark.line + 1, mark.column + 1) if mark else place
        if isinstance(error, OutOfBounds):
            return FileError(where, str(error.problem))
        return FileError(where, with_remedy(f"not YAML: {error.problem}", remedy(error, text)))
    return FileError(place, f"not YAML: {' '.join(str(error).split())}")
