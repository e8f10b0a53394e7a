"""Token: the secret that Metacontroller shows with each call, as its file has it at that moment."""

import hmac
from pathlib import Path

from hooks.resources import Settings
from hooks.web.reread import Reread


class Tokens:
    """The tokens in a file, one a line: two of them while one takes the place of the other. Once it is empty, nobody is admitted."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = Reread((file,), self._read)

    def admit(self, authorization: str) -> bool:
        """Tell whether the value of an Authorization header shows one of the tokens; how long that takes tells nothing about them."""
        scheme, _, shown = authorization.partition(" ")
        text = shown.strip().encode(errors="replace")
        found = [hmac.compare_digest(text, token) for token in self._known.get()]
        return scheme.lower() == "bearer" and any(found)

    def __len__(self) -> int:
        return len(self._known.get())

    def _read(self) -> tuple[bytes, ...]:
        return tuple(line.strip() for line in self._file.read_bytes().splitlines() if line.strip())


def tokens(settings: Settings) -> Tokens | None:
    """Return the tokens that callers of the hooks show, or None where nobody is asked for one.

    Raises:
        OSError, ValueError: where the file cannot be read or is empty.
    """
    if not settings.token_file:
        return None
    known = Tokens(Path(settings.token_file))
    if not len(known):
        raise ValueError(f"{settings.token_file} is empty")
    return known
