"""What must not be shown of a text that a program wrote: keys, passwords and tokens, also those that only a name gives
away."""

from __future__ import annotations

import re

from bot.foreign.concealed import HIDDEN, without_concealed
from bot.foreign.keys import without_shapes

# A name that says that a secret follows, and the sign between the two. The value is quoted, or ends with the word.
_NAMED = re.compile(
    r"""(?P<name>[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key
        |credentials?|session[_-]?id|cookie)[\w.-]*["']?\s*(?::|=>?|:=)\s*)
        (?P<value>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?:(?:Bearer|Basic|Token)\s+)?[^\s,;&"'}\])]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_AUTHORIZATION = re.compile(
    r"""(?P<name>authorization["']?\s*[:=]\s*["']?(?:(?:Bearer|Basic|Token|Digest)\s+)?)[^\s"',]+""", re.IGNORECASE
)
_BEARER = re.compile(r"(?P<name>\bBearer\s+)[A-Za-z0-9._~+/=-]{16,}")
_PASSWORD_IN_URL = re.compile(r"(?P<name>\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE)
_KEY_BLOCK = re.compile(
    r"(?P<name>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
# Web tokens (RFC 7519) besides those that services give out.
_WEB_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+")


def redacted(text: str) -> str:
    """Return `text` with `HIDDEN` in the place of each value that looks like a secret.

    Those are values after a name such as "password" or "api_key", what is sent in an Authorization header, passwords
    in URLs, private keys, and tokens of known shapes. What the text says besides stays readable.
    """
    text = _KEY_BLOCK.sub(lambda match: f"{match['name']}\n{HIDDEN}\n", text)
    for pattern in (_PASSWORD_IN_URL, _AUTHORIZATION, _NAMED, _BEARER):
        text = pattern.sub(lambda match: match["name"] + HIDDEN, text)
    return without_shapes(_WEB_TOKEN.sub(HIDDEN, without_concealed(text)))
