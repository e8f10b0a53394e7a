"""GPU: whether two spellings name the same product, compared word by word.

Images write ``H100_NVL`` or ``h100-nvl``, nodes ``NVIDIA-H100-NVL``. Parts of words do not count:
an L40S is no L4, a GH200 no H200.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate

_WORD = re.compile(r"[a-z0-9]+")
_MAKER = "nvidia"
_LONGEST = 128  # characters: a label has 63


@lru_cache(maxsize=4096)  # a manifest repeats the same few names, profile by profile
def words(name: str) -> tuple[str, ...]:
    """Return the words of a product, without its maker: they are on every label."""
    found = _WORD.findall(name[:_LONGEST].lower())
    return tuple(word for word in found if word != _MAKER)


def names(tag: str, label: str) -> bool:
    """Return whether a tag of an image names the product of a label.

    It does where its letters and digits are a run of whole words of the label, or where all its
    words are words of the label.
    """
    wanted, given = words(tag), words(label)
    if not wanted:
        return False
    return set(wanted) <= set(given) or _is_run("".join(wanted), given)


def _is_run(wanted: str, given: tuple[str, ...]) -> bool:
    joined, edges = "".join(given), {0, *accumulate(map(len, given))}
    place = joined.find(wanted)
    while place >= 0:
        if place in edges and place + len(wanted) in edges:
            return True
        place = joined.find(wanted, place + 1)
    return False


def closest(tags: Iterable[str], label: str) -> frozenset[str]:
    """Return the tags that name the product of a label most exactly.

    ``H100_NVL`` comes before ``H100``.
    """
    fitting = [tag for tag in tags if names(tag, label)]
    longest = max((_length(tag) for tag in fitting), default=0)
    return frozenset(tag for tag in fitting if _length(tag) == longest)


def asked(tags: Iterable[str], product: str) -> frozenset[str]:
    """Return the tags that a user means by a product.

    These are the closest ones, else those that are more specific.
    """
    known = tuple(tags)
    return closest(known, product) or frozenset(tag for tag in known if names(product, tag))


def _length(tag: str) -> int:
    return len("".join(words(tag)))
