"""Admit: the admission step of every command: what the API server and the hooks would refuse.

``validate`` prints what it finds. The other commands stop with the same lines and exit code.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import ValidationError

from hooks.cli import advice, files, later, services, together
from hooks.cli.error import FOUND, CommandError
from hooks.cli.loaded import FileError, Loaded, Place, Reading
from hooks.cli.suggestion import Suggestions
from hooks.cli.terminal import paint, tell
from hooks.kernel import finding as kernel
from hooks.kernel import validation
from hooks.kernel.api.model import without_null
from hooks.kernel.crd import admission, extension, shipped
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.kernel.resource import Resource
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.preview.installation import SERVED

GROUP = "apps.nvidia.com"


class Finding(NamedTuple):
    """A problem, or a warning, at its place."""

    place: Place
    subject: str
    """The object, for example ``NIMService/llama``; empty where the file itself is wrong."""
    path: str
    message: str
    remedy: str = ""

    def line(self, mark: str = "") -> str:
        """Return the finding as one line, as compilers write it: ``file:line:column: …``."""
        path = paint(self.path, "bold", sys.stdout) if self.path and not mark else self.path
        text = kernel.with_remedy(self.message, self.remedy)
        return ": ".join(part for part in (str(self.place), mark, self.subject, path, text) if part)


@dataclass
class Admission:
    """The objects of the files, and what was found."""

    objects: list[Loaded] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    code: int = 0
    """The exit code: 0 without problems, 1 with problems, 2 where a file cannot be read."""


def add_force(parser: argparse.ArgumentParser) -> None:
    """Declare ``--force``."""
    parser.add_argument(
        "--force", action="store_true", help="go on where a file has problems; unknown fields drop"
    )


def admitted(args: argparse.Namespace) -> list[Loaded]:
    """Return the objects of the files of a command line.

    Raises:
        CommandError: where one has a problem and ``--force`` is not given; all were printed.
    """
    return passed(files.given(args), force=args.force, namespace=args.namespace)


def passed(reading: Reading, *, force: bool, namespace: str = "") -> list[Loaded]:
    """Return what was read; raise CommandError as ``admitted`` does."""
    found = check(reading, namespace)
    stop_at(found, force=force)
    return list(map(_forced, found.objects)) if found.problems else found.objects


def _forced(loaded: Loaded) -> Loaded:
    """Return an object without its unknown fields; raise CommandError for one without a sense."""
    if ours(loaded):
        manifest = admission.pruned(loaded.manifest)
        if manifest["apiVersion"] == admission.API_VERSION and _readable(manifest):
            return replace(loaded, manifest=manifest)
    elif not any(_of_kind(loaded)):
        return loaded
    raise CommandError(f"--force cannot go on with {loaded.subject}; correct it first", FOUND)


def _readable(manifest: JSON) -> bool:
    try:
        SERVED[manifest["kind"]].definition.model.parse(admission.named(manifest))
    except ValidationError:
        return False
    return True


def stop_at(found: Admission, *, force: bool) -> None:
    """Print the problems; raise CommandError unless there are none, or ``force`` can go on."""
    for problem in found.problems:
        tell(problem.line(), sys.stderr)
    if found.code > FOUND or (found.code and not force):
        raise CommandError("", found.code)
    if found.code:
        many = f"{len(found.problems)} problem{'s' if len(found.problems) > 1 else ''}"
        tell(f"goes on despite {many}, because of --force", sys.stderr)


def check(reading: Reading, namespace: str = "", *, portable: bool = False) -> Admission:
    """Check every object; one that is wrong hides nothing of the others.

    With ``portable``, a field that NVIDIA's operator lacks is a problem, too.
    """
    found, valid = Admission(reading.objects), list[Loaded]()
    for error in reading.errors:
        found.problems.append(_of_file(error))
        found.code = max(found.code, error.code)
    for loaded in reading.objects:
        problems = list(_problems(loaded, namespace))
        if portable and ours(loaded) and not problems:
            problems = list(_extensions(loaded))
        found.problems += [_at(loaded, problem) for problem in problems]
        found.code = max(found.code, FOUND if problems else 0)
        if not problems:
            found.warnings += [_at(loaded, problem) for problem in _warnings(loaded)]
            valid += [loaded] if ours(loaded) else []
    found.warnings += [
        _at(loaded, problem) for loaded, problem in together.warnings(valid, namespace)
    ]
    return found


def ours(loaded: Loaded) -> bool:
    """Whether an object is of a kind that is checked."""
    return loaded.kind in admission.kinds()


def _of_file(error: FileError) -> Finding:
    return Finding(error.place, "", "", error.message)


def _at(loaded: Loaded, problem: Problem) -> Finding:
    return Finding(loaded.place(problem.path), loaded.subject, *problem)


def _problems(loaded: Loaded, namespace: str) -> Iterator[Problem]:
    if not ours(loaded):
        yield from _of_kind(loaded)
        return
    if large := list(_too_large(loaded)):
        yield from large  # alone, because the other checks take minutes for such a spec
        return
    exact = {problem.path: problem for problem in later.check(loaded)}
    general = admission.problems(
        loaded.manifest, written=loaded.written, hint=Suggestions(loaded.kind)
    )
    # What names the mistake itself replaces what the schema says of the same field.
    general = [problem for problem in general if not _covered(problem.path, exact)]
    if loaded.kind == NIM_PIPELINE.kind:
        general = [_split(problem, loaded) for problem in general]
    if not exact and not general:
        general = list(_refused(loaded))
    yield from sorted((*exact.values(), *general), key=lambda each: loaded.place(each.path))
    given = (loaded.manifest.get("metadata") or {}).get("namespace")
    if namespace and given not in (None, namespace):
        yield Problem("metadata.namespace", f'is "{given}", and -n says {namespace}', "remove one")


def _too_large(loaded: Loaded) -> Iterator[Problem]:
    """Yield which spec of an object has more bytes than any child holds."""
    for path, manifest in services.within(loaded.manifest):
        served = SERVED.get(manifest["kind"])
        spec = manifest.get("spec")
        if served and (found := validation.of_size(spec, served.largest)):
            yield Problem(services.path(path, found.path), found.message, found.remedy)


def _extensions(loaded: Loaded) -> Iterator[Problem]:
    spec = shipped.schemas()[loaded.kind]["properties"]["spec"]
    for path in extension.used(spec, loaded.manifest.get("spec"), "spec"):
        yield Problem(path, "is an extension that NVIDIA's operator ignores", "remove it")


def _split(problem: Problem, loaded: Loaded) -> Problem:
    """Return a problem of a pipeline; too many services are none too many for two pipelines."""
    from hooks.nimpipeline.api.service import SERVICES  # noqa: PLC0415 - loads with pipelines alone

    spec = loaded.manifest.get("spec")
    listed = spec.get("services") if isinstance(spec, dict) else None
    if problem.path == "spec.services" and isinstance(listed, list) and len(listed) > SERVICES:
        return problem._replace(remedy="put some into another NIMPipeline")
    return problem


def _covered(path: str, exact: dict[str, Problem]) -> bool:
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in exact)


def _of_kind(loaded: Loaded) -> Iterator[Problem]:
    """Yield what is wrong with the kind of an object that is none of the API's."""
    by_lower_case = {kind.lower(): kind for kind in admission.kinds()}
    if meant := by_lower_case.get(loaded.kind.lower()):
        yield Problem("kind", f"must be {meant}, with these capital letters")
    elif loaded.manifest["apiVersion"].startswith(GROUP) and loaded.kind not in _OTHERS:
        near = get_close_matches(loaded.kind.lower(), by_lower_case, n=1, cutoff=0.75)
        if near:
            yield Problem(
                "kind",
                f"{loaded.kind} is no kind of {GROUP}",
                f"did you mean {by_lower_case[near[0]]}?",
            )


_OTHERS = {"NIMBuild"}
"""Kinds of the API group that are spelt like those that are checked."""


def _refused(loaded: Loaded) -> Iterator[Problem]:
    """Yield what the hooks refuse and no schema can express; on a cluster the status reports it."""
    for path, manifest in services.within(loaded.manifest):
        served = SERVED.get(manifest["kind"])
        if served and (found := _finding(served, manifest)):
            yield Problem(services.path(path, found.path), found.message, found.remedy)


def _finding(served: Resource[Any], manifest: JSON) -> kernel.Finding | None:
    try:
        parent = served.definition.model.parse(admission.named(manifest))
    except ValidationError as error:
        return validation.of_types(served.kind.kind, manifest, error)
    return served.check(parent)


def _warnings(loaded: Loaded) -> Iterator[Problem]:
    if ours(loaded):
        for path, manifest in services.within(without_null(loaded.manifest)):
            for problem in advice.give(manifest):
                yield problem._replace(path=services.path(path, problem.path))
    elif loaded.manifest["apiVersion"].startswith(f"{GROUP}/"):
        yield Problem("kind", f"these hooks do not serve {loaded.kind}; it was not checked")
