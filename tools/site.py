"""Site: shows pages outside ``docs/`` in the documentation, so that each text is in one place.

A page links to files by their paths in the repository, so that its links work there. In the site
they become links between pages. A link to a file that is not a page becomes plain text.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
OUTSIDE = {
    "README.md": "index.md",
    "metacontroller/README.md": "install.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "reporting.md",
}
"""The files outside ``docs/``, each with its page in the site."""

LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
MARK = re.compile(r"^( *```\w+ title=\"[^\"\n]*\") refused$", re.MULTILINE)
"""The mark of a block that shows a mistake, for the tests; mkdocs would not show such a block."""
CODE = re.compile(r"(^ *```.*?^ *```$|`[^`\n]*`)", re.MULTILINE | re.DOTALL)


def on_config(config: "MkDocsConfig") -> "MkDocsConfig":
    """Expand the navigation: ``folder/*`` is the folder's pages, ``*`` all other pages."""
    config.nav = _expanded(
        config.nav, sorted({*_all(), *OUTSIDE.values()} - set(_named(config.nav)))
    )
    return config


def on_files(files: "Files", config: "MkDocsConfig") -> "Files":
    """Add the pages from outside ``docs/``."""
    # The tests resolve links without mkdocs.
    from mkdocs.structure.files import File  # noqa: PLC0415

    for source, page in OUTSIDE.items():
        files.append(
            File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8"))
        )
    return files


def on_page_markdown(markdown: str, page: "Page", **_: object) -> str:
    """Return a page with links between pages, and with blocks that mkdocs can read."""
    return MARK.sub(r"\1", with_links(markdown, page.file.src_uri))


def with_links(markdown: str, page: str) -> str:
    """Return the text of a page with its links resolved, outside code."""
    parts = CODE.split(markdown)
    # A link's text may contain code, so each piece of code is replaced by a mark meanwhile.
    kept = {f"\0{number}\0": code for number, code in enumerate(parts[1::2])}
    text = "".join(
        part if not index % 2 else f"\0{index // 2}\0" for index, part in enumerate(parts)
    )
    text = LINK.sub(lambda found: _link(found[1], found[2], page), text)
    return re.sub(r"\0\d+\0", lambda found: kept[found[0]], text)


def links(markdown: str) -> Iterator[str]:
    """Yield the targets of the links in a text, outside code."""
    for found in LINK.finditer(CODE.sub("", markdown)):
        yield found[2]


def source_of(page: str) -> str:
    """Return the file of a page, as a path in the repository."""
    return next((source for source, made in OUTSIDE.items() if made == page), f"docs/{page}")


def _all() -> Iterator[str]:
    docs = ROOT / "docs"
    yield from (page.relative_to(docs).as_posix() for page in docs.rglob("*.md"))


def _named(nav: Any) -> Iterator[str]:
    """Yield the pages that a navigation names, those of ``folder/*`` among them."""
    if isinstance(nav, str):
        yield from (
            (page for page in _all() if Path(page).match(nav)) if nav.endswith("/*") else (nav,)
        )
    for entry in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _named(entry)


def _expanded(nav: Any, rest: list[str]) -> Any:
    if isinstance(nav, dict):
        return {title: _expanded(entries, rest) for title, entries in nav.items()}
    if not isinstance(nav, list):
        return nav
    expanded: list[Any] = []
    for entry in nav:
        if entry == "*":
            expanded += rest
        elif isinstance(entry, str) and entry.endswith("/*"):
            expanded += sorted(
                _named(entry), key=lambda page: (not page.endswith("README.md"), page)
            )
        else:
            expanded.append(_expanded(entry, rest))
    return expanded


def _link(text: str, target: str, page: str) -> str:
    address, hash_, anchor = target.partition("#")
    if not address or re.match(r"[a-z]+:", target):
        return f"[{text}]({target})"
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source_of(page)), address))
    if path in OUTSIDE:
        to = OUTSIDE[path]
    elif path.startswith("docs/") and path.endswith(".md"):
        to = path.removeprefix("docs/")
    elif (ROOT / path).exists():
        return text
    else:
        to = f"missing/{path}"  # strict mode tells
    return f"[{text}]({posixpath.relpath(to, posixpath.dirname(page) or '.')}{hash_}{anchor})"
