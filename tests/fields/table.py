"""Table: every field of a NIMService's spec, how it is tried out, and where its effect shows."""

from functools import cache

from tests.fields import devices, effect, exposed, picker, pods, storage
from tests.fields.leaf import Leaf, leaves
from tests.fields.row import PLATFORMS, Row

ROWS: dict[str, Row] = {**pods.ROWS, **storage.ROWS, **exposed.ROWS, **picker.ROWS, **devices.ROWS}
LEAVES: dict[str, Leaf] = {leaf.path: leaf for leaf in leaves()}


@cache
def effects(path: str) -> dict[str, tuple[str, ...]]:
    """Return where the effect of a field shows, by platform; nowhere is an empty answer."""
    return {platform: effect.of(LEAVES[path], ROWS[path], platform) for platform in PLATFORMS}
