"""Parser: the options of the commands, and their ``--help``."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

from hooks.cli import COMMANDS, terminal
from hooks.cli.error import FAILED, CommandError
from hooks.kernel.spelling import nearest


def parsed(
    program: str, command: str | None, arguments: Sequence[str]
) -> tuple[ModuleType, argparse.Namespace]:
    """Return the module of a command, and the arguments as it reads them.

    Raises:
        SystemExit: after ``--help``, or with a wrong call, which was told.
    """
    parser = _parser(program)
    if command is None:
        parser.parse_args(arguments)
        parser.error("no command is named; `--help` lists them")
    if command not in COMMANDS:
        remedy = nearest(command, COMMANDS) or f"use one of {', '.join(COMMANDS)}"
        parser.error(f"unknown command {command!r}; {remedy}")
    module = importlib.import_module(f"hooks.cli.{command}")
    commands = parser.add_subparsers(dest="command", prog=program, parser_class=_Command)
    _add(commands, command, module)
    return module, parser.parse_args(arguments)


def whole(program: str) -> argparse.ArgumentParser:
    """Return a parser with all commands; loading them takes as long as the slowest of them."""
    parser = _parser(program)
    commands = parser.add_subparsers(dest="command", prog=program, parser_class=_Command)
    for command in COMMANDS:
        try:
            _add(commands, command, importlib.import_module(f"hooks.cli.{command}"))
        except CommandError:  # a part of the installation is missing; the command says which
            commands.add_parser(command, help=COMMANDS[command])
    return parser


def _parser(program: str) -> argparse.ArgumentParser:
    """Return a parser without commands; ``hooks.cli`` prints its help and its version."""
    parser = _Parser(prog=program, formatter_class=_Help)
    parser.add_argument("--debug", action="store_true", help="show the whole trace of a bug")
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    return parser


def _add(
    commands: "argparse._SubParsersAction[_Command]",
    command: str,
    module: ModuleType,
) -> None:
    parser = commands.add_parser(command, help=COMMANDS[command], formatter_class=_Help)
    module.add_arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show the whole trace of a bug")
    parser.epilog = "\n\n".join(part for part in (parser.epilog, _exit_codes(module)) if part)


def _exit_codes(module: ModuleType) -> str:
    """Return what the exit codes of a command mean, for its ``--help``."""
    meanings = (*module.CODES, "it could not do it: a file, a cluster, a wrong call, a bug")
    return "exit codes:\n" + "\n".join(
        f"  {code}  {meaning}" for code, meaning in enumerate(meanings) if meaning
    )


class _Parser(argparse.ArgumentParser):
    """Tells a wrong call in one line, and where its help is."""

    def error(self, message: str) -> NoReturn:
        remedy = "" if message.endswith("?") else f"; see `{self.prog} --help`"
        terminal.tell(f"{self.prog}: {message}{remedy}", sys.stderr)
        self.exit(FAILED)


class _Command(_Parser):
    """Tells of options that a command does not have, and the nearest of its own."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            own = [name for action in self._actions for name in action.option_strings]
            remedy = nearest(unknown[0].partition("=")[0], own)
            told = f"unrecognized arguments: {' '.join(unknown)}"
            self.error(f"{told}; {remedy}" if remedy else told)
        return found, unknown


class _Help(argparse.HelpFormatter):
    """Wraps paragraphs, and lines of examples that are too long, to the terminal's width."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" not in text:
            return super()._fill_text(text, width, indent)
        return terminal.fitted(text, width)
