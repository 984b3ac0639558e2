"""Keys and tokens in a file that everybody can read."""

from __future__ import annotations

import re
from collections.abc import Iterator

KNOWN_SHAPES = (
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
)
"""A pattern of tokens that are known by how they begin, each with where that is documented."""

_CREDENTIAL = re.compile(rf"\b(?:{KNOWN_SHAPES})|-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{{40,}}")
_SHOWN = 8


def find_credentials(text: str, given: str = "") -> Iterator[str]:
    """Yield the beginning of each key or token in a text, but not of those that the person gave as data.

    Args:
        given: everything that the person wrote.
    """
    for match in _CREDENTIAL.finditer(text):
        if match[0] not in given:
            yield f"{match[0][:_SHOWN]}…"
