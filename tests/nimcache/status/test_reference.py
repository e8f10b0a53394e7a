"""The page of statuses explains every reason and every state of a NIMCache once."""

import re
from pathlib import Path

import hooks
from hooks.kernel.pod.reason import CAUSES
from hooks.nimcache.resource import RESOURCE
from hooks.nimcache.status import reference

PAGE = "".join(reference.pages())
DOCS = Path(hooks.__file__).parents[1] / "docs"


def test_every_reason_but_those_of_pods_stands_on_it_once():
    rows = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(each.name for each in RESOURCE.reasons if each not in CAUSES)


def test_every_state_stands_on_it():
    text = (Path(hooks.__file__).parent / "nimcache" / "api" / "status.py").read_text()
    (said,) = re.findall(r"The state in one word: (.+)\.", text)
    states = re.findall(r"`([\w-]+)`", said)
    assert len(states) == 7
    assert sorted(states) == sorted(re.findall(r"^\| `([\w-]+)` \| [^|]+ \|$", PAGE, re.MULTILINE))


def test_the_page_in_the_docs_is_this_one():
    assert (DOCS / "status-nimcache.md").read_text() == PAGE
