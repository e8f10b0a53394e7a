"""Edits: makes ``hooks/cli/edits.json``, which tells ``nimservice explain`` what an edit does.

``python -m tests.fields.edits`` prints it. The facts are those of the pages of fields; those of a
NIMService also say where the API server refuses to change the field.
"""

import json
import re
import sys
from collections.abc import Iterator

from hooks.kernel.crd import admission
from tests.fields import caches, pipelines, tried
from tests.fields.row import PLATFORMS
from tests.fields.table import LEAVES, ROWS, effects

IMMUTABLE = "immutable"


def text() -> str:
    """Return the facts as JSON, one field a line, so that two changes of it merge."""
    kinds = {
        "NIMService": _nimservice(),
        "NIMCache": ((leaf.field, caches.edit(path)) for path, leaf in caches.LEAVES.items()),
        "NIMPipeline": (
            (re.sub(r"\[\]", "", leaf.field), [_plain(each) for each in pipelines.effects(path)])
            for path, leaf in pipelines.LEAVES.items()
        ),
    }
    parts = (f"{json.dumps(kind)}: {{\n{_lines(facts)}\n}}" for kind, facts in kinds.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(facts: Iterator[tuple[str, object]]) -> str:
    return ",\n".join(
        f" {json.dumps(field.replace('[]', ''))}: {json.dumps(said, ensure_ascii=False)}"
        for field, said in facts
    )


def _nimservice() -> Iterator[tuple[str, dict[str, list[str]]]]:
    for path, leaf in LEAVES.items():
        shown = {
            platform: [*map(_plain, effects(path)[platform]), *_fixed(path, platform)]
            for platform in PLATFORMS
        }
        yield leaf.field, shown


def _fixed(path: str, platform: str) -> Iterator[str]:
    """Yield a word where the API server refuses to set the field of an object that exists."""
    without, having = tried.pair(path, ROWS[path], platform)
    if not tried.refused(without, having) and admission.problems(having, without):
        yield IMMUTABLE


def _plain(said: str) -> str:
    return re.sub(r"[*`]", "", said)


if __name__ == "__main__":
    sys.stdout.write(text())
