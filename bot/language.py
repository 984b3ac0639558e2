"""The languages in which people write their issues, and in which the bot answers them."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError


def language_tag(text: str) -> str:
    """Return a language as BCP 47 writes it, e.g. "pt-BR" for "pt_br"; "" for what is no known language."""
    try:
        return str(Locale.parse(text.strip(), sep="-" if "-" in text else "_")).replace("_", "-")
    except (ValueError, UnknownLocaleError):
        return ""


def english_name(tag: str) -> str:
    """Return what a language is called in English, e.g. "German" for "de".

    Args:
        tag: as `language_tag` returns it, but not "".
    """
    return Locale.parse(tag, sep="-").english_name or tag


def is_english(tag: str) -> bool:
    """Tell whether a language is English, as one is that nobody knows."""
    return tag.partition("-")[0] in ("", "en")
