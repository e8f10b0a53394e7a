"""Kubeconfig: which one a command uses where none is named."""

import os
from pathlib import Path


def chosen(given: str | None) -> Path:
    """Return the kubeconfig that was named, else the first of ``KUBECONFIG``, else the user's own."""
    found = given or os.environ.get("KUBECONFIG", "").partition(os.pathsep)[0]
    return Path(found) if found else Path.home() / ".kube" / "config"
