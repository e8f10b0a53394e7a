"""Kubeconfig: the file that a command uses by default."""

import os
from pathlib import Path


def chosen(given: str | None) -> Path:
    """Return the given kubeconfig, else the first one of ``KUBECONFIG``, else the user's own."""
    path = given or os.environ.get("KUBECONFIG", "").partition(os.pathsep)[0]
    return Path(path) if path else Path.home() / ".kube" / "config"
