"""What the published definitions admit and ours refuse has a reason, each in docs/refusals.md."""

import re
from pathlib import Path

import pytest

from hooks.kernel.crd import shipped
from tests.kernel.crd.test_crd import KINDS, needs_published, nodes, published

_BOUNDS = (
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
)
_ROW = re.compile(r"^\| (NIM\w+) \| (.+?) \| (webhook|fails|bound) \| (.+\.) \|$", re.MULTILINE)
ROWS = _ROW.findall((Path(__file__).parents[1] / "docs" / "refusals.md").read_text())


def written(kind):
    """Return the fields of the page."""
    named = [name for each, fields, *_ in ROWS if each == kind for name in fields.split(", ")]
    assert len(named) == len(set(named))
    return {"" if name == "the object" else f".{name.strip('`')}" for name in named}


def stricter(kind):
    """Yield the fields of which our definition says something that the published one does not."""
    theirs = published(kind)
    for path, ours in nodes(shipped.schemas()[kind]):
        if path not in theirs or path.startswith(".status"):
            continue
        rules = {each["rule"] for each in ours.get("x-kubernetes-validations", ())}
        known = {each["rule"] for each in theirs[path].get("x-kubernetes-validations", ())}
        required = set(ours.get("required", ())) - set(theirs[path].get("required", ()))
        if (
            rules - known
            or required
            or any(key in ours and ours[key] != theirs[path].get(key) for key in _BOUNDS)
        ):
            yield path


@needs_published
@pytest.mark.parametrize("kind", KINDS)
def test_every_field_that_is_stricter_here_has_a_reason(kind):
    assert written(kind) == set(stricter(kind))
