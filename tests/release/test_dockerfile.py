"""The image: what hadolint cannot know about the Dockerfile (``make check`` runs that): pinned,
complete, and without tools or root."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
INSTRUCTIONS = [line.split(maxsplit=1) for line in TEXT.splitlines() if re.match(r"[A-Z]+ ", line)]
STARTS = [index for index, (word, _) in enumerate(INSTRUCTIONS) if word == "FROM"]
BUILD, IMAGE = INSTRUCTIONS[STARTS[0] : STARTS[1]], INSTRUCTIONS[STARTS[1] :]


def said(stage, word):
    return [rest for instruction, rest in stage if instruction == word]


@pytest.mark.parametrize("stage", [BUILD, IMAGE], ids=["build", "image"])
def test_the_base_is_pinned_by_a_tag_and_by_the_digest_of_a_release(stage):
    assert (
        said(stage, "FROM")[0].split()[0]
        == "python:${PYTHON_TAG}${PYTHON_DIGEST:+@${PYTHON_DIGEST}}"
    )
    (tag,) = [rest for rest in said(INSTRUCTIONS, "ARG") if rest.startswith("PYTHON_TAG=")]
    assert re.fullmatch(r"PYTHON_TAG=3\.\d+-slim-[a-z]+", tag), (
        "a release of Python and one of Debian, never latest"
    )


def test_it_runs_as_a_number_that_is_not_root():
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", said(IMAGE, "USER")[-1])
    last = [word for word, _ in IMAGE].index("USER")
    assert not {"RUN", "COPY", "ADD"} & {word for word, _ in IMAGE[last:]}


def test_the_image_installs_nothing_and_loses_the_installer_of_its_base():
    commands = " ".join(said(IMAGE, "RUN"))
    assert "install " not in commands.replace("uninstall ", "")
    assert "pip uninstall" in commands
    assert "ensurepip" in commands
    assert said(IMAGE, "COPY") == ["--from=build /opt/nimservice /opt/nimservice"]


def test_every_package_is_held_against_a_hash_or_was_built_here():
    installs = re.findall(r"\binstall .*?(?=&&|$)", " && ".join(said(BUILD, "RUN")))
    assert len(installs) == 3
    assert all("--require-hashes" in install or "--no-index" in install for install in installs)


def test_the_build_has_all_that_the_wheel_is_made_of():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    copied = {source for rest in said(BUILD, "COPY") for source in rest.split()[:-1]}
    assert {
        *project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"],
        "pyproject.toml",
    } <= copied
    assert {project["project"]["readme"], *project["project"]["license-files"]} <= copied


def test_what_is_copied_exists_and_nothing_else_is_sent_to_the_builder():
    copied = {source for rest in said(BUILD, "COPY") for source in rest.split()[:-1]}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_has_no_simulator():
    assert "simulator" not in TEXT
    assert "simulator" not in (ROOT / ".dockerignore").read_text()
    assert "simulator" not in (ROOT / "requirements-runtime.lock").read_text()


def test_bytecode_has_no_times_in_it():
    commands = " ".join(said(BUILD, "RUN"))
    assert "compileall" in commands
    assert "--invalidation-mode unchecked-hash" in commands
    assert commands.count("--no-compile") == 2
