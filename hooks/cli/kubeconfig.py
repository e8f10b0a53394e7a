"""Kubeconfig: the cluster that a command reads, and the file that names it."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hooks.cli.error import CommandError
from hooks.cluster.api import ApiError

if TYPE_CHECKING:
    from hooks.cluster.server import KubeServer


def add_option(parser: argparse.ArgumentParser, use: str = "read") -> None:
    """Declare the option for the file."""
    parser.add_argument(
        "--kubeconfig",
        metavar="FILE",
        help=f"cluster to {use} (default: the one kubectl uses)",
    )


@contextmanager
def connected(args: argparse.Namespace, *, instead: str) -> Iterator["KubeServer"]:
    """Give the cluster of the command line.

    Args:
        args: the command line. instead: the option that needs no cluster.

    Raises:
        CommandError: without the extra of the installation, and for a refusal of the API server.
    """
    try:
        from hooks.cluster.connection import Unreachable  # noqa: PLC0415 - an extra
        from hooks.cluster.server import KubeServer  # noqa: PLC0415 - an extra of the installation
    except ImportError:
        raise CommandError(
            "reading a cluster needs lightkube; "
            f"run pip install 'nimservice-hooks[cluster]', or use {instead}"
        ) from None
    try:
        opened = KubeServer(chosen(args.kubeconfig))
    except Unreachable as error:
        raise CommandError(f"{error}; name one with --kubeconfig, or use {instead}") from None
    try:
        with opened as server:
            yield server
    except Unreachable as error:
        remedy = f"name another cluster with --kubeconfig, or use {instead}"
        raise CommandError(f"{error}; {remedy}") from None
    except ApiError as error:
        raise CommandError(str(error)) from None


def chosen(given: str | None) -> Path:
    """Return the given kubeconfig, else the first one of ``KUBECONFIG``, else the user's own."""
    path = given or os.environ.get("KUBECONFIG", "").partition(os.pathsep)[0]
    return Path(path) if path else Path.home() / ".kube" / "config"
