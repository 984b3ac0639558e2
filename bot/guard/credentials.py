"""Keys and tokens in a file that everybody can read."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Tokens that are known by how they begin, each with where that is documented.
_TOKEN = re.compile(
    r"\b(?:"
    # https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    r"gh[opsur]_[A-Za-z0-9]{30,}|github_pat_\w{30,}"
    r"|sk-[A-Za-z0-9_-]{20,}"  # https://platform.openai.com/docs/api-reference/authentication
    r"|AKIA[A-Z0-9]{16}"  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    r"|AIza[\w-]{35}"  # https://cloud.google.com/docs/authentication/api-keys
    r"|xox[abprs]-[\w-]{10,}"  # https://docs.slack.dev/authentication/tokens
    r")|-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{40,}"
)
_SHOWN = 8


def find_credentials(text: str, given: str = "") -> Iterator[str]:
    """Yield the beginning of each key or token in a text, but not of those that the person gave as data.

    Args:
        given: everything that the person wrote.
    """
    for match in _TOKEN.finditer(text):
        if match[0] not in given:
            yield f"{match[0][:_SHOWN]}…"
