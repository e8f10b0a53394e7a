"""Stage: the step of a NIMCache's life, and the Jobs that the step desires."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimcache.choice import Choice


class Step(Enum):
    """A step of a NIMCache's life."""

    READY = "the claim holds the model"
    CLAIM_MISSING = "the named claim does not exist"
    CLAIM_AWAITED = "the claim is being created"
    CLAIM_ENDING = "the claim is being deleted"
    CLAIM_LOST = "the claim with the model is gone"
    CLAIM_BROKEN = "the claim has lost its volume"
    CLAIM_SHARED = "another NIMCache downloads into the claim"
    DOWNLOADING = "the download waits, runs or retries"
    FAILED = "the download failed, and starts anew later"
    REPLACING = "a former download has to end first"
    TAKEN = "the Job of that name has another owner"
    FORBIDDEN = "the installation denies its pods the rights that they need"
    STARTING = "the download is being created"
    PROBING = "the probe is reading the image"
    PROBE_FAILED = "the probe failed, and starts anew later"
    UNDECIDED = "nothing decides what to download"


@dataclass(frozen=True)
class Stage:
    """The step of a NIMCache, and what follows from it."""

    step: Step
    jobs: tuple[Manifest, ...] = ()
    """The desired Jobs."""
    choice: Choice | None = None
    """What the download takes, once it is chosen."""
    finding: Finding | None = None
    """What stops it."""
    due: datetime | None = None
    """When it starts anew."""
