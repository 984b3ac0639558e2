"""How many tokens a text has, estimated without the model's tokenizer."""

from __future__ import annotations

import math
import re
from bisect import bisect_right

# The parts a text is made of. The tokens of each are fitted to what three tokenizers (Qwen2.5, cl100k, o200k) count for
# prose, code, logs and data, always the largest of the three. For English and code that is 10 to 25 % too many. No
# library counts for every model, and those that count for one download what they need.
_PARTS = re.compile(
    r"""
    (?P<data>(?=[A-Za-z+/]{0,15}[0-9])[A-Za-z0-9+/]{20,}={0,2})  # base64, digests: hardly any words
    |(?P<word>[A-Z]?[a-z]+|[A-Z]+(?![a-z]))
    |(?P<digit>[ ]?[0-9])  # some tokenizers take digits one by one, and the space before them too
    |(?P<rule>([^\w\s])\5{3,})
    |(?P<marks>[!-/:-@\[-`{-~]+)
    |(?P<break>\s*\n\s*|[^\S\n]{2,})
    |\s
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# The tokens of a character, by the first character of its block: Latin-1 signs, accented letters (each splits a word),
# Greek, Cyrillic, Hebrew, Arabic, the scripts of India, those east of it, Vietnamese, signs, Chinese to Korean, emoji.
_FROM = (0, 0xC0, 0x370, 0x400, 0x530, 0x600, 0x900, 0xE00, 0x1E00, 0x2000, 0x2E80, 0x10000)
_EACH = (1.0, 1.7, 1.1, 0.5, 1.2, 0.9, 1.3, 1.1, 1.2, 1.2, 1.1, 3.0)


def estimate(text: str) -> int:
    """Return how many tokens `text` has for most models: rather too many than too few."""
    tokens = 0.0
    for part in _PARTS.finditer(text):
        chars, length = part[0], len(part[0])
        match part.lastgroup:
            case "data":
                digits = sum(character.isdigit() for character in chars)
                tokens += digits + 0.72 * (length - digits)
            case "word" if chars.isupper():
                tokens += max(1, length / 3.5)
            case "word":
                tokens += max(1, length / 5)
            case "digit":
                tokens += length
            case "marks":
                tokens += max(1, 0.67 * length)
            case "break":
                tokens += 1 + length // 40
            case "other":
                tokens += _EACH[bisect_right(_FROM, ord(chars)) - 1]
            case "rule":
                tokens += 1 + length / 16
    return math.ceil(tokens)
