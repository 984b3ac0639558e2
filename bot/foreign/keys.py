"""Keys and tokens that are known by their shape, in text that everybody can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from bot.foreign.concealed import HIDDEN, without_concealed
from bot.sentence import Sentence, sentence

# Those of the library's detectors that go by a shape that nothing else has. The others go by entropy, or by a word such
# as "key" that stands near: these cry wolf over test data and source code.
_DETECTORS: tuple[type[RegexBasedDetector], ...] = (
    AWSKeyDetector,
    AzureStorageKeyDetector,
    DiscordBotTokenDetector,
    GitHubTokenDetector,
    GitLabTokenDetector,
    MailchimpDetector,
    OpenAIDetector,
    PypiTokenDetector,
    SendGridDetector,
    SlackDetector,
    SquareOAuthDetector,
    StripeDetector,
    TelegramBotTokenDetector,
    TwilioKeyDetector,
)
# What the library does not know, or knows in one of several lengths only: the kind, how it begins, how it goes on.
_MORE = (
    # https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    ("GitHub Token", "gh[pousr]_", "[A-Za-z0-9]{16,}"),
    ("GitHub Token", "github_pat_", r"\w{20,}"),
    ("GitLab Token", "glpat-", r"[\w-]{20,}"),  # https://docs.gitlab.com/security/tokens/
    # OpenAI's own, and those of others who took the form: https://platform.openai.com/docs/api-reference/authentication
    ("API key of a model", "sk-", r"[\w-]{20,}"),
    ("Google API Key", "AIza", r"[\w-]{35}"),  # https://cloud.google.com/docs/authentication/api-keys
    ("Slack Token", "xox[abeoprs]-", r"[\w-]{10,}"),  # https://docs.slack.dev/authentication/tokens/
    ("Stripe Access Key", "(?:sk|rk|pk)_(?:live|test)_", r"\w{16,}"),  # https://docs.stripe.com/keys
    ("Hugging Face Token", "hf_", "[A-Za-z0-9]{30,}"),
    ("NPM tokens", "npm_", "[A-Za-z0-9]{36}"),
    ("PyPI Token", "pypi-", r"[\w-]{40,}"),
)
_PRIVATE_KEY = r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{40,}(?:-----END [A-Z ]*PRIVATE KEY-----)?"


def _known() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield each kind of key with a shape of it."""
    # A key begins where a word does. With the "\b" in front, `re` would try each place of a text, and a line of the log
    # would take twice as long.
    yield from ((kind, re.compile(rf"{begin}(?<=\b{begin}){rest}")) for kind, begin, rest in _MORE)
    yield "Private Key", re.compile(_PRIVATE_KEY)
    for detector in (known() for known in _DETECTORS):
        shapes = list(detector.denylist)
        # The first of Amazon's is the shape of its keys; the second goes by a word that stands near.
        for shape in shapes[:1] if isinstance(detector, AWSKeyDetector) else shapes:
            yield detector.secret_type, shape


_SHAPES = tuple(_known())
_SAMPLE = re.compile(r"EXAMPLE|(\w)\1{9}", re.IGNORECASE)
"""What makes of a key one that documentation shows: the word, or ten times the same character."""


class Key(NamedTuple):
    """A key in a text: what kind it is, its first line, counted from 1, and where it stands.

    It does not hold the key itself, so that a message about it cannot either.
    """

    kind: str
    line: int
    start: int
    end: int

    @property
    def place(self) -> Sentence:
        """What is said of it, e.g. "a GitHub Token in line 3"; the kinds have names of their own."""
        if self.kind[0] in "AEIO":
            return sentence("an %(kind)s in line %(line)s", kind=self.kind, line=self.line)
        return sentence("a %(kind)s in line %(line)s", kind=self.kind, line=self.line)


def find_keys(text: str) -> Iterator[Key]:
    """Yield the keys and tokens in a text, in order and none twice; samples, as documentation shows them, are none."""
    end = 0
    for key in sorted(_matches(text), key=lambda key: (key.start, -key.end)):
        if key.start >= end and not _SAMPLE.search(text, key.start, key.end):
            end = key.end
            yield key


def without_keys(text: str) -> str:
    """Return a text with `HIDDEN` in the place of each key and token in it, and of each secret of the bot's."""
    text = without_concealed(text)
    parts, at = [], 0
    for key in find_keys(text):
        parts += [text[at : key.start], HIDDEN]
        at = key.end
    return "".join([*parts, text[at:]])


def without_shapes(text: str) -> str:
    """Return a text with `HIDDEN` in the place of each key and token in it, also of samples."""
    for _, shape in _SHAPES:
        text = shape.sub(HIDDEN, text)
    return text


def _matches(text: str) -> Iterator[Key]:
    for kind, shape in _SHAPES:
        for match in shape.finditer(text):
            yield Key(kind, text.count("\n", 0, match.start()) + 1, *match.span())
