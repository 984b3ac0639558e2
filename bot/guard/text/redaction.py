"""What must not be shown in public: keys, passwords and tokens in text that a program wrote."""

from __future__ import annotations

import re

HIDDEN = "***"
"""What stands in the place of a secret, as in the logs of GitHub Actions."""

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
# Tokens that are known by how they begin, each with where that is documented.
_SHAPES = re.compile(
    r"\b(?:"
    # https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,}"
    r"|glpat-[\w-]{20,}"  # https://docs.gitlab.com/security/tokens/
    r"|sk-[\w-]{20,}"  # https://platform.openai.com/docs/api-reference/authentication
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|AIza[\w-]{35}"  # https://cloud.google.com/docs/authentication/api-keys
    r"|xox[abeoprs]-[\w-]{10,}"  # https://docs.slack.dev/authentication/tokens/
    r"|(?:sk|rk|pk)_(?:live|test)_\w{16,}"  # https://docs.stripe.com/keys
    r"|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{40,}"
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+"  # RFC 7519
    r")"
)


def redacted(text: str) -> str:
    """Return `text` with `HIDDEN` in the place of each value that looks like a secret.

    Those are values after a name such as "password" or "api_key", what is sent in an Authorization header, passwords
    in URLs, private keys, and tokens of known shapes. What the text says besides stays readable.
    """
    text = _KEY_BLOCK.sub(lambda match: f"{match['name']}\n{HIDDEN}\n", text)
    for pattern in (_PASSWORD_IN_URL, _AUTHORIZATION, _NAMED, _BEARER):
        text = pattern.sub(lambda match: match["name"] + HIDDEN, text)
    return _SHAPES.sub(HIDDEN, text)
