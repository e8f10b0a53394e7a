"""Validation: why a spec cannot be built although the API server holds it, in one finding with the path and the remedy.

A CustomResourceDefinition that was installed by hand may lack what the hooks rely on, so types are looked at here too.
"""

from typing import Any

from pydantic import ValidationError

from hooks.kernel.api.model import without_null
from hooks.kernel.crd import shipped, structure
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest

REASON = "InvalidSpec"


def of_types(kind: str, parent: Manifest, error: ValidationError) -> Finding:
    """Return the finding for a parent whose fields have the wrong types or values, in the words of its schema where that has some."""
    schema: dict[str, Any] = shipped.schemas().get(kind, {}).get("properties", {}).get("spec", {})
    if problem := next(structure.check(without_null(parent.get("spec")), schema, "spec"), None):
        return Finding(REASON, problem.message, path=problem.path)
    first = error.errors(include_url=False, include_input=False)[0]
    path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]
    ).removeprefix(".")
    return Finding(REASON, f"{first['msg'][0].lower()}{first['msg'][1:]}: correct it", path=path)
