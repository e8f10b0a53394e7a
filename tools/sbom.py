"""SBOM: bills of materials of the image and of the wheel, as CycloneDX, and a list of contents.

Versions and hashes are those of the locks, licences those that the installed packages declare. The
same commit gives the same bytes: identity and time come from the contents and the commit.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = "nimservice-hooks"
_LICENCES = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}
"""What packages without an SPDX expression call their licence."""


class Package(NamedTuple):
    """A package of a lock."""

    name: str
    version: str
    hashes: tuple[str, ...]
    """SHA-256 of each file that the lock accepts."""
    licence: str
    """SPDX expression; empty if the package declares none."""


def image(version: str, epoch: int) -> str:
    """Return the bill of materials of the image, as JSON."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    base = re.search(r"^ARG PYTHON_TAG=(\S+)", dockerfile, re.MULTILINE)
    if base is None:
        raise ValueError("Dockerfile names no PYTHON_TAG")
    python = Component(
        name="python",
        version=base[1],
        type=ComponentType.CONTAINER,
        bom_ref=f"python:{base[1]}",
        purl=PackageURL("docker", None, "python", base[1]),
    )
    packages = locked("requirements-runtime.lock")
    return _bill(version, epoch, ComponentType.CONTAINER, packages.values(), [python])


def wheel(version: str, epoch: int) -> str:
    """Return the bill of materials of the wheel with all that it requires, as JSON."""
    packages = locked("requirements.lock")
    wanted = sorted(_required(PROJECT, packages))
    return _bill(version, epoch, ComponentType.LIBRARY, [packages[name] for name in wanted], [])


def contents(wheel_file: Path) -> str:
    """Return what the wheel and the image contain, as text."""
    with zipfile.ZipFile(wheel_file) as packed:
        files = sorted(packed.namelist())
    packages = locked("requirements-runtime.lock").values()
    return "\n".join(
        (
            f"{wheel_file.name}:",
            *(f"  {name}" for name in files),
            "image:",
            "  its base, python, without pip",
            f"  {wheel_file.name} in /opt/nimservice",
            *(f"  {each.name} {each.version} ({each.licence})" for each in packages),
            "",
        )
    )


def locked(lock: str) -> dict[str, Package]:
    """Return the packages of a lock by name, without those of other platforms."""
    found = {}
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line[:1].isalnum():
            requirement = Requirement(line.partition(" --hash")[0])
            if requirement.marker is None or requirement.marker.evaluate():
                (pin,) = requirement.specifier
                hashes = tuple(sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", line)))
                name = canonicalize_name(requirement.name)
                found[name] = Package(name, pin.version, hashes, licence(name))
    return found


def licence(name: str) -> str:
    """Return the licence that an installed package declares, as SPDX; empty if it has none."""
    told = metadata.metadata(name)
    if expression := told.get("License-Expression"):
        return str(expression)
    classified = [
        each.rpartition(" :: ")[2]
        for each in told.get_all("Classifier", [])
        if each.startswith("License ::")
    ]
    given = [told.get("License", "") or "", *classified]
    known = {_LICENCES.get(each, each) for each in given if 0 < len(each) < 40}
    return min(known) if known else ""


def _required(name: str, packages: Mapping[str, Package]) -> set[str]:
    """Return the names of all that a package requires, without extras."""
    found: set[str] = set()
    todo = [name]
    while todo:
        for line in metadata.requires(todo.pop()) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                needed = canonicalize_name(requirement.name)
                if needed in packages and needed not in found:
                    found.add(needed)
                    todo.append(needed)
    return found


def _bill(
    version: str,
    epoch: int,
    kind: ComponentType,
    packages: Iterable[Package],
    others: Iterable[Component],
) -> str:
    purl = PackageURL("pypi", None, PROJECT, version)
    subject = Component(name=PROJECT, version=version, type=kind, bom_ref=PROJECT, purl=purl)
    subject.licenses.add(LicenseFactory().make_from_string("Apache-2.0"))
    parts = [*others, *_components(packages)]
    identity = "".join(f"{part.bom_ref.value}\n" for part in parts)
    bom = Bom(
        components=parts,
        serial_number=uuid5(NAMESPACE_URL, f"{PROJECT} {version} {kind.value}\n{identity}"),
    )
    bom.metadata.component = subject
    bom.metadata.timestamp = datetime.fromtimestamp(epoch, UTC)
    bom.register_dependency(subject, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _components(packages: Iterable[Package]) -> Iterator[Component]:
    for each in packages:
        purl = PackageURL("pypi", None, each.name, each.version)
        yield Component(
            name=each.name,
            version=each.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{each.name}=={each.version}",
            purl=purl,
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=text) for text in each.hashes],
            licenses=[LicenseFactory().make_from_string(each.licence)] if each.licence else (),
        )
