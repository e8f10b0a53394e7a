"""YAML text: plain data as people write it, with texts of several lines as blocks."""

import re
from typing import Any

import yaml


class _Dumper(yaml.CSafeDumper):
    """Writes text of several lines as a block, and no aliases."""

    def ignore_aliases(self, _: object) -> bool:
        return True


_OTHERWISE = re.compile(
    r"[yYnN]|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?0[oO][0-7_]+"
)
"""Texts that kubectl reads as a truth value or a number, and PyYAML writes without quotes."""


def _text(dumper: Any, text: str) -> yaml.Node:
    style = "|" if "\n" in text else "'" if _OTHERWISE.fullmatch(text) else None
    node: yaml.Node = dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)
    return node


_Dumper.add_representer(str, _text)


def dumped(value: Any, *, sort_keys: bool = True) -> str:
    """Return a value as YAML, its keys sorted or in their own order."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=sort_keys, allow_unicode=True, width=120)
    return text
