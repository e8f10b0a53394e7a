"""Cause: why pods are not ready, in the words of those who know."""

from hooks.context import Context
from hooks.finding import Finding


def worst(ctx: Context) -> Finding | None:
    """Return the worst trouble of the pods, or None where there is none to be seen."""
    return None
