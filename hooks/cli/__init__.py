"""CLI: the command ``nimservice``, also ``kubectl nim``; one module for each subcommand.

A subcommand's module has ``add_arguments(parser)`` and ``run(args) -> int``. It is imported only
when it is called, so that ``--help`` stays fast. Exit codes: 0 means success, 1 a problem found, 2
a wrong call.
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
    "render": "print the children of NIMServices and NIMPipelines, without a cluster",
    "diff": "compare the desired children of NIMServices with those in the cluster",
    "validate": "check NIMServices, NIMPipelines and NIMCaches as the API server would",
    "explain": "describe a field of NIMService, NIMPipeline or NIMCache",
    "simulate": "simulate a NIMService on an in-memory cluster until it settles",
    "migrate": "let the hooks manage NIMServices that NVIDIA's operator created",
    "crd": "print the CustomResourceDefinitions",
    "serve": "start the hook server that Metacontroller calls",
}

_EXAMPLES = """\
examples:
  {program} validate -f nim.yaml                  list its mistakes, each with a remedy
  {program} render -f nim.yaml                    print its children as YAML
  {program} render -f nim.yaml -o names           … their kinds and names only
  {program} simulate -f nim.yaml                  run it on a simulated cluster
  {program} explain spec.storage                  describe a field and the fields below it
  {program} crd | kubectl apply --server-side -f -

`{program} COMMAND --help` describes a command.
All commands but `diff`, `migrate` and `serve` work without a cluster.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    # pydantic looks for plugins in every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
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
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
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
            f"unknown command {command!r}"
            + (f"; did you mean {near[0]}?" if near else f"; use one of {', '.join(COMMANDS)}")
        )
    module = importlib.import_module(f"hooks.cli.{command}")
    subparsers = parser.add_subparsers(dest="command", prog=program)
    module.add_arguments(subparsers.add_parser(command, formatter_class=_Help))
    code: int = module.run(parser.parse_args(arguments))
    return code


def _parser(program: str) -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    commands = "".join(f"\n  {name:<{width}}  {about}" for name, about in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog=program,
        usage=f"{program} [--help] [--version] COMMAND …",
        description=f"Run NVIDIA NIM microservices from the NIMService API.\n\ncommands:{commands}",
        epilog=_EXAMPLES.format(program=program),
        formatter_class=_Help,
    )
    parser.add_argument("--version", action="version", version=f"{program} {__version__}")
    return parser


class _Help(argparse.HelpFormatter):
    """Wraps a paragraph to the terminal's width and keeps text of several lines as it is."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)
