"""Output: objects as YAML, as JSON, as names, as the images of their pods or as a tree."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence

from hooks.cli import images
from hooks.cli.choice import one_of
from hooks.kernel.document import JSON
from hooks.kernel.yamltext import dumped

_ORDER = ("apiVersion", "kind", "metadata", "type", "spec", "data", "status")


def add_option(parser: argparse.ArgumentParser, default: str | None = "yaml") -> None:
    """Declare ``-o FORMAT``."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="FORM",
        **one_of(("yaml", "json", "names", "name", "images", "tree")),
        default=default,
        help="yaml (default), json (one List), names (Kind/name), name (as kubectl has it), "
        "images (what the pods pull) or tree",
    )


def show_tree(families: Iterable[tuple[JSON, Sequence[JSON]]]) -> None:
    """Print each parent with its children below it; a child that is a parent has its own."""
    children = {_name(parent): [*map(_name, made)] for parent, made in families}
    nested = {child for made in children.values() for child in made}
    for parent in children:
        if parent not in nested:
            print(parent)
            _branch(parent, children, "")


def _branch(parent: str, children: Mapping[str, Sequence[str]], indent: str) -> None:
    made = children.get(parent, ())
    for number, child in enumerate(made, start=1):
        last = number == len(made)
        print(f"{indent}{'└─' if last else '├─'} {child}")
        _branch(child, children, indent + ("   " if last else "│  "))


def _name(manifest: JSON) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def show(objects: Sequence[JSON], form: str) -> None:
    """Print objects as YAML documents, as one JSON ``kind: List``, or as lines."""
    if form == "names":
        for each in objects:
            print(_name(each))
    elif form == "name":
        for each in objects:
            group = each["apiVersion"].rpartition("/")[0].partition("/")[0]
            kind = f"{each['kind']}.{group}" if group else each["kind"]
            print(f"{kind.lower()}/{each['metadata']['name']}")
    elif form == "images":
        for image in images.named(objects):
            print(image)
    elif form == "json":
        print(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, indent=2))
    else:
        texts = (dumped(_ordered(each), sort_keys=False) for each in objects)
        sys.stdout.write("---\n".join(texts))


def _ordered(manifest: JSON) -> JSON:
    """Return a manifest with its keys in the order that people expect."""
    return {
        key: manifest[key]
        for key in sorted(
            manifest, key=lambda key: (_ORDER.index(key) if key in _ORDER else len(_ORDER), key)
        )
    }
