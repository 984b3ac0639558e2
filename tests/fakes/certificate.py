"""A certificate that nobody vouches for but itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.values.naming import is_ip
from tests.fakes.app_key import app_key


def self_signed(*names: str, days: int = 90) -> tuple[bytes, bytes]:
    """Return a certificate for names or addresses and its key, as PEM; it ends in so many days."""
    key = serialization.load_pem_private_key(app_key().encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=9)).not_valid_after(now + timedelta(days=days))
    )
    if names:
        general = [x509.IPAddress(ip_address(host)) if is_ip(host) else x509.DNSName(host) for host in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM), app_key().encode()
