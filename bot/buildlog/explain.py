"""A symptom that a clue explains: a service that does not answer, a test that gets nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.buildlog.causes import Cause, Rank, Verdict, classify, find_place, read_frame
from bot.buildlog.clues import Clue, ClueRank
from bot.values.failure import FailureClass

_NOTHING = re.compile(r"\bassert (?:None|''|\"\"|\[\]|\{\}|set\(\)|b'')|\bis (?:not )?None\b|\bEmpty\b|== None\b")
"""How an assertion shows that a test got nothing."""


def explained(verdict: Verdict, clues: Sequence[Clue]) -> Verdict:
    """Return the verdict with what a clue adds to a cause that is only a symptom; else the verdict itself.

    Args:
        clues: the most telling first.
    """
    cause = verdict.cause
    clue = next((clue for clue in clues if _explains(clue, cause)), None)
    if clue is None:
        return verdict
    text = clue.lines[-1].strip()
    key = f"{cause.key or cause.headline}\n{text}"
    if cause.failure_class is FailureClass.TEST:
        return replace(verdict, cause=replace(cause, headline=f"{cause.headline} (printed: {text})", key=key))
    file, line = find_place([frame for text in clue.lines if (frame := read_frame(text))])
    known_class = cause.failure_class is FailureClass.SMOKE
    failure_class = cause.failure_class if known_class else classify(text, FailureClass.CODE)
    headline = f"{text} (then {cause.headline})"
    cause = replace(cause, failure_class=failure_class, headline=headline, key=key, file=file, line=line)
    return replace(verdict, cause=cause)


def _explains(clue: Clue, cause: Cause) -> bool:
    """Return whether a clue is the cause of what so far only shows."""
    if clue.rank is not ClueRank.OWN_EXCEPTION:
        return False
    if cause.failure_class is FailureClass.TEST:
        return not clue.elsewhere and _NOTHING.search(cause.headline) is not None
    symptom = cause.failure_class is FailureClass.SMOKE or cause.rank is Rank.VAGUE
    return symptom and not cause.file and clue.elsewhere
