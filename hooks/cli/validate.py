"""Validate: checks objects offline as the API server would, and prints problems with remedies."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator

from hooks.cli import advice, files, services
from hooks.cli.files import FileError, Loaded
from hooks.cli.terminal import paint
from hooks.kernel.api.model import without_null
from hooks.kernel.crd import admission
from hooks.kernel.crd.structure import Problem
from hooks.preview.installation import SERVED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Check the NIMServices, NIMPipelines and NIMCaches in files without a cluster: against "
        "the schemas and rules of their CustomResourceDefinitions, and against the further checks "
        "of the hooks. Prints one line for each problem and exits with 1 if there is one. Warnings "
        "go to standard error. Rules about changes of an existing object need the cluster, so the "
        "command skips them. It skips objects of other kinds, too."
    )
    parser.epilog = """examples:
  nimservice validate -f nim.yaml
  nimservice validate -f manifests/                 all .yaml, .yml and .json files of a folder
  kustomize build . | nimservice validate -f -"""
    files.add_option(parser)


def run(args: argparse.Namespace) -> int:
    """Check every object; return 1 if there is a problem, else 0."""
    wrong, seen = False, Counter[str]()
    for name in args.files:
        try:
            objects = files.load([name])
        except FileError as error:
            print(f"{error}")
            wrong = True
            continue
        for loaded in objects:
            wrong |= _report(loaded)
            seen[loaded.kind] += loaded.kind in admission.kinds()
    if not wrong and sys.stderr.isatty():
        counts = ", ".join(
            f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in seen.items() if count
        )
        print(
            paint(f"{counts or 'nothing to check'}: no problems", "green", sys.stderr),
            file=sys.stderr,
        )
    return int(wrong)


def _report(loaded: Loaded) -> bool:
    """Print an object's problems, or else its warnings; return whether it has a problem."""
    where = f"{loaded.file}: {loaded.kind}/{loaded.name}"
    problems = list(_problems(loaded))
    for problem in problems:
        print(f"{where}: {paint(problem.path, 'bold', sys.stdout)}: {problem.text}")
    for problem in [] if problems else _warnings(loaded):
        print(
            f"{paint('warning:', 'yellow', sys.stderr)} {where}: {problem.path}: {problem.text}",
            file=sys.stderr,
        )
    return bool(problems)


def _problems(loaded: Loaded) -> Iterator[Problem]:
    if loaded.kind in admission.kinds():
        problems = admission.problems(loaded.manifest)
        yield from problems or _refused(loaded)
    elif meant := next(
        (kind for kind in admission.kinds() if kind.lower() == loaded.kind.lower()), None
    ):
        yield Problem("kind", f"must be {meant}, with these capital letters")


def _refused(loaded: Loaded) -> Iterator[Problem]:
    """Yield what the hooks refuse and no schema can express; on a cluster the status reports it."""
    for path, manifest in services.within(loaded.manifest):
        resource = SERVED.get(manifest["kind"])
        if resource and (found := resource.check(resource.definition.model.parse(manifest))):
            yield Problem(services.path(path, found.path), found.message, found.remedy)


def _warnings(loaded: Loaded) -> Iterator[Problem]:
    if loaded.kind in admission.kinds():
        for path, manifest in services.within(without_null(loaded.manifest)):
            for problem in advice.give(manifest):
                yield problem._replace(path=services.path(path, problem.path))
    elif loaded.manifest["apiVersion"].startswith("apps.nvidia.com/"):
        yield Problem("kind", f"these hooks do not serve {loaded.kind}; it was not checked")
