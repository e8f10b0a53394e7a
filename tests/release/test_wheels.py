"""The lock of the image: it installs from wheels alone, for both architectures of a release, and
is enough for the demo."""

import re
import shutil
import struct
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-runtime.lock"
PYTHON = re.search(r"^ARG PYTHON_TAG=(3\.\d+)-", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[1]
MACHINES = {"x86_64": 62, "aarch64": 183}
"""The architectures of a release, amd64 and arm64, with their numbers in ELF."""
UNREACHED = re.compile(
    r"error sending request|connect|resolve host|name resolution|NewConnectionError|timed out",
    re.IGNORECASE,
)


def installer(machine):
    """Return a command that installs for a machine; skip where there is neither uv nor pip."""
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python-platform", f"{machine}-manylinux_2_28"]
    python = sys._base_executable  # the environment itself has no pip
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode:  # fmt: skip
        pytest.skip("neither uv nor pip is here")
    platforms = [f"manylinux{each}_{machine}" for each in ("2014", "_2_17", "_2_28")]
    tags = [("--platform", each) for each in platforms]
    tags += [("--implementation", "cp"), ("--abi", f"cp{PYTHON.replace('.', '')}")]
    tags += [("--abi", "abi3"), ("--abi", "none")]
    return [python, "-m", "pip", "install", "--quiet", *(word for tag in tags for word in tag)]  # fmt: skip


@pytest.mark.parametrize("machine", MACHINES)
def test_the_lock_of_the_image_installs_from_wheels_for(machine, tmp_path):
    command = [
        *installer(machine),
        *("--python-version", PYTHON, "--only-binary", ":all:", "--no-deps"),
        *("--require-hashes", "--target", str(tmp_path), "--requirement", str(LOCK)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and UNREACHED.search(done.stderr):
        pytest.skip(f"the package index is not reached: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    names = re.findall(r"^([\w.-]+)==", LOCK.read_text(), re.MULTILINE)
    assert len([*tmp_path.glob("*.dist-info")]) == len(names)
    compiled = [*tmp_path.rglob("*.so")]
    assert {"orjson", "pydantic_core"} <= {library.parent.name for library in compiled}
    for library in compiled:
        (number,) = struct.unpack_from("<H", library.read_bytes(), 18)
        assert number == MACHINES[machine], library.name


def test_the_demo_needs_no_other_package():
    """`make demo` installs this lock and nothing else."""
    code = "import sys, nimservice_simulator.demo; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    belongs = packages_distributions()
    modules = {each.partition(".")[0] for each in done.stdout.split()}
    packages = {name for module in modules for name in belongs.get(module, ())}
    locked = re.findall(r"^([\w.-]+)==", LOCK.read_text(), re.MULTILINE)
    assert {each.lower().replace("_", "-") for each in packages} - {*locked} <= {"nimservice-hooks"}
