"""GPU: whether two spellings name the same product, compared word by word.

Images write ``H100_NVL`` or ``h100-nvl``, nodes ``NVIDIA-H100-NVL``. Parts of words do not count:
an L40S is no L4, a GH200 no H200.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
_MAKER = "nvidia"


@lru_cache(maxsize=4096)  # a manifest repeats the same few names, profile by profile
def words(name: str) -> tuple[str, ...]:
    """Return the words of a product, without its maker: they are on every label."""
    return tuple(word for word in _WORD.findall(name.lower()) if word != _MAKER)


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
    for start in range(len(given)):
        run = ""
        for word in given[start:]:
            run += word
            if run == wanted:
                return True
            if len(run) >= len(wanted):
                break
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
