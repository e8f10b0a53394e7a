"""Error: what stops a command, said in one line."""


class CommandError(Exception):
    """What stops a command; the text is one line for the person at the terminal."""
