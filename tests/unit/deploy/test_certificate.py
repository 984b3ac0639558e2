"""A certificate that a platform is given."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.deploy.certificate import Certificate, check_names, read_certificate
from bot.deploy.layout import TLS, Platform
from bot.errors import UserError
from tests.fakes.certificate import self_signed

APPS = Platform("https://apps.example.com", 443, tls=TLS.OWN)
BELOW = Platform("https://apps.example.com", 443, tls=TLS.OWN, paths=True)


def written(folder: Path, chain: bytes, key: bytes) -> tuple[Path, Path]:
    (folder / "chain.pem").write_bytes(chain)
    (folder / "key.pem").write_bytes(key)
    return folder / "chain.pem", folder / "key.pem"


def test_a_certificate_and_its_key_are_read_and_change_the_hash(tmp_path: Path) -> None:
    first, second = (read_certificate(*written(tmp_path, *self_signed(name))) for name in ("a.example", "b.example"))
    assert first.hash != second.hash
    assert repr(first) == f"Certificate({first.hash})"


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(UserError, match="KEY_VALUES_MISMATCH"):
        read_certificate(*written(tmp_path, self_signed("a.example")[0], other))


def test_a_key_with_a_password_is_refused_and_not_asked_for(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    with pytest.raises(UserError, match="protected by a password"):
        read_certificate(*written(tmp_path, self_signed("a.example")[0], key))


@pytest.mark.parametrize(
    ("names", "platform"),
    [
        (("apps.example.com", "*.apps.example.com"), APPS),
        (("*.example.com", "*.apps.example.com"), APPS),
        (("apps.example.com",), BELOW),
        (("192.0.2.7",), Platform("https://192.0.2.7", 443, tls=TLS.OWN)),
    ],
)
def test_a_certificate_for_all_names_fits(names: tuple[str, ...], platform: Platform) -> None:
    check_names(Certificate(*self_signed(*names)), platform)


@pytest.mark.parametrize(
    ("names", "platform", "words"),
    [
        (("apps.example.com",), APPS, r"not for `\*.apps.example.com`, where services are; `--paths` needs no such"),
        (("*.apps.example.com",), APPS, "not for `apps.example.com`, where the gallery is"),
        (("other.example",), BELOW, "not for `apps.example.com`"),
        ((), BELOW, "names no host"),
    ],
)
def test_a_certificate_that_lacks_a_name_is_refused(names: tuple[str, ...], platform: Platform, words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_names(Certificate(*self_signed(*names)), platform)


def test_a_certificate_that_has_ended_is_refused() -> None:
    with pytest.raises(UserError, match="has ended on"):
        check_names(Certificate(*self_signed("apps.example.com", days=-1)), BELOW)
