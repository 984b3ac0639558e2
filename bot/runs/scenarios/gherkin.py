"""The words that begin the steps of a test, as Gherkin has them in each language (https://cucumber.io/docs/gherkin/)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from gherkin.dialect import DIALECTS

_KINDS = {
    "f": ("feature", "rule"),
    "b": ("background",),
    "s": ("scenarioOutline", "scenario"),
    "e": ("examples",),
    "g": ("given",),
    "w": ("when",),
    "t": ("then",),
    "a": ("and", "but"),
}
"""A letter for each kind of line, and what Gherkin calls it."""
_TITLED = "fbse"
"""The kinds that end with a colon; a scenario may have a number before it."""
_ALWAYS = ("en", "de")
"""Languages of which single steps are known, whatever the other lines are."""


def step_kinds(lines: Sequence[str]) -> list[str]:
    """Return for each line the letter of its kind, or "": f(eature), b(ackground), s(cenario), e(xamples), g(iven),
    w(hen), t(hen), a(nd).

    They are read in English, German, and the one other language in which most of these lines are steps. "And" is the
    beginning of a step only after another one.
    """
    best = [""] * len(lines)
    known = [[_kind(language, line) for line in lines] for language in _ALWAYS]
    for language in DIALECTS:
        kinds = [_kind(language, line) for line in lines]
        if set("gw") & set(kinds) and "t" in kinds and sum(map(bool, kinds)) > sum(map(bool, best)):
            best = kinds
    read = [next(filter(None, kinds), "") for kinds in zip(best, *known, strict=True)]
    first = next((number for number, kind in enumerate(read) if kind in ("g", "w", "t")), len(read))
    return ["" if kind == "a" and number < first else kind for number, kind in enumerate(read)]


def _kind(language: str, line: str) -> str:
    match = _pattern(language).match(line.replace("’", "'"))
    return str(match.lastgroup) if match else ""


@cache
def _pattern(language: str) -> re.Pattern[str]:
    groups = []
    for kind, names in _KINDS.items():
        words = [word for name in names for word in DIALECTS[language][name] if word != "* "]  # type: ignore[literal-required]
        if language == "de" and kind == "g":
            words.append("Gegeben ")
        ends = r"(?: \d+)?\s*:" if kind in _TITLED else ""
        # Where a language writes no blank after the word, Gherkin has none either.
        each = [re.escape(word.strip()) + (r"(?![^\W_])" if word.endswith(" ") else "") for word in words]
        groups.append(f"(?P<{kind}>(?:{'|'.join(sorted(each, key=len, reverse=True))}){ends})")
    return re.compile(rf"\s*[*_]*(?:{'|'.join(groups)})", re.IGNORECASE)
