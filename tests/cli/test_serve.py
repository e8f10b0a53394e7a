"""`nimservice serve`: calls that are wrong, and its help; what it serves is tested in tests/web."""

import subprocess

import pytest

from tests.web.serving import NIMSERVICE, failed


def test_a_bad_setting_is_one_line_and_exit_code_2():
    code, lines = failed(NIM_HOOKS_OPENSHIFT="perhaps")
    assert (code, lines) == (
        2,
        ["nimservice serve: NIM_HOOKS_OPENSHIFT: must be true or false, not 'perhaps'"],
    )


@pytest.mark.parametrize("bind", ["8080x", "::1:8080", "localhost:70000", "nowhere"])
def test_a_bad_address_is_told_with_exit_code_2(bind):
    code, lines = failed("--bind", bind)
    assert code == 2
    assert "--bind" in lines[-1]


def test_help_lists_every_setting_with_default_and_meaning():
    done = subprocess.run(
        [NIMSERVICE, "serve", "--help"], capture_output=True, text=True, timeout=20, check=True
    )
    for text in (
        "NIM_HOOKS_OPENSHIFT=false",
        "NIM_HOOKS_MAX_BODY_BYTES=2097152",
        "A larger one gets 413",
        "--workers",
    ):
        assert text in done.stdout
