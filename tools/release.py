"""Release: writes the files of a release to ``dist/``, and keeps the version the same everywhere.

    python -m tools.release              write dist/, or say why not
    python -m tools.release --set 1.2.3  set the version of hooks/, simulator/ and metacontroller/
    python -m tools.release --notes      print the changelog's text of this version
    python -m tools.release --metacontroller-crds FILE
                                         write the complete files, too

The same commit gives the same bytes: all times are ``SOURCE_DATE_EPOCH``, or the commit's.
"""

import argparse
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tools import definitions

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
    "README.md": r"(?<=registry\.example\.com/nimservice-hooks:)\S+",
    "docs/gitops.md": r"(?<=\?ref=v)\S+|(?<=targetRevision: v)\S+|(?<=tag: v)\S+",
    "metacontroller/README.md": r"(?<=registry\.example\.com/nimservice-hooks:)\S+",
}
"""The places of the version, each a file and a pattern; the first one decides."""


DEFAULT = ("ingress",)
"""The components of ``metacontroller/overlays/default``."""

COMPLETE = ("ingress", "metacontroller", "nimcache", "nimpipeline")
"""The components of ``metacontroller/overlays/complete``."""


class Refused(Exception):
    """No release can be made; the text gives the cause and the remedy."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 1 if it is refused."""
    parser = argparse.ArgumentParser(
        prog="release",
        description="Write dist/: wheels, sdist, chart, install.yaml, crds.yaml and checksums.",
    )
    parser.add_argument(
        "--set", metavar="VERSION", help="set this version in each place, and do not write dist/"
    )
    parser.add_argument("--version", action="store_true", help="print the version, no more")
    parser.add_argument("--notes", action="store_true", help="print its changes, no more")
    parser.add_argument(
        "--image",
        default="nimservice-hooks",
        help="the image in install.yaml; NAME@sha256:… pins it",
    )
    parser.add_argument(
        "--components",
        nargs="*",
        default=DEFAULT,
        metavar="NAME",
        help=f"components in install.yaml (default: {' '.join(DEFAULT)}, as overlays/default)",
    )
    parser.add_argument(
        "--metacontroller-crds",
        type=Path,
        metavar="FILE",
        help="Metacontroller's CRDs, for complete.yaml, complete-crds.yaml and the chart",
    )
    parser.add_argument(
        "--metacontroller-crds-address",
        action="store_true",
        help="print where Metacontroller's CRDs are, no more",
    )
    parser.add_argument(
        "--metacontroller-image",
        action="store_true",
        help="print which image of Metacontroller is installed, no more",
    )
    parser.add_argument(
        "--metacontroller-digest",
        type=_digest,
        metavar="DIGEST",
        help="sha256:…, which pins that image in complete.yaml and the chart",
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
        if args.version:
            print(version_of(ROOT))
            return 0
        if args.notes:
            print(notes(_changelog(), version_of(ROOT)))
            return 0
        if args.metacontroller_crds_address:
            print(definitions.ADDRESS)
            return 0
        if args.metacontroller_image:
            print(metacontroller_image())
            return 0
        pinned = metacontroller_image(args.metacontroller_digest)
        for file in write(
            args.output, args.image, args.components, args.metacontroller_crds, pinned
        ):
            print(file)
    except (Refused, definitions.Wrong) as refused:
        print(f"release: {refused}", file=sys.stderr)
        return 1
    return 0


def _digest(text: str) -> str:
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(
            f"{text} is not a digest of the form sha256:<64 hex digits>"
        )
    return text


def metacontroller_image(digest: str | None = None) -> str:
    """Return the image of Metacontroller that the chart names, with a digest if there is one."""
    values = (ROOT / "charts" / "nimservice-hooks" / "values.yaml").read_text(encoding="utf-8")
    (image,) = re.findall(r"^  image: (\S+)$", values, re.MULTILINE)
    return f"{image}@{digest}" if digest else image


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


def notes(changelog: str, version: str) -> str:
    """Return what a version changes, as text of its own."""
    return entry(changelog, version).partition("\n")[2].strip()


def _changelog() -> str:
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def write(
    folder: Path,
    image: str = "nimservice-hooks",
    components: Sequence[str] = DEFAULT,
    metacontroller: Path | None = None,
    pinned: str | None = None,
) -> list[Path]:
    """Write the files of a release to a folder, replacing its contents, and return them.

    The complete files need Metacontroller's CustomResourceDefinitions; without them, the release
    has all others. ``pinned`` is Metacontroller's image as they and the chart name it.
    """
    version = version_of(ROOT)
    pinned = pinned or metacontroller_image()
    section = entry(_changelog(), version)
    theirs = definitions.read(metacontroller) if metacontroller else None
    for warning in _warnings(version, section, image, theirs, pinned):
        print(f"release: {warning}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary)
        _packages(made)
        _bills(made, version)
        for name, text in _manifests(image, components, theirs, pinned):
            (made / name).write_text(text, encoding="utf-8")
        chart = ROOT / "charts" / "nimservice-hooks"
        packed = made / f"nimservice-hooks-{version}.tgz"
        archive(chart, packed, _packed(chart, image, theirs, pinned))
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


def _warnings(
    version: str, section: str, image: str, theirs: str | None, pinned: str
) -> Iterator[str]:
    """Yield what keeps a release from being published."""
    if not re.match(rf"{re.escape(version)}] - \d{{4}}-\d\d-\d\d$", section.partition("\n")[0]):
        yield f"CHANGELOG.md has no date for {version}; add it before you publish"
    if "/" not in image:
        yield (
            f"no cluster can pull the image {image} that install.yaml names; "
            "run make release IMAGE=registry.example.com/nimservice-hooks"
        )
    if "@" not in pinned:
        yield (
            f"{pinned} is named by its tag alone; "
            "run make release METACONTROLLER_DIGEST=sha256:… with the digest of your registry"
        )
    if theirs is None:
        yield (
            "complete.yaml and complete-crds.yaml need Metacontroller's definitions; "
            f"download {definitions.ADDRESS}, and run make release METACONTROLLER_CRDS=FILE"
        )


def _manifests(
    image: str, components: Sequence[str], theirs: str | None, pinned: str
) -> Iterator[tuple[str, str]]:
    """Yield the files to apply, and the images of the complete installation: name and text."""
    # `python3 -m tools.release --version` runs where nothing is installed.
    import yaml  # noqa: PLC0415

    from hooks.cli import images  # noqa: PLC0415

    ours = "---\n".join(
        file.read_text(encoding="utf-8") for file in sorted((ROOT / "crds").glob("*.yaml"))
    )
    complete = installation(image, COMPLETE).replace(metacontroller_image(), pinned)
    pulled = images.named(yaml.load_all(complete, Loader=yaml.CSafeLoader))
    yield "crds.yaml", ours
    yield (
        "install.yaml",
        installation(image, components).replace(metacontroller_image(), pinned),
    )
    yield "images.txt", "".join(f"{each}\n" for each in pulled)
    if theirs is not None:
        yield "complete-crds.yaml", f"{theirs.rstrip()}\n---\n{ours}"
        yield "complete.yaml", complete


def _packed(chart: Path, image: str, theirs: str | None, pinned: str) -> Mapping[str, str]:
    """Return what a released chart has in other words than the folder: files and their texts.

    Its values name the images. Metacontroller's definitions get the place where Helm installs what
    is missing and never changes what is there.
    """
    name, _, digest = image.partition("@")
    values = (chart / "values.yaml").read_text(encoding="utf-8")
    values = values.replace("\n  repository: nimservice-hooks\n", f"\n  repository: {name}\n")
    values = values.replace('\n  digest: ""\n', f'\n  digest: "{digest}"\n')
    values = values.replace(metacontroller_image(), pinned)
    return {"values.yaml": values} | ({"crds/metacontroller.yaml": theirs} if theirs else {})


def archive(chart: Path, target: Path, changed: Mapping[str, str]) -> None:
    """Write a chart as `helm package` does, with links replaced by what they lead to.

    ``changed`` has the texts of files that replace those of the folder, or come beside them.
    """
    files = sorted(file for folder in (chart, *chart.iterdir()) for file in folder.glob("*.*"))
    texts = {
        str(file.relative_to(chart)): file.read_bytes() for file in files if file.is_file()
    } | {name: text.encode("utf-8") for name, text in changed.items()}
    with (
        gzip.GzipFile(target, "wb", mtime=int(_epoch())) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, text in sorted(texts.items()):
            entry = tarfile.TarInfo(f"{chart.name}/{name}")
            entry.mode = 0o644
            entry.mtime = int(_epoch())
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))


def _packages(folder: Path) -> None:
    """Build the wheels of the hooks and of the simulator, and an sdist of both."""
    _build(ROOT, folder, "wheel", "sdist")
    _build(ROOT / "simulator", folder, "wheel")


def _bills(folder: Path, version: str) -> None:
    """Write the bills of materials and the list of contents of what was built."""
    # Only a release needs these modules, and with them the development tools.
    from tools import sbom  # noqa: PLC0415

    epoch = int(_epoch())
    (wheel,) = folder.glob("nimservice_hooks-*.whl")
    texts = {
        "sbom-image.cdx.json": sbom.image(version, epoch),
        "sbom-wheel.cdx.json": sbom.wheel(version, epoch),
        "contents.txt": sbom.contents(wheel),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _build(project: Path, folder: Path, *targets: str) -> None:
    """Build packages with the backend of the lock."""
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": _epoch(),
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


def _epoch() -> str:
    """Return the time of all files in seconds: SOURCE_DATE_EPOCH, or the commit's."""
    return os.environ.get("SOURCE_DATE_EPOCH") or _time_of_commit()


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


def installation(image: str, components: Sequence[str]) -> str:
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
