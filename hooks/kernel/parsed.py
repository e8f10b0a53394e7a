"""Parsed: a parent as its model, checked; a small one that comes again is not parsed again.

Metacontroller sends a parent at every event around it, mostly unchanged. The result depends on
nothing but the document, so it is kept by the document. Several syncs share a model: it is frozen,
and no builder changes the plain JSON within it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from pydantic import ValidationError

from hooks.kernel import validation
from hooks.kernel.api import parent
from hooks.kernel.api.parent import Parent
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest

SMALL = 2048
"""Most bytes of a document that is kept. A model takes up to 40 times its document."""

MOST = 256
"""Documents that are kept: 20 MB in a process at most, and 3 MB for typical specs."""

Check = Callable[[Any], Finding | None]


def of(manifest: Manifest, kind: str, model: type[Parent], check: Check) -> Parent | Finding:
    """Return the model of a manifest, or why it cannot be built.

    Args:
        manifest: the parent.
        kind: the name of its kind.
        model: the model of the whole object.
        check: returns why a spec that passes the schema cannot be built.
    """
    read = parent.read(manifest)
    try:
        document = orjson.dumps(read)
    except orjson.JSONEncodeError:  # a number of more than 64 bits
        return _checked(read, kind, model, check)
    if len(document) > SMALL:
        return _checked(read, kind, model, check)
    return _kept(document, kind, model, check)


@lru_cache(maxsize=MOST)
def _kept(document: bytes, kind: str, model: type[Parent], check: Check) -> Parent | Finding:
    # Read from the bytes, so that it shares nothing with the request.
    return _checked(orjson.loads(document), kind, model, check)


def _checked(read: Manifest, kind: str, model: type[Parent], check: Check) -> Parent | Finding:
    try:
        parsed = model.parse(read)
    except ValidationError as error:
        return validation.of_types(kind, read, error)
    return check(parsed) or parsed
