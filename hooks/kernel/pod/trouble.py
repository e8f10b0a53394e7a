"""Trouble: what keeps a NIMService from being ready, and how much it weighs."""

from collections.abc import Callable
from typing import NamedTuple

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.pod.reason import WEIGHT

NOW, OLD, GONE = range(3)
"""Of a pod of the newest template or of no pod at all; of a pod that is being replaced; of one that is ending or has ended."""

_LONGEST = 900
"""Bytes of a message: with what a verdict puts before it, a condition stays within 1 kB."""


class Symptom(NamedTuple):
    """What is wrong with one pod."""

    reason: str
    """One of the causes in ``reason``."""
    tell: Callable[[str], str]
    """Says it in a sentence and what to do in a clause, given the pods in words: ``pod x`` or ``3 of 4 pods, such as x``."""
    subject: str = ""
    """What further pods with the same reason have to share to be counted together: the container's name."""
    gone: bool = False
    """Whether the pod is ending or has ended, so that this is past."""


class Trouble(NamedTuple):
    """What is wrong, over all pods or with another object."""

    reason: str
    """One of the causes in ``reason``."""
    tell: Callable[[], str]
    """Says it in a sentence and what to do in a clause; called for the worst one only."""
    standing: int = NOW
    """How current it is."""
    pods: int = 0
    """How many pods have it."""
    name: str = ""
    """The first of them, or the object that has it."""

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The lowest is the worst: current ones first, then by reason, by the number of pods, by name."""
        return self.standing, WEIGHT[self.reason], -self.pods, self.name

    @property
    def finding(self) -> Finding:
        """The trouble in words."""
        return Finding(self.reason, prose.shortened(prose.one_line(self.tell()), _LONGEST))
