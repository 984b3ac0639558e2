"""Certificates are checked, and a secure address stays secure."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.clients.fetch import fetch
from bot.errors import UserError
from tests.fakes.internet import PUBLIC, Internet, Site


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for files.example.com that signs itself, with its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "files.example.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("files.example.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secure(site: Site, internet: Internet, authority: Path) -> Site:
    """The site behind TLS, at port 443 of every public address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    # The handshake belongs into the connection's own thread, which is where a refusal of the client may raise.
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True, do_handshake_on_connect=False)
    site.server.handle_error = lambda *_: None  # type: ignore[method-assign]
    internet.ports = {80: site.port, 443: site.port}
    return site


def test_certificate_is_checked_against_the_name(secure: Site, internet: Internet, authority: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(authority))
    internet.names["other.example.com"] = [[PUBLIC]]
    secure.answers["/"] = (200, {}, b"x")

    fetched = fetch("https://files.example.com/", network=internet.network(trusting))
    with pytest.raises(UserError, match="certificate"):
        fetch("https://other.example.com/", network=internet.network(trusting))
    with pytest.raises(UserError, match="certificate"):
        fetch("https://files.example.com/", network=internet.network())

    assert fetched.content == b"x"
    assert internet.reached[0] == (PUBLIC, 443)
    assert len(secure.asked) == 1


def test_redirect_from_https_to_http_is_refused(secure: Site, internet: Internet, authority: Path) -> None:
    secure.answers["/"] = (302, {"Location": "http://files.example.com/"}, b"")

    with pytest.raises(UserError, match="from https to http"):
        fetch("https://files.example.com/", network=internet.network(ssl.create_default_context(cafile=str(authority))))
