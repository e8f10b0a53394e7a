"""Token: the secret of Metacontroller's calls, as its file holds it at the moment of a call."""

import hmac
from pathlib import Path

from hooks.resources import Settings
from hooks.web.reread import Reread


class Tokens:
    """The tokens in a file, one per line; two during a rotation. An empty file admits nobody."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = Reread((file,), self._read)

    def admit(self, authorization: str) -> bool:
        """Whether an Authorization header holds one of the tokens, compared in constant time."""
        scheme, _, shown = authorization.partition(" ")
        text = shown.strip().encode(errors="replace")
        found = [hmac.compare_digest(text, token) for token in self._known.get()]
        return scheme.lower() == "bearer" and any(found)

    def __len__(self) -> int:
        return len(self._known.get())

    def _read(self) -> tuple[bytes, ...]:
        return tuple(line.strip() for line in self._file.read_bytes().splitlines() if line.strip())


def tokens(settings: Settings) -> Tokens | None:
    """Return the tokens that the hooks accept, or None if they require none.

    Raises:
        OSError, ValueError: if the file cannot be read or is empty.
    """
    if not settings.token_file:
        return None
    known = Tokens(Path(settings.token_file))
    if not len(known):
        raise ValueError(f"{settings.token_file} is empty")
    return known
