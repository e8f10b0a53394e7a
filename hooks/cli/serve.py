"""Serve: start the hook server that Metacontroller calls."""

import argparse
import os
import sys

from hooks.kernel import settings
from hooks.kernel.settings import SettingsError
from hooks.resources import Settings

CODES = ("the server was asked to stop", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options; the epilog describes the settings, which come from the environment."""
    parser.description = (
        "Answer Metacontroller's sync, finalize and customize calls for NIMServices until SIGTERM. "
        "The server is stateless, so any number can run. It logs to standard error, one line of "
        "JSON for each request."
    )
    parser.add_argument(
        "--bind",
        type=_bind,
        default=("", 8080),
        metavar="HOST:PORT",
        help="address to listen on: a name, an IPv4 or an [IPv6] address; without a host every "
        "address, IPv6 and IPv4; port 0 picks a free port and logs it (default: :8080)",
    )
    parser.add_argument(
        "--workers", type=_count, default=2, metavar="N", help="processes (default: 2)"
    )
    parser.add_argument(
        "--threads",
        type=_count,
        default=4,
        metavar="N",
        help="threads of each process; workers × threads should be at least Metacontroller's "
        "--workers (default: 4)",
    )
    parser.epilog = _epilog()


def run(args: argparse.Namespace) -> int:
    """Serve; return 2 for a wrong setting, a file it names, or an address that is not available."""
    try:
        chosen = Settings.from_environment(os.environ)
    except SettingsError as error:
        for problem in error.problems:
            print(f"nimservice serve: {problem}", file=sys.stderr)
        return 2
    from hooks.web import server  # noqa: PLC0415 - --help does not need gunicorn

    if problems := list(server.unusable(chosen)):
        print("\n".join(f"nimservice serve: {problem}" for problem in problems), file=sys.stderr)
        return 2
    host, port = args.bind
    try:
        listener = server.listen(host, port)
    except OSError as error:
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        # Python repeats the address in parentheses.
        reason = (error.strerror or str(error)).partition(" (")[0]
        print(
            f"nimservice serve: cannot listen on {where}: {reason}; "
            "choose another address with --bind HOST:PORT",
            file=sys.stderr,
        )
        return 2
    server.serve(listener, chosen, args.workers, args.threads)
    return 0


def _bind(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise argparse.ArgumentTypeError(
            f"{text}: an IPv6 address needs brackets, as in [::1]:8080"
        )
    if not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text}: must be HOST:PORT with a port from 0 to 65535")
    return host, int(port)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text}: must be a whole number from 1 to 64")
    return int(text)


def _epilog() -> str:
    lines = ["environment:"]
    for item in settings.describe(Settings):
        lines += [
            f"  {item.variable}={item.default}",
            f"      {item.meaning}",
            f"      ({item.values})",
        ]
    return "\n".join(lines)
