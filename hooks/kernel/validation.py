"""Validation: why a stored spec cannot be built, in one finding with the path and the remedy.

A CustomResourceDefinition that somebody installed by hand may lack rules that the hooks rely on, so
types are checked here too.
"""

from typing import Any

from pydantic import ValidationError

from hooks.kernel.api.model import without_null
from hooks.kernel.crd import shipped, structure
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest

REASON = "InvalidSpec"


def of_types(kind: str, parent: Manifest, error: ValidationError) -> Finding:
    """Return the finding for a parent whose fields have wrong types or values.

    The schema words it where it knows the fault; else pydantic does.
    """
    schema: dict[str, Any] = shipped.schemas().get(kind, {}).get("properties", {}).get("spec", {})
    if problem := next(structure.check(without_null(parent.get("spec")), schema, "spec"), None):
        return Finding(REASON, problem.message, problem.remedy, path=problem.path)
    first = error.errors(include_url=False, include_input=False)[0]
    path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]
    ).removeprefix(".")
    return Finding(REASON, f"{first['msg'][0].lower()}{first['msg'][1:]}", "correct it", path=path)
