"""CLI: the command ``nimservice``, also ``kubectl nim``; one module for each subcommand.

A subcommand's module has ``add_arguments(parser)`` and ``run(args) -> int``. It is imported only
when it is called, and argparse too, so that ``--help`` stays fast. Every command has the same exit
codes: 0 means that all is well, 1 that it found something (problems, a difference), 2 that it
could not do it.
"""

import gc
import os
import sys
from collections.abc import Sequence

from hooks import __version__
from hooks.cli import terminal
from hooks.cli.error import FAILED, CommandError

COMMANDS = {
    "render": "print the children of NIMServices and NIMPipelines",
    "diff": "compare the desired children of NIMServices with existing ones",
    "validate": "check NIMServices, NIMPipelines and NIMCaches",
    "explain": "describe a field of NIMService, NIMPipeline or NIMCache",
    "simulate": "simulate a NIMService on an in-memory cluster until it settles",
    "doctor": "find what an installation, or a cluster, lacks",
    "migrate": "let the hooks manage NIMServices of NVIDIA's operator",
    "crd": "print the CustomResourceDefinitions",
    "completion": "print the completion of commands for bash, zsh or fish",
    "serve": "start the hook server that Metacontroller calls",
}

_HELP = """\
usage: {program} [--help] [--version] COMMAND …

Run NVIDIA NIM microservices from the NIMService API.

commands:
{commands}

options:
  -h, --help  show this help and exit
  --debug     show the whole trace of a bug
  --version   show the version and exit

examples:
  {program} validate -f nim.yaml         list its mistakes, each with a remedy
  {program} render -f nim.yaml           print its children as YAML
  {program} render -f nim.yaml -o names  … their kinds and names only
  {program} simulate -f nim.yaml         run it on a simulated cluster
  {program} explain spec.storage         describe a field and the fields below
  {program} crd | kubectl apply --server-side -f -

exit codes of every command:
  0  all is well
  1  it found something: a problem, a difference, a model that is not Ready
  2  it could not do it: a file, the cluster, a wrong call, a bug

`{program} COMMAND --help` describes a command.
All but `diff`, `doctor`, `migrate` and `serve` work without a cluster.
"""

_REPORT = "please report it in the issues of this project, with the files and the rest from --debug"


_NO_CEL = (
    "files are checked by the package common-expression-language, which the image of the hook "
    "server leaves out; run: pip install nimservice-hooks"
)


def run() -> None:
    """Run the command line as a process of its own, and end it."""
    gc.disable()  # nothing that is loaded becomes garbage; `_run` goes on collecting
    code = main()
    if "hooks.cli.serve" in sys.modules:  # a server, or one of its workers
        sys.exit(code)
    # The system takes back all at once what Python would take apart, module by module.
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - loading contextlib takes time, too
            stream.flush()
        except OSError:  # nobody reads any more
            pass
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    # pydantic would look for its plugins in every installed package: a tenth of a command's time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    arguments = sys.argv[1:] if argv is None else list(argv)
    plugin = os.path.basename(sys.argv[0]).startswith("kubectl-nim")  # noqa: PTH119 - pathlib costs
    program = "kubectl nim" if plugin else "nimservice"
    with terminal.guarded():
        return _code(program, arguments)


def _code(program: str, arguments: list[str]) -> int:
    try:
        code = _run(program, arguments)
        sys.stdout.flush()
    except SystemExit as stop:  # argparse after --help, or with a wrong call
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except CommandError as error:
        if str(error):
            terminal.tell(f"{program}: {error}", sys.stderr)
        return error.code
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - a bug, which a person reads in one line
        lacks_cel = isinstance(error, ModuleNotFoundError) and error.name == "cel"
        terminal.tell(f"{program}: {_NO_CEL if lacks_cel else _bug(error)}", sys.stderr)
        if "--debug" in arguments:
            import traceback  # noqa: PLC0415 - for bugs alone

            traceback.print_exc()
        return FAILED
    return code


def _bug(error: Exception) -> str:
    """Return what is said of an error that no command expects."""
    import traceback  # noqa: PLC0415 - for bugs alone

    where = traceback.extract_tb(error.__traceback__)[-1]
    words = " ".join(str(error).split())
    cause = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return f"a bug: {cause} (in {os.path.basename(where.filename)}:{where.lineno}); {_REPORT}"  # noqa: PTH119


def _run(program: str, arguments: list[str]) -> int:
    command = next((argument for argument in arguments if not argument.startswith("-")), None)
    before = arguments[: arguments.index(command)] if command else arguments
    if {"-h", "--help"} & {*before} or not arguments:
        print(_help(program), end="")
        return 0
    if "--version" in before:
        print(f"{program} {__version__}")
        return 0
    from hooks.cli import parser  # noqa: PLC0415 - loading argparse takes half of the start

    module, args = parser.parsed(program, command, arguments)
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    code: int = module.run(args)
    return code


def _help(program: str) -> str:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {about}" for name, about in COMMANDS.items())
    return terminal.fitted(_HELP.format(program=program, commands=commands))
