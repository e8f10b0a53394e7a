"""Release: writes the files of a release to ``dist/``, and keeps the version the same everywhere.

    python -m tools.release              write dist/, or say why not
    python -m tools.release --set 1.2.3  set the version of hooks/, simulator/ and metacontroller/

The same commit gives the same bytes: all times are ``SOURCE_DATE_EPOCH``, or the commit's.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+((a|b|rc)[0-9]+)?")
PLACES = {
    "hooks/__init__.py": r'(?<=^__version__ = ")[^"]+(?="$)',
    "pyproject.toml": r"(?<=nimservice-simulator==)[^\"]+",
    "simulator/pyproject.toml": r'(?<=^version = ")[^"]+|(?<=nimservice-hooks==)[^"]+',
    "metacontroller/base/compositecontroller.yaml": r"(?<=\?release=)\S+$",
    "metacontroller/components/nimcache/compositecontroller.yaml": r"(?<=\?release=)\S+$",
    "metacontroller/components/nimpipeline/compositecontroller.yaml": r"(?<=\?release=)\S+$",
    "metacontroller/base/kustomization.yaml": r"(?<=^  newTag: )\S+$",
    "metacontroller/README.md": r"(?<=registry\.example\.com/nimservice-hooks:)\S+",
}
"""The places of the version, each a file and a pattern; the first one decides."""


class Refused(Exception):
    """No release can be made; the text gives the cause and the remedy."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 1 if it is refused."""
    parser = argparse.ArgumentParser(
        prog="release",
        description="Write dist/: wheels, sdist, install.yaml, crds.yaml and checksums.",
    )
    parser.add_argument(
        "--set", metavar="VERSION", help="set this version in each place, and do not write dist/"
    )
    parser.add_argument(
        "--image",
        default="nimservice-hooks",
        help="the image in install.yaml; NAME@sha256:… pins it",
    )
    parser.add_argument(
        "--components",
        nargs="*",
        default=[],
        metavar="NAME",
        help="components in install.yaml (default: only the base)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "dist",
        metavar="DIR",
        help="the folder to write to (default: dist)",
    )
    args = parser.parse_args(arguments)
    try:
        if args.set:
            put_version(ROOT, args.set)
            return 0
        for file in write(args.output, args.image, args.components):
            print(file)
    except Refused as refused:
        print(f"release: {refused}", file=sys.stderr)
        return 1
    return 0


def put_version(root: Path, version: str) -> None:
    """Set the version in each of its places."""
    if not VERSION.fullmatch(version):
        raise Refused(f"{version} is not a version; use a form like 1.2.3 or 1.2.3rc1")
    for place, pattern in PLACES.items():
        file = root / place
        file.write_text(
            re.sub(pattern, version, file.read_text(encoding="utf-8"), flags=re.MULTILINE),
            encoding="utf-8",
        )


def version_of(root: Path) -> str:
    """Return the version; refuse if it is not the same everywhere."""
    found = {
        (place, version.group())
        for place, pattern in PLACES.items()
        for version in re.finditer(
            pattern, (root / place).read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    (version,) = {version for place, version in found if place == "hooks/__init__.py"}
    for place, other in sorted(found):
        if other != version:
            raise Refused(
                f"{place} says {other}, hooks/__init__.py {version}; "
                f"run make version VERSION={version}"
            )
    return version


def entry(changelog: str, version: str) -> str:
    """Return the changelog's section of a version; refuse if it or its pod restarts are missing."""
    sections = {
        section.partition("]")[0]: section
        for section in re.split(r"^## \[", changelog, flags=re.MULTILINE)[1:]
    }
    if version not in sections:
        raise Refused(
            f"CHANGELOG.md has no entry for {version}; "
            f"add the heading '## [{version}] - YYYY-MM-DD' above the changes"
        )
    if "### Restarts pods" not in sections[version]:
        raise Refused(
            f"CHANGELOG.md does not say which pods restart with {version}; "
            "add the heading '### Restarts pods'"
        )
    return sections[version]


def write(
    folder: Path, image: str = "nimservice-hooks", components: Sequence[str] = ()
) -> list[Path]:
    """Write the files of a release to a folder, replacing its contents, and return them."""
    version = version_of(ROOT)
    section = entry((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    if not re.match(rf"{re.escape(version)}] - \d{{4}}-\d\d-\d\d$", section.partition("\n")[0]):
        print(
            f"release: CHANGELOG.md has no date for {version}; add it before you publish",
            file=sys.stderr,
        )
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary)
        _packages(made)
        (made / "install.yaml").write_text(_installation(image, components), encoding="utf-8")
        crds = "---\n".join(
            file.read_text(encoding="utf-8") for file in sorted((ROOT / "crds").glob("*.yaml"))
        )
        (made / "crds.yaml").write_text(crds, encoding="utf-8")
        files = sorted(
            file for file in made.iterdir() if file.is_file() and not file.name.startswith(".")
        )
        sums = "".join(
            f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files
        )
        (made / "SHA256SUMS").write_text(sums, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return [
            Path(shutil.copyfile(file, folder / file.name))
            for file in [*files, made / "SHA256SUMS"]
        ]


def _packages(folder: Path) -> None:
    """Build the wheels of the hooks and of the simulator, and an sdist of both."""
    _build(ROOT, folder, "wheel", "sdist")
    _build(ROOT / "simulator", folder, "wheel")


def _build(project: Path, folder: Path, *targets: str) -> None:
    """Build packages with the backend of the lock."""
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or _time_of_commit(),
    }
    chosen = [part for target in targets for part in ("--target", target)]
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", *chosen, "--directory", str(folder)],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise Refused(f"cannot build the packages of {project}: {said}")


def _time_of_commit() -> str:
    git = shutil.which("git")
    done = (
        subprocess.run(
            [git or "git", "log", "-1", "--format=%ct"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if git
        else None
    )
    # Without a repository, as in an sdist, use hatchling's own time.
    return done.stdout.strip() if done and done.returncode == 0 else "1580601600"


def _installation(image: str, components: Sequence[str]) -> str:
    """Return the text of install.yaml: all objects of an installation but the CRDs."""
    name, at, digest = image.partition("@")
    missing = [
        component
        for component in components
        if not (ROOT / "metacontroller" / "components" / component).is_dir()
    ]
    if missing:
        raise Refused(f"metacontroller/components has no component {', '.join(missing)}")
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    # in the checkout, because kustomize takes no absolute paths
    with tempfile.TemporaryDirectory(dir=cache) as overlay:
        parts = ", ".join(f"../../metacontroller/components/{each}" for each in components)
        lines = ["resources: [../../metacontroller/base]", f"components: [{parts}]"]
        lines += [
            "images:",
            f"- name: nimservice-hooks\n  newName: {name}",
            *([f"  digest: {digest}"] if at else []),
        ]
        Path(overlay, "kustomization.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = subprocess.run(
            [_kubectl(), "kustomize", overlay], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise Refused(f"cannot build install.yaml: {done.stderr.strip()}")
    return done.stdout


def _kubectl() -> str:
    here = Path(sys.executable).with_name("kubectl")
    found = str(here) if here.exists() else shutil.which("kubectl")
    if found is None:
        raise Refused("found no kubectl; run `make install`, which installs one")
    return found


if __name__ == "__main__":
    sys.exit(main())
