"""Text of anybody's where GitHub shows no Markdown: titles, commits, statuses, annotations.

GitHub looks for mentions, references and words that close issues there all the same, and for words in commits that
keep workflows from running. It knows them by their signs, so these stand in their wide form, which reads the same.
"""

from __future__ import annotations

import re
from typing import Any, Self

from markupsafe import Markup

from bot.foreign.characters import printable
from bot.foreign.keys import without_keys
from bot.foreign.redaction import redacted

_SIGNS = {"@": "＠", "#": "＃"}
_SIGN = re.compile(r"(?<![A-Za-z0-9])@(?=[A-Za-z0-9])|#(?=\d)")
_OTHER_REFERENCE = re.compile(r"\b(GH)-(?=\d)", re.IGNORECASE)
_ISSUE_URL = re.compile(
    r"https?://(?=[^\s/]+/[\w.-]+/[\w.-]+/(?:issues|pulls?|discussions|commits?)/\w)", re.IGNORECASE
)
# https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
_SKIPS = re.compile(r"\[((?:skip|no)[ -]\w+|\w+[ -]skip)\]", re.IGNORECASE)
_TRAILER = re.compile(r"^[ \t]*[A-Za-z]+(?:-[A-Za-z]+)+(?=[ \t]*:)", re.MULTILINE)
"""The key of a line that GitHub and the bot read at a commit's end, e.g. "skip-checks" or "Co-authored-by"."""


class Plain(Markup):
    """Plain text that may go out as it is. What is added to it or formatted into it is made fit first."""

    __slots__ = ()

    @classmethod
    def escape(cls, s: Any, /) -> Self:
        """Return what is `Plain` as it is, and everything else as `plain`."""
        return cls(s if isinstance(s, cls) else _inert(str(s)))


def plain(text: object) -> Plain:
    """Return a text, of several lines where it has them, in which nobody is mentioned and nothing linked or closed."""
    return Plain.escape(text)


def one_line(text: object) -> Plain:
    """Return a text on one line, e.g. as a title."""
    return plain(" ".join(str(text).split()))


def from_log(text: str) -> Plain:
    """Return what a log says, without the secrets that only a name there gives away."""
    return plain(redacted(text))


def unlinked(text: str) -> str:
    """Return a text in which nobody is mentioned and nothing referred to; what else it does, it does."""
    text = _SIGN.sub(lambda match: _SIGNS[match[0]], text)
    return _ISSUE_URL.sub("", _OTHER_REFERENCE.sub(r"\1 ", text))


def _inert(text: str) -> str:
    text = unlinked(without_keys(printable(text)))
    return _TRAILER.sub(lambda match: match[0].replace("-", " "), _SKIPS.sub(r"(\1)", text))
