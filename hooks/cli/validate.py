"""Validate: checks objects offline as the API server would, and prints problems with remedies."""

import argparse
import json
import sys
from collections import Counter

from hooks.cli import admit, files
from hooks.cli.admit import Admission, Finding
from hooks.cli.choice import one_of
from hooks.cli.terminal import paint, tell
from hooks.kernel.finding import with_remedy

CODES = ("no problem", "a problem, or several")
_FORMS = ("text", "json", "github")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Check the NIMServices, NIMPipelines and NIMCaches in files without a cluster: against "
        "the schemas and rules of their CustomResourceDefinitions, against the further checks "
        "of the hooks, and for what Kubernetes would refuse in their children. Prints one line "
        "for each problem, as file:line:column, object, field, cause and remedy. Warnings "
        "go to standard error. Rules about changes of an existing object need the cluster, so the "
        "command skips them. It skips objects of other kinds, too."
    )
    parser.epilog = """examples:
  nimservice validate -f nim.yaml
  nimservice validate -R manifests/                 every .yaml, .yml and .json file in there
  kustomize build . | nimservice validate -f -
  nimservice validate -f nim.yaml --portable        nor fields that NVIDIA's operator ignores
  nimservice validate -f nim.yaml -o github         annotations of a pull request"""
    files.add_option(parser)
    parser.add_argument(
        "--portable",
        action="store_true",
        help="also name the extensions, fields that NVIDIA's operator would ignore",
    )
    parser.add_argument(
        "-o",
        "--output",
        **one_of(_FORMS),
        default="text",
        help="text (default), json, or github: annotations of GitHub Actions",
    )


def run(args: argparse.Namespace) -> int:
    """Check every object; return 1 if there is a problem, 2 if a file cannot be read, else 0."""
    found = admit.check(files.given(args), args.namespace, portable=args.portable)
    if args.output == "json":
        _show_json(found)
        return found.code
    if args.output == "github":
        for level, each in _levels(found):
            print(_annotation(level, each))
        return found.code
    for each in found.problems:
        tell(each.line())
    for each in found.warnings:
        tell(each.line(paint("warning", "yellow", sys.stderr)), sys.stderr)
    if not found.problems:
        _sum_up(found, args.verbose)
    return found.code


def _sum_up(found: Admission, verbose: bool) -> None:
    """Say what was checked, for people; that it was nothing is for everybody."""
    kinds = Counter(each.kind for each in found.objects if admit.ours(each))
    others = Counter(each.kind for each in found.objects if not admit.ours(each))
    if verbose and others:
        tell(f"read past {_counted(others)}", sys.stderr)
    if not kinds:
        print("nothing to check: found no NIMService, NIMPipeline or NIMCache", file=sys.stderr)
    elif sys.stderr.isatty():
        print(paint(f"{_counted(kinds)}: no problems", "green", sys.stderr), file=sys.stderr)


def _counted(kinds: Counter[str]) -> str:
    return ", ".join(
        f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in sorted(kinds.items())
    )


def _levels(found: Admission) -> list[tuple[str, Finding]]:
    return [
        *(("error", each) for each in found.problems),
        *(("warning", each) for each in found.warnings),
    ]


def _show_json(found: Admission) -> None:
    entries = [
        {
            "level": level,
            "file": each.place.file,
            "line": each.place.line,
            "column": each.place.column,
            "object": each.subject,
            "path": each.path,
            "message": each.message,
            "remedy": each.remedy,
        }
        for level, each in _levels(found)
    ]
    print(json.dumps({"findings": entries}, indent=2, ensure_ascii=False))


def _annotation(level: str, found: Finding) -> str:
    """Return a finding as GitHub Actions reads it from a log."""
    place = found.place
    where = [f"file={_escaped(place.file, ':,')}"]
    where += [f"line={place.line}", f"col={place.column}"] if place.line else []
    text = with_remedy(found.message, found.remedy)
    words = ": ".join(part for part in (found.subject, found.path, text) if part)
    return f"::{level} {','.join(where)}::{_escaped(words)}"


def _escaped(text: str, more: str = "") -> str:
    for mark in f"%\r\n{more}":
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text
