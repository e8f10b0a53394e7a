"""Certificates: a CA of the test's own, and files of certificate and key that are swapped the way
Kubernetes swaps a mounted Secret."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "nimservice-hooks.nimservice-hooks"
"""What Metacontroller calls the server."""


class CA:
    """A certificate authority."""

    def __init__(self, name: str = "hooks CA") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        now = datetime.now(UTC)
        certificate = _certificate(
            self._name,
            self._name,
            self._key.public_key(),
            now - timedelta(hours=1),
            now + timedelta(days=1),
        )
        certificate = certificate.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.pem = certificate.sign(self._key, hashes.SHA256()).public_bytes(
            serialization.Encoding.PEM
        )

    def issue(
        self, name: str = NAME, *, days: float = 1, password: bytes | None = None
    ) -> tuple[bytes, bytes]:
        """Return a certificate and its key; with negative days it has expired."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        certificate = _certificate(
            self._name,
            _named(name),
            key.public_key(),
            now - timedelta(days=9),
            now + timedelta(days=days),
        )
        names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        certificate = certificate.add_extension(
            x509.SubjectAlternativeName(names if name == NAME else names[:1]), critical=False
        )
        encryption = (
            serialization.BestAvailableEncryption(password)
            if password
            else serialization.NoEncryption()
        )
        return (
            certificate.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
            ),
        )

    def trusted(self) -> ssl.SSLContext:
        """Return what a client needs who trusts this CA and no other."""
        return ssl.create_default_context(cadata=self.pem.decode())


class Mounted:
    """A Secret mounted into a folder; all its files change at one moment."""

    def __init__(self, folder: Path, **files: bytes) -> None:
        self._folder, self._version = folder, 0
        folder.mkdir()
        self.change(**files)

    def change(self, **files: bytes) -> None:
        self._version += 1
        data = self._folder / f"..{self._version}"
        data.mkdir()
        for name, content in files.items():
            (data / name).write_bytes(content)
            if not (self._folder / name).is_symlink():
                (self._folder / name).symlink_to(Path("..data") / name)
        (self._folder / "..new").symlink_to(data.name)
        (self._folder / "..new").rename(self._folder / "..data")

    def __getitem__(self, name: str) -> str:
        return str(self._folder / name)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(issuer, subject, key, begins, ends):
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
