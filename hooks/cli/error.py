"""Error: why a command stops."""


class CommandError(Exception):
    """Why a command stops; the text is one line for the person at the terminal."""
