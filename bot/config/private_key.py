"""The App's private key, in whatever form people put one into a variable."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from pathlib import Path

_BLOCK = re.compile(r"-----BEGIN (?P<label>[A-Z ]+)-----(?P<body>.*?)-----END (?P=label)-----", re.DOTALL)
_QUOTES = "\"'"


def read_private_key(value: str) -> str:
    r"""Return the key as PEM, after it has signed something.

    Args:
        value: the key as PEM, also with `\n` or spaces where its lines end; the base64 of it, or of its DER form; or
            the path of a file with any of these. Quotes around it, as `docker run --env-file` leaves them, count for
            nothing.

    Raises:
        ValueError: it is none of these, or cannot sign. The text holds nothing of the value, and no cause that could.
    """
    text = value.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES:
        text = text[1:-1].strip()
    if "-----BEGIN" in text:
        return _signing(_lines(text).encode())
    content = _content(text)
    if content is not None:
        inside = content.decode(errors="replace").strip()
        return _signing(_lines(inside).encode() if "-----BEGIN" in inside else _decoded(inside) or content)
    decoded = _decoded(text)
    if decoded is None:
        raise ValueError("is neither a private key nor the path of a file that is there")
    return _signing(_lines(decoded.decode()).encode() if decoded.startswith(b"-----BEGIN") else decoded)


def _lines(text: str) -> str:
    r"""Return PEM with its lines as they have to be: spaces or `\n` in their place, and Windows' ends, are common."""
    found = _BLOCK.search(text.replace("\\r", "").replace("\\n", "\n"))
    if found is None or ":" in found["body"]:
        return text
    body = "".join(found["body"].split())
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {found['label']}-----", *lines, f"-----END {found['label']}-----", ""])


def _content(text: str) -> bytes | None:
    """Return what the file holds, or None where the text names none."""
    try:
        path = Path(text).expanduser()
        return path.read_bytes() if path.is_file() else None
    except PermissionError:
        raise ValueError("names a file that the bot may not read") from None
    except (OSError, ValueError, RuntimeError):
        # The text is too long for a name, or cannot be one. It may be the key, so nothing is said of it.
        return None


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None


# The settings are read several times, and to read a key takes 40 ms, because its primes are checked.
@lru_cache(maxsize=1)
def _signing(data: bytes) -> str:
    """Return a key as PEM, if it signs as GitHub wants it: with RSA and SHA-256."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    pem = data.startswith(b"-----BEGIN")
    read = serialization.load_pem_private_key if pem else serialization.load_der_private_key
    try:
        key = read(data, password=None)
    except TypeError:
        raise ValueError("is protected by a passphrase; GitHub's own keys are not") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is no private key, or not all of one") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("is no RSA key, as GitHub's are")
    key.sign(b"gptdeploy", padding.PKCS1v15(), hashes.SHA256())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
