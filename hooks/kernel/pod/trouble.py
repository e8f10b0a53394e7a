"""Trouble: a cause for which pods are not ready, and how much it weighs."""

from collections.abc import Callable
from typing import NamedTuple

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.pod.reason import WEIGHT

NOW, OLD, GONE = range(3)
"""The pods of a trouble: the newest template's, or none; a former template's; ending or ended."""

_LONGEST = 900
"""Bytes of cause and remedy: a condition has 1 kB, and a verdict may put a sentence before them."""


class Explanation(NamedTuple):
    """A trouble in English."""

    cause: str
    """What is wrong, as a sentence without its full stop."""
    remedy: str
    """What to do about it, as a clause in lower case."""


class Symptom(NamedTuple):
    """What is wrong with one pod."""

    reason: str
    """One of the causes in ``reason``."""
    tell: Callable[[str], Explanation]
    """Explains it, given the pods as text: ``pod x`` or ``3 of 4 pods, such as x``."""
    subject: str = ""
    """The container, say: symptoms of several pods count as one if reason and subject are equal."""
    gone: bool = False
    """Whether the pod is ending or has ended."""


class Trouble(NamedTuple):
    """What is wrong with several pods, or with another object."""

    reason: str
    """One of the causes in ``reason``."""
    tell: Callable[[], Explanation]
    """Explains it; called for the worst trouble only."""
    standing: int = NOW
    """How current it is."""
    pods: int = 0
    """The number of its pods."""
    name: str = ""
    """The first of its pods, or the other object."""

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The sort key, the worst first: by standing, reason, number of pods and name."""
        return self.standing, WEIGHT[self.reason], -self.pods, self.name

    @property
    def finding(self) -> Finding:
        """The trouble in English."""
        told = self.tell()
        remedy = prose.shortened(prose.one_line(told.remedy), _LONGEST // 2)
        most = _LONGEST - len(remedy.encode()) - len("; ")
        return Finding(self.reason, prose.shortened(prose.one_line(told.cause), most), remedy)
