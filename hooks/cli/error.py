"""Error: why a command stops."""

FOUND = 1
"""The exit code where a command found something: problems, or a difference."""

FAILED = 2
"""The exit code where a command could not do it: a file, the cluster, a wrong call, a bug."""


class CommandError(Exception):
    """Why a command stops; the text is one line for the person at the terminal.

    An empty text means that everything was said before.
    """

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code
