"""The documentation as a site: it reads from disk and asks nobody for anything."""

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tools import site

ROOT = Path(__file__).parents[2]
LOADED = {"script", "link", "img", "iframe", "source"}
"""Elements whose addresses a browser loads by itself."""


class Read(HTMLParser):
    """The addresses and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for attribute, value in attrs:
            if attribute in {"href", "src"} and value:
                self.addresses.append((tag, value))
            if attribute in {"id", "name"} and value:
                self.anchors.add(value)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the built pages by their paths. A server alone shows 404.html."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [
            Path(sys.executable).with_name("mkdocs"),
            "build",
            "--quiet",
            "--strict",
            "--site-dir",
            folder,
        ],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return {
        page: Read(page.read_text(encoding="utf-8"))
        for page in folder.rglob("*.html")
        if page.name != "404.html"
    }


def test_each_page_of_the_project_is_a_file_of_the_site(pages):
    made = {page.with_suffix("").name for page in pages}
    named = {Path(page).stem for page in (*site._all(), *site.OUTSIDE.values())}
    assert named - {"README"} <= made


def test_each_link_leads_to_a_file_on_disk_and_to_an_anchor_of_it(pages):
    count = 0
    for page, read in pages.items():
        for _, address in read.addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            assert not parts.path.startswith("/"), f"{page.name}: {address}"
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), f"{page.name}: {address}"
            if parts.fragment and target in pages:
                anchors = pages[target].anchors
                assert unquote(parts.fragment) in anchors, f"{page.name}: {address}"
            count += 1
    assert count > 1000


def test_nothing_is_loaded_from_elsewhere(pages):
    for page, read in pages.items():
        loaded = [
            address
            for tag, address in read.addresses
            if tag in LOADED and urlsplit(address).scheme not in {"", "data"}
        ]
        assert loaded == [], page.name


def test_search_works_from_disk(pages):
    """The theme reads search_index.js from file://, and runs its worker by ours there."""
    (root,) = {page.parent for page in pages if page.name == "quickstart.html"}
    assert (root / "search" / "search_index.js").read_text().startswith("var __index = {")
    ours = (ROOT / "docs" / "iframe-worker.js").read_text()
    assert (root / "iframe-worker.js").read_text() == ours
    assert "window.IFrameWorker = window.Worker" in ours
    for page, read in pages.items():
        scripts = [address for tag, address in read.addresses if tag == "script"]
        assert os.path.relpath(root / "iframe-worker.js", page.parent) in scripts, page.name
