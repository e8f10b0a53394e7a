"""Names: of objects, labels and annotations."""

import re
from collections.abc import Iterator
from typing import Any

from hooks.cli.later.values import cut
from hooks.kernel import dnsname
from hooks.kernel.crd.structure import Problem
from hooks.kernel.observed import mapping

_KEY = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")

_LOWER = "lower-case letters, digits, '-' and '.', with a letter or digit at both ends"


def of_labels(labels: Any, path: str) -> Iterator[Problem]:
    """Yield what is wrong with the keys and the values of labels."""
    yield from of_keys(labels, path)
    for key, value in mapping(labels).items():
        if isinstance(value, str) and value and (len(value) > 63 or not _KEY.fullmatch(value)):
            yield Problem(
                f"{path}[{key}]",
                f'"{cut(value)}" is no value of a label',
                "use at most 63 letters, digits, '-', '_' and '.', "
                "with a letter or digit at both ends",
            )


def of_keys(entries: Any, path: str) -> Iterator[Problem]:
    """Yield what is wrong with the keys of labels or annotations."""
    for key in mapping(entries):
        prefix, slash, name = str(key).rpartition("/")
        wrong = len(name) > 63 or not _KEY.fullmatch(name)
        wrong |= bool(slash) and not dnsname.is_subdomain(prefix)
        if wrong:
            yield Problem(
                path if path.endswith(".key") else f"{path}[{key}]",
                f'"{cut(str(key))}" is no key',
                "use at most 63 letters, digits, '-', '_' and '.', "
                "after a domain and '/' if you like",
            )


def of_object(value: Any, path: str) -> Iterator[Problem]:
    """Yield what is wrong with the name of an object."""
    if isinstance(value, str) and value and not dnsname.is_subdomain(value):
        yield Problem(path, f'"{value}" is no name of an object', f"use {_LOWER}")
