"""Files that are read again: as a whole, whatever happens to them meanwhile."""

import logging

import pytest

from hooks.web.reread import Reread
from tests.certificates import Mounted


class Halves:
    """Two files that fit while both hold the same, and what is done to them between the reading of
    one and of the other."""

    def __init__(self, folder):
        self._mounted = Mounted(folder, left=b"1", right=b"1")
        self.files = tuple(folder / name for name in ("left", "right"))
        self.meanwhile = []

    def change(self, left, right):
        self._mounted.change(left=left, right=right)

    def make(self):
        left = self.files[0].read_bytes()
        if self.meanwhile:
            self.meanwhile.pop(0)()
        if self.files[1].read_bytes() != left:
            raise ValueError("they do not fit")
        return left


@pytest.fixture
def halves(tmp_path):
    return Halves(tmp_path / "mounted")


def test_what_is_replaced_while_it_is_read_is_read_once_more(halves, caplog):
    known = Reread(halves.files, halves.make)
    halves.change(b"2", b"2")
    halves.meanwhile = [lambda: halves.change(b"3", b"3"), lambda: halves.change(b"44", b"44")]
    assert known.get() == b"44"
    assert [record.levelno for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_what_is_replaced_while_the_server_starts_is_read_once_more(halves):
    halves.meanwhile = [lambda: halves.change(b"2", b"2")]
    assert Reread(halves.files, halves.make).get() == b"2"


def test_halves_that_stay_apart_are_not_taken_and_that_is_said_once(halves, caplog):
    known = Reread(halves.files, halves.make)
    halves.change(b"2", b"3")
    assert [known.get(), known.get()] == [b"1", b"1"]
    assert [record.getMessage() for record in caplog.records] == [
        "reload failed, the former value stays in use"
    ]
    halves.change(b"4", b"4")
    assert known.get() == b"4"


def test_a_server_whose_files_do_not_fit_does_not_start(halves):
    halves.change(b"2", b"3")
    with pytest.raises(ValueError, match="do not fit"):
        Reread(halves.files, halves.make)
