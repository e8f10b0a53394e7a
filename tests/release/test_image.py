"""The image, built from the Dockerfile and run as the installation runs it: without rights, without
a writable file system, and without what only the command line needs.

It needs docker or podman, and a registry with the base image. Without them the tests are skipped;
with IMAGE=required, as in CI, that is a failure.
"""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from hooks import __version__

ROOT = Path(__file__).parents[2]
CASE = ROOT / "tests" / "cases" / "nimservice" / "sync" / "first_sync"
BASE = (
    "python:"
    + re.search(r"^ARG PYTHON_TAG=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[1]
)
NAME = "nimservice-hooks-under-test"
STARTS_IN = 60.0
"""Seconds until the server has to be ready."""


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def missing(reason):
    if os.environ.get("IMAGE") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def engine():
    """Return the program that builds and runs images here."""
    for name in ("docker", "podman"):
        if shutil.which(name) and run(name, "info").returncode == 0:
            return name
    return missing("neither docker nor podman works here")


@pytest.fixture(scope="module")
def container(engine):
    """Return a running container of the image that the Dockerfile makes."""
    if run(engine, "image", "inspect", BASE).returncode:
        pulled = run(engine, "pull", "--quiet", BASE)
        if pulled.returncode:
            missing(f"{BASE} is not pulled: {pulled.stderr.strip().splitlines()[-1]}")
    built = run(engine, "build", "--tag", NAME, ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    options = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
    started = run(
        *(engine, "run", "--detach", "--name", NAME, *options),
        *("--tmpfs", "/dev/shm", "--publish", "127.0.0.1::8080", NAME),
    )
    try:
        if started.returncode:
            missing(f"{engine} runs no container: {started.stderr.strip().splitlines()[-1]}")
        yield NAME
    finally:
        run(engine, "rm", "--force", NAME)


@pytest.fixture(scope="module")
def address(engine, container):
    """Return the address of the server once it is ready."""
    published = run(engine, "port", container, "8080/tcp").stdout.split()[0]
    deadline = time.monotonic() + STARTS_IN
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://{published}/readyz", timeout=2) as answer:
                assert answer.status == 200
                return f"http://{published}"
        except (OSError, urllib.error.URLError):
            time.sleep(0.5)
    return pytest.fail(run(engine, "logs", container).stderr)


@pytest.fixture
def inside(engine, container, address):  # noqa: ARG001 - once the server is ready
    """Return a function that runs a command in the container."""
    return lambda *command: run(engine, "exec", container, *command)


def test_it_answers_a_sync_as_the_code_does(address):
    request = urllib.request.Request(
        f"{address}/nimservice/sync",
        data=(CASE / "request.json").read_bytes(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        children = json.load(answer)["children"]
    assert children == json.loads((CASE / "response.json").read_text())["children"]


def test_it_runs_as_a_user_without_rights_on_a_file_system_that_it_cannot_write(inside):
    assert inside("id", "-u").stdout.strip() == "65532"
    for place in ("/", "/opt/nimservice", "/tmp"):
        assert inside("touch", f"{place}/x").returncode != 0, place


@pytest.mark.parametrize("module", ["nimservice_simulator", "cel", "httpx2", "lightkube", "pip"])
def test_it_has_no(module, inside):
    done = inside("python", "-c", f"import {module}")
    assert "ModuleNotFoundError" in done.stderr


def test_its_server_is_the_one_of_this_release(inside):
    assert __version__ in inside("nimservice", "--version").stdout
