"""The languages in which people write their issues, and in which the bot answers them."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from lingua import LanguageDetector

_SURE = 0.6
"""How probable a language has to be for that it is answered in."""


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


def catalogue(folder: Path, tag: str) -> NullTranslations:
    """Return what the bot says in a language: the English itself where there is no catalogue of it.

    Args:
        folder: where the catalogues are, such as `de.po`.
        tag: as `language_tag` returns it; a catalogue of "de" is good for "de-AT", too.
    """
    for name in (tag, tag.partition("-")[0]):
        file = folder / f"{name}.po"
        if name and file.is_file():
            compiled = BytesIO()
            write_mo(compiled, read_po(BytesIO(file.read_bytes())))
            compiled.seek(0)
            return GNUTranslations(compiled)
    return NullTranslations()


def detected(prose: str) -> str:
    """Return in which language a text is probably written, as `language_tag` returns it; "" where that is not clear.

    Args:
        prose: words alone, a few of them are enough; names, code and addresses look like some language, too.
    """
    best = _detector().compute_language_confidence_values(prose)[0] if prose.strip() else None
    return language_tag(best.language.iso_code_639_1.name) if best is not None and best.value >= _SURE else ""


@cache
def _detector() -> LanguageDetector:
    # It holds some 60 MB, which no process shall have that never asks.
    from lingua import LanguageDetectorBuilder

    # More than sequences of three letters would take 900 MB, for very short texts that are a little better known.
    return LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().build()
