"""The App's private key, in the forms that people give it, and in none that it could be seen in."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from bot.config import Settings
from bot.config.private_key import read_private_key
from bot.errors import UserError
from tests.fakes.app_key import app_key
from tests.unit.config.test_settings import GIVEN

KEY = app_key()
LOADED = serialization.load_pem_private_key(KEY.encode(), None)
BODY = "".join(KEY.splitlines()[1:-1])
NONE = serialization.NoEncryption()


def encoded(form: serialization.PrivateFormat, encoding: serialization.Encoding) -> bytes:
    return LOADED.private_bytes(encoding, form, NONE)


PKCS8 = encoded(serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM).decode()
DER = encoded(serialization.PrivateFormat.TraditionalOpenSSL, serialization.Encoding.DER)

FORMS: dict[str, Callable[[], str]] = {
    "pem": lambda: KEY,
    "without its last line end": lambda: KEY.strip(),
    "pkcs8": lambda: PKCS8,
    "windows": lambda: KEY.replace("\n", "\r\n"),
    "escaped": lambda: KEY.replace("\n", "\\n"),
    "escaped windows": lambda: KEY.replace("\n", "\\r\\n"),
    "on one line": lambda: KEY.replace("\n", " "),
    "in double quotes": lambda: f'"{KEY}"',
    "escaped and in double quotes": lambda: '"' + KEY.replace("\n", "\\n") + '"',
    "in single quotes": lambda: f"'{KEY}'",
    "indented": lambda: KEY.replace("\n", "\n    "),
    "base64": lambda: base64.b64encode(KEY.encode()).decode(),
    "base64 on lines": lambda: base64.encodebytes(KEY.encode()).decode(),
    "base64 of escaped": lambda: base64.b64encode(KEY.replace("\n", "\\n").encode()).decode(),
    "base64 of der": lambda: base64.b64encode(DER).decode(),
    "base64 in quotes": lambda: '"' + base64.b64encode(KEY.encode()).decode() + '"',
}


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_read_in_every_common_form(form: str) -> None:
    assert read_private_key(FORMS[form]()) == KEY


@pytest.mark.parametrize("content", [KEY.encode(), KEY.replace("\n", "\\n").encode(), base64.b64encode(DER), DER])
def test_a_key_is_read_from_a_file(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.pem").write_bytes(content)
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in (str(tmp_path / "app.pem"), f'"{tmp_path}/app.pem"', "~/app.pem"):
        assert read_private_key(path) == KEY


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, secret: bytes = b"") -> str:
    how = serialization.BestAvailableEncryption(secret) if secret else NONE
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how).decode()


assert isinstance(LOADED, rsa.RSAPrivateKey)
PUBLIC = (
    LOADED.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
WRONG = {
    "a key that is cut off": (KEY[:900], "is no private key, or not all of one"),
    "one that is cut off in its middle": (KEY.replace(BODY[64:128] + "\n", ""), "is no private key"),
    "escaped, cut off": (KEY.replace("\n", "\\n")[:900], "is no private key, or not all of one"),
    "base64, cut off": (base64.b64encode(KEY.encode()).decode()[:900], "is no private key"),
    "the public key": (PUBLIC, "is no private key"),
    "with a passphrase": (pem(LOADED, b"passphrase"), "is protected by a passphrase"),
    "another kind of key": (pem(ec.generate_private_key(ec.SECP256R1())), "is no RSA key"),
    "its body alone, broken": (BODY[:-7], "is neither a private key nor the path of a file that is there"),
    "no file": ("/nowhere/app.pem", "is neither a private key nor the path of a file that is there"),
    "a folder": ("/proc/self", "is neither"),
    "another secret": ("it is the webhook's secret", "is neither"),
    "a null": (f"{BODY}\0", "is neither"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_key_is_refused_at_the_start_without_a_word_of_it(what: str) -> None:
    value, words = WRONG[what]
    with pytest.raises(UserError) as refused:
        Settings.from_environment(GIVEN | {"GITHUB_PRIVATE_KEY": value})
    text = str(refused.value)
    assert text.startswith("Settings: GITHUB_PRIVATE_KEY: ") and words in text
    told = "".join(traceback.format_exception(refused.value))
    secrets = [line for line in value.replace("\\n", "\n").splitlines() if len(line) > 3 and "-----" not in line]
    assert [line for line in (value, *secrets) if line in told] == []


def test_settings_do_not_show_their_secrets() -> None:
    settings = Settings.from_environment(GIVEN | {"GITHUB_PRIVATE_KEY": KEY, "OPENAI_API_KEY": "a canary of a key"})
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert [secret for secret in (*settings.secrets, BODY[:64]) if secret in shown] == []
    assert len(settings.secrets) == 3
