"""Characters that hide text from readers, or turn it around."""

from __future__ import annotations

import re
import unicodedata

# All that is not known to be visible at a glance: most texts hold little else than ASCII and Latin letters.
_IN_QUESTION = re.compile("[^\n\t -~\u00a1-\u00ac\u00ae-\u02ff]")
# Characters that Unicode calls default-ignorable and that are in none of the categories below: fillers, and selectors
# that can carry whole texts.
_IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")
# Format characters that are drawn: signs before numbers in Arabic, Syriac and Kaithi.
_DRAWN = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
_JOINERS = "\u200c\u200d"
_EMOJI_SELECTORS = "\ufe0e\ufe0f"
# A black flag, the letters of a region as tags, and the tag that ends them (https://unicode.org/reports/tr51/).
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
# One selector after a character of its script chooses another form of it: the registered forms of an ideograph, and
# those of Mongolian letters.
_FORM = re.compile(
    "(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e010f]|(?<=[\u1820-\u18aa])[\u180b-\u180f]"
)


def printable(text: str) -> str:
    """Return `text` with plain line ends and without the characters that hide text from readers.

    Those are controls, zero-width and direction-changing characters, tags, and selectors. What is part of a visible
    character stays: joiners in scripts that are written joined (Persian, Hindi) and in emoji, the tags of a flag, and
    one selector after an emoji, a keycap or an ideograph.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = {at for part in (_FLAG, _FORM) for match in part.finditer(text) for at in range(*match.span())}

    def kept(match: re.Match[str]) -> str:
        return "" if match.start() not in parts and _hides(text, match.start()) else match[0]

    return _IN_QUESTION.sub(kept, text)


def _hides(text: str, at: int) -> bool:
    """Tell whether the character at a place shows nothing to a reader and changes nothing that is shown."""
    char = text[at]
    if _DRAWN.match(char):
        return False
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if char in _EMOJI_SELECTORS:
        return not (before and (before in "#*0123456789\u203c\u2049\u2139\u3030" or _is_symbol(before)))
    if char in _JOINERS and before not in _JOINERS:
        joins_emoji = char == "\u200d" and _is_symbol(after) and (_is_symbol(before) or _ends_emoji(before))
        return not (joins_emoji or _is_joined_script(before) or _is_joined_script(after))
    return bool(_IGNORABLE.match(char)) or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}


def _is_symbol(char: str) -> bool:
    return char != "" and unicodedata.category(char) in {"So", "Sm", "Sk"}


def _ends_emoji(char: str) -> bool:
    return char in {"\ufe0f", "\u20e3", "\U000e007f"}


def _is_joined_script(char: str) -> bool:
    """Tell whether a character is a letter or mark of a script from Hebrew on; in Latin, Greek and Cyrillic a joiner
    shows nothing."""
    return char >= "\u0590" and unicodedata.category(char)[0] in "LM" and not _IGNORABLE.match(char)
