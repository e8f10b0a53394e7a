"""Completion: prints the script by which a shell completes commands, options, fields and files."""

import argparse
from collections.abc import Iterator

from hooks.cli import parser as commands
from hooks.cli import suggestion
from hooks.cli.choice import one_of
from hooks.cli.error import CommandError
from hooks.kernel.crd import shipped

CODES = ("the script was printed", "")
_SHELLS = ("bash", "zsh", "fish")
_KIND = "NIMService"
"""The kind whose fields ``explain`` takes without its name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.description = (
        "Print the script by which a shell completes the commands, their options, the fields of "
        "explain, and files. The shell reads it once; completing starts no program."
    )
    parser.epilog = """examples:
  eval "$(nimservice completion bash)"                       in ~/.bashrc
  nimservice completion zsh > ~/.zfunc/_nimservice           a folder of $fpath
  nimservice completion fish > ~/.config/fish/completions/nimservice.fish"""
    parser.add_argument("shell", **one_of(_SHELLS), metavar="SHELL", help=", ".join(_SHELLS))


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    try:
        import shtab  # noqa: PLC0415 - no other command needs it
    except ModuleNotFoundError:
        raise CommandError("completion: shtab is missing; run: pip install shtab") from None
    whole = commands.whole("nimservice")
    places = {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY}
    for action in _actions(whole):
        if action.metavar == "PATH":
            action.choices = [*_fields()]
        elif action.metavar in places:
            action.complete = places[action.metavar]  # type: ignore[attr-defined]
    print(shtab.complete(whole, args.shell, root_prefix="nimservice"))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _actions(each)


def _fields() -> Iterator[str]:
    """Yield the paths that ``explain`` takes."""
    for kind in shipped.schemas():
        above = "" if kind == _KIND else f"{kind.lower()}."
        yield from (above + path for path in suggestion.paths(kind))
