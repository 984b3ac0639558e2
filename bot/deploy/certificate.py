"""A certificate that whoever runs the platform has: read with its key, judged, and put where the ingress finds it."""

from __future__ import annotations

import hashlib
import io
import ssl
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import docker
from cryptography import x509
from docker.errors import NotFound

from bot.deploy.ingress import DATA, OWN_CERTIFICATE, OWN_FOLDER, OWN_KEY, ROOT
from bot.deploy.layout import LABEL, Platform
from bot.errors import UserError


@dataclass(frozen=True)
class Certificate:
    """A certificate with the chain that vouches for it, and its key, as PEM."""

    chain: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"Certificate({self.hash})"

    @property
    def hash(self) -> str:
        """16 hex digits, which change when the certificate or the key does."""
        return hashlib.sha256(self.chain + b"\0" + self.key).hexdigest()[:16]


def read_certificate(chain: Path, key: Path) -> Certificate:
    """Read a certificate and its key.

    Raises:
        UserError: they cannot be read, or do not belong together.
    """
    try:
        # The only judge of both is the library that uses them.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password=_refuse)
        return Certificate(chain.read_bytes(), key.read_bytes())
    except ssl.SSLError as error:
        why = error.reason or "no PEM"
        raise UserError(f"`{chain}` and `{key}` are no certificate and its key: {why}.") from error
    except OSError as error:
        raise UserError(f"{error.filename or chain}: {error.strerror or error}.") from error


def check_names(certificate: Certificate, platform: Platform) -> None:
    """Check that a certificate is for all names of a platform, and for now.

    Raises:
        UserError: says for which it is not, or since when.
    """
    [first, *_] = x509.load_pem_x509_certificates(certificate.chain)
    if first.not_valid_after_utc < datetime.now(UTC):
        raise UserError(f"The certificate has ended on {first.not_valid_after_utc:%Y-%m-%d}.")
    try:
        names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise UserError("The certificate names no host.") from None
    dns = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    parent = platform.domain.partition(".")[2]
    if platform.domain not in dns | addresses and f"*.{parent}" not in dns:
        raise UserError(f"The certificate is not for `{platform.domain}`, where the gallery is.")
    if not platform.by_path and f"*.{platform.domain}" not in dns:
        raise UserError(
            f"The certificate is not for `*.{platform.domain}`, where services are; `--paths` needs no such names."
        )


def put_certificate(client: docker.DockerClient, platform: Platform, image: str, certificate: Certificate) -> None:
    """Put a certificate into the volume of the ingress. Only root of the engine's machine can read the key.

    Secrets of the swarm are for its services; the ingress is none, because it listens on one address of the machine.
    """
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        folder = tarfile.TarInfo(Path(OWN_FOLDER).name)
        folder.type, folder.mode = tarfile.DIRTYPE, 0o700
        tar.addfile(folder)
        for name, content in ((OWN_CERTIFICATE, certificate.chain), (OWN_KEY, certificate.key)):
            entry = tarfile.TarInfo(f"{folder.name}/{name}")
            entry.size, entry.mode = len(content), 0o600
            tar.addfile(entry, io.BytesIO(content))
    # It never runs: the engine writes through it.
    volumes = {platform.certificates: {"bind": DATA, "mode": "rw"}}
    carrier = client.containers.create(image, volumes=volumes, labels={LABEL: platform.name})
    try:
        carrier.put_archive(DATA, archive.getvalue())
    finally:
        carrier.remove(force=True)


def root_certificate(client: docker.DockerClient, platform: Platform) -> str:
    """Return the certificate of the ingress's own authority, as PEM.

    Raises:
        UserError: the ingress has none, or does not run.
    """
    try:
        pieces, _ = client.containers.get(platform.ingress).get_archive(ROOT)
    except NotFound as error:
        raise UserError("The ingress has made no certificate yet: `gptdeploy platform up` mends it.") from error
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        content = tar.extractfile(Path(ROOT).name)
        return content.read().decode() if content else ""


def _refuse() -> str:
    # Without this a key with a password asks at the terminal.
    raise UserError("The key is protected by a password: Caddy takes one without.")
