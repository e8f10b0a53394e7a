"""CLI: the command ``nimservice``, also called as ``kubectl nim``; one module for each subcommand.

A subcommand's module has ``add_arguments(parser)`` and ``run(args) -> int`` and is imported only when it is called, so that
``--help`` pays for none of them. Exit codes: 0 is fine, 1 is a problem that was found, 2 is a wrong call.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from hooks import __version__
from hooks.cli.error import CommandError

COMMANDS = {
    "render": "print the children that NIMServices get, without a cluster",
    "diff": "compare the children that NIMServices get with those in the cluster",
    "validate": "check NIMServices and NIMCaches as the API server would, and say what to do",
    "explain": "describe a field of NIMService or NIMCache",
    "simulate": "play a NIMService through on a stand-in for the cluster, until nothing changes",
    "migrate": "hand NIMServices of NVIDIA's operator over to the hooks: a plan, and --apply",
    "crd": "print the CustomResourceDefinitions",
    "serve": "start the hook server that Metacontroller calls",
}

_EXAMPLES = """\
examples:
  {program} validate -f nim.yaml                  is it right? what is wrong, and what to do
  {program} render -f nim.yaml                    which objects will it become?
  {program} render -f nim.yaml -o names           … their names alone
  {program} simulate -f nim.yaml                  play it through until it is Ready
  {program} explain spec.storage                  which fields are there?
  {program} crd | kubectl apply --server-side -f -

`{program} COMMAND --help` says more about a command. All but `diff`, `migrate` and `serve` work without a cluster.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # it looks for some in every package that is installed
    arguments = sys.argv[1:] if argv is None else list(argv)
    program = "kubectl nim" if Path(sys.argv[0]).stem == "kubectl-nim" else "nimservice"
    try:
        code = _run(program, arguments)
        sys.stdout.flush()
    except SystemExit as stop:  # argparse after --help, or with a wrong call
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except CommandError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return code


def _run(program: str, arguments: list[str]) -> int:
    command = next((argument for argument in arguments if not argument.startswith("-")), None)
    parser = _parser(program)
    if command is None:
        parser.parse_args(arguments)
        parser.print_help()
        return 0
    if command not in COMMANDS:
        near = get_close_matches(command, COMMANDS, n=1)
        parser.error(
            f"there is no command {command!r}"
            + (f"; did you mean {near[0]}?" if near else f": take one of {', '.join(COMMANDS)}")
        )
    module = importlib.import_module(f"hooks.cli.{command}")
    subparsers = parser.add_subparsers(dest="command", prog=program)
    module.add_arguments(subparsers.add_parser(command, formatter_class=_Help))
    code: int = module.run(parser.parse_args(arguments))
    return code


def _parser(program: str) -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {about}" for name, about in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog=program,
        usage=f"{program} [--help] [--version] COMMAND …",
        description=f"Run NVIDIA NIM microservices from the NIMService API.\n\ncommands:\n{commands}",
        epilog=_EXAMPLES.format(program=program),
        formatter_class=_Help,
    )
    parser.add_argument("--version", action="version", version=f"{program} {__version__}")
    return parser


class _Help(argparse.HelpFormatter):
    """Wraps a paragraph to the terminal's width and leaves text of several lines as it is written."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)
