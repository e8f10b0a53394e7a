"""Site: lets mkdocs show the files outside ``docs/`` that are pages too, so that each text stands in one place.

A page links to files as they lie in the repository, so that its links work there; here they become links between pages, and a
link to a file that is no page becomes its text.
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
"""The files outside ``docs/``, each with the page that it is."""

LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
MARK = re.compile(r"^( *```\w+ title=\"[^\"\n]*\") refused$", re.MULTILINE)
"""What tells the tests that a block shows a mistake; mkdocs takes a block with a word that it does not know for running text."""
CODE = re.compile(r"(^ *```.*?^ *```$|`[^`\n]*`)", re.MULTILINE | re.DOTALL)


def on_config(config: "MkDocsConfig") -> "MkDocsConfig":
    """Put the pages of a folder where the navigation says ``folder/*``, and those that it does not name where it says ``*``."""
    config.nav = _expanded(
        config.nav, sorted({*_all(), *OUTSIDE.values()} - set(_named(config.nav)))
    )
    return config


def on_files(files: "Files", config: "MkDocsConfig") -> "Files":
    """Add the pages from outside ``docs/``."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - the links below are resolved without mkdocs, too

    for source, page in OUTSIDE.items():
        files.append(
            File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8"))
        )
    return files


def on_page_markdown(markdown: str, page: "Page", **_: object) -> str:
    """Return a page with its links between files of the repository made links between pages, and its blocks as mkdocs reads them."""
    return MARK.sub(r"\1", with_links(markdown, page.file.src_uri))


def with_links(markdown: str, page: str) -> str:
    """Return the text of a page, its links resolved; code is left alone."""
    parts = CODE.split(markdown)
    # a link's text may hold code, so code is put back before links are looked for
    kept = {f"\0{number}\0": code for number, code in enumerate(parts[1::2])}
    text = "".join(
        part if not index % 2 else f"\0{index // 2}\0" for index, part in enumerate(parts)
    )
    text = LINK.sub(lambda found: _link(found[1], found[2], page), text)
    return re.sub(r"\0\d+\0", lambda found: kept[found[0]], text)


def links(markdown: str) -> Iterator[str]:
    """Yield where a text links to, but not what looks like a link in its code."""
    for found in LINK.finditer(CODE.sub("", markdown)):
        yield found[2]


def source_of(page: str) -> str:
    """Return the file that a page is made of, from the root of the repository."""
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
