"""Output: objects as YAML, as JSON or as names."""

import argparse
import json
import sys
from collections.abc import Sequence

import yaml

from hooks.kernel.protocol import JSON

_ORDER = ("apiVersion", "kind", "metadata", "type", "spec", "data", "status")


def add_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``-o FORMAT``."""
    parser.add_argument(
        "-o",
        "--output",
        choices=("yaml", "json", "names"),
        default="yaml",
        help="yaml (default), json (one List) or names",
    )


def show(objects: Sequence[JSON], form: str) -> None:
    """Print objects as YAML documents, as one JSON ``kind: List``, or as lines ``Kind/name``."""
    if form == "names":
        for each in objects:
            print(f"{each['kind']}/{each['metadata']['name']}")
    elif form == "json":
        print(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, indent=2))
    else:
        dumped = (
            yaml.dump(
                _ordered(each), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120
            )
            for each in objects
        )
        sys.stdout.write("---\n".join(dumped))


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes text of several lines as a block, and no aliases."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _text)


def _ordered(manifest: JSON) -> JSON:
    """Return a manifest with its keys in the order that people expect."""
    return {
        key: manifest[key]
        for key in sorted(
            manifest, key=lambda key: (_ORDER.index(key) if key in _ORDER else len(_ORDER), key)
        )
    }
