"""Explain: describes a field of the API like ``kubectl explain``, offline."""

import argparse
import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator

from hooks.cli import edits
from hooks.cli.error import CommandError
from hooks.cli.suggestion import Suggestions
from hooks.cli.terminal import paint
from hooks.kernel.crd import shipped, structure
from hooks.kernel.document import JSON

CODES = ("the field is described", "")

_KIND = "NIMService"
"""The kind where a path names none."""

_KINDS = {
    **dict.fromkeys(("nimservice", "nimservices", "nims"), "NIMService"),
    **dict.fromkeys(("nimcache", "nimcaches", "nimc"), "NIMCache"),
    **dict.fromkeys(("nimpipeline", "nimpipelines", "nimp"), "NIMPipeline"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Describe a field of NIMService, NIMPipeline or NIMCache: its type, its limits, its rules "
        "and the fields below it; whether an edit restarts pods, on which platform; and whether "
        "NVIDIA's definition lacks it."
    )
    parser.epilog = """examples:
  nimservice explain                                describe NIMService
  nimservice explain spec.storage                   describe a field and the fields below it
  nimservice explain nimcache.spec.source.ngc       … of a NIMCache
  nimservice explain nimpipeline.spec.services      … of a NIMPipeline
  nimservice explain spec.expose --recursive        list the names of all fields below a field"""
    parser.add_argument(
        "path",
        nargs="?",
        default="nimservice",
        metavar="PATH",
        help="nimservice.spec.storage, spec.storage or nimcache.spec.source",
    )
    parser.add_argument(
        "--recursive",
        action="store_true",
        help="print the names of all fields below it, without their descriptions",
    )


def run(args: argparse.Namespace) -> int:
    """Print the description of a field."""
    kind, names = _parse(args.path)
    schema, required = _find(kind or _KIND, names, chosen=bool(kind))
    kind = kind or _KIND
    print(f"{_bold('GROUP:')}    apps.nvidia.com")
    print(f"{_bold('KIND:')}     {kind}")
    print(f"{_bold('VERSION:')}  v1alpha1\n")
    if names:
        print(f"{_bold('FIELD:')}    {_title(names[-1], schema, required)}\n")
        if edits.extends(kind, ".".join(names)):
            print(f"{_bold('EXTENSION:')} NVIDIA's definition lacks this field.\n")
    description = schema.get("description", "Kubernetes gives no description.")
    print(f"{_bold('DESCRIPTION:')}\n{_wrapped(description, '    ')}")
    for heading, lines in (
        ("AN EDIT", edits.told(kind, ".".join(names))),
        ("LIMITS", _limits(schema)),
        ("REFUSED WHEN ONE OF THESE DOES NOT HOLD", _rules(schema)),
    ):
        if text := "\n".join(_wrapped(line, "    - ") for line in lines):
            print(f"\n{_bold(heading + ':')}\n{text}")
    if text := "\n".join(_tree(schema, "  ") if args.recursive else _fields(schema)):
        print(f"\n{_bold('FIELDS:')}\n{text.rstrip()}")
    return 0


def _parse(path: str) -> tuple[str, list[str]]:
    """Return the kind if it is named, and the fields of a path without indices such as ``[0]``."""
    names = [name for name in re.sub(r"\[\w*\]", "", path).split(".") if name]
    first, *rest = names or ["nimservice"]
    kind = _KINDS.get(first.lower())
    return (kind, rest) if kind else ("", [first, *rest])


def _find(kind: str, names: list[str], *, chosen: bool) -> tuple[JSON, bool]:
    """Return the schema of a field and whether it is required."""
    schema, required, seen = shipped.schemas()[kind], False, kind.lower()
    for name in names:
        inner = _inner(schema)
        properties = inner.get("properties", {})
        if name not in properties:
            parent = seen.partition(".")[2]
            hint = "it has no fields at all"
            others = () if chosen else [each for each in shipped.schemas() if _has(each, names)]
            if meant := _KINDS.get(f"nim{names[0]}".lower()):
                hint = f"did you mean {'.'.join((meant.lower(), *names[1:]))}?"
            elif others:
                path = ".".join((others[0].lower(), *names))
                hint = f"{others[0]} has it: nimservice explain {path}"
            elif properties:
                hint = Suggestions(kind)(parent, name, properties)
            raise CommandError(f"explain: {seen} has no field {name}; {hint}")
        schema, required, seen = (
            properties[name],
            name in inner.get("required", ()),
            f"{seen}.{name}",
        )
    return schema, required


def _has(kind: str, names: list[str]) -> bool:
    """Whether a kind has a field of this path."""
    schema = shipped.schemas()[kind]
    for name in names:
        schema = _inner(schema).get("properties", {}).get(name)
        if schema is None:
            return False
    return True


def _inner(schema: JSON) -> JSON:
    """Return the schema whose fields a path can name: that of the entries of a list or a map."""
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            return _inner(schema[key])
    return schema


def _type(schema: JSON) -> str:
    if "items" in schema:
        return f"[]{_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map[string]{_type(schema['additionalProperties'])}"
    if schema.get("x-kubernetes-int-or-string"):
        return "integer or string"
    kind: str = schema.get("type", "any")
    return "Object" if kind == "object" else kind


def _title(name: str, schema: JSON, required: bool) -> str:
    default = f" (default {json.dumps(schema['default'])})" if "default" in schema else ""
    mark = " -required-" if required and not default else ""
    return f"{_bold(name)} <{_type(schema)}>{default}{mark}"


def _choices(schema: JSON) -> str:
    return "one of " + ", ".join(str(choice) for choice in schema["enum"] if choice != "")


def _limits(schema: JSON) -> Iterator[str]:
    if "enum" in schema:
        yield _choices(schema)
    for bound, key in (("at least", "minimum"), ("at most", "maximum")):
        if key in schema:
            yield f"{bound} {schema[key]}"
    for unit, key in (("entries", "Items"), ("characters", "Length")):
        if f"min{key}" in schema or f"max{key}" in schema:
            least, most = schema.get(f"min{key}", 0), schema.get(f"max{key}", "any number of")
            yield f"{least} to {most} {unit}"
    if "pattern" in schema:
        yield f"must {structure.form(schema)}"


def _rules(schema: JSON) -> Iterator[str]:
    yield from (rule["message"] for rule in schema.get("x-kubernetes-validations", ()))
    if (inner := _inner(schema)) is not schema:
        yield from _rules(inner)


def _fields(schema: JSON) -> Iterator[str]:
    inner = _inner(schema)
    for name, part in inner.get("properties", {}).items():
        yield f"  {_title(name, part, name in inner.get('required', ()))}"
        if "enum" in part:
            yield f"    {_choices(part)}"
        yield _wrapped(part.get("description", ""), "    ") + "\n"


def _tree(schema: JSON, indent: str) -> Iterator[str]:
    inner = _inner(schema)
    for name, part in inner.get("properties", {}).items():
        yield indent + _title(name, part, name in inner.get("required", ()))
        yield from _tree(part, indent + "  ")


def _bold(text: str) -> str:
    return paint(text, "bold", sys.stdout)


def _wrapped(text: str, start: str) -> str:
    indent, width = " " * len(start), min(shutil.get_terminal_size().columns, 110)
    lines = [
        textwrap.fill(
            line,
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
        for line in text.splitlines()
    ]
    return start + "\n".join(lines)[len(start) :]
