"""Running: the children of a NIMService once they run, and what its conditions give as reasons."""

from hooks.nimservice import children
from hooks.resources import Settings
from tests.situations import nimservice as situation
from tests.situations.nimservice import applied, rolled_out
from tests.situations.stored import DYNAMIC

CACHED = {"storage": {"nimCache": {"name": "cache"}}}
SETTINGS = Settings(resync_seconds=30, finalize_grace_seconds=300)


def running(counts=None, engine=DYNAMIC, related=(), **spec):
    """Return the children of a NIMService as observed once they run."""
    planned = children.plan(situation.context(related=related, **spec)).children
    return [
        applied(
            each,
            engine=engine,
            status=(counts or rolled_out()) if each["kind"] == "Deployment" else None,
        )
        for each in planned
    ]


def conditions(answer):
    return {each["type"]: each["reason"] for each in answer["status"]["conditions"]}


BROKEN = {"image": {"repository": "x", "tag": 1.8}}
