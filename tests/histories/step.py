"""Step: one thing that happens in a history."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One thing that happens, and how long until the next."""

    action: str
    args: tuple[Any, ...] = ()
    wait: float | None = 0

    def __str__(self) -> str:
        return f"{self.action}{self.args} then {self.wait} s"
