"""A symptom that a clue explains: a service that does not answer, a test that gets nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.buildlog.causes import Rank, Verdict, classify, find_place, read_frame
from bot.buildlog.clues import Clue, ClueRank
from bot.values.failure import FailureClass, Phase

_NOTHING = re.compile(r"\bassert (?:None|''|\"\"|\[\]|\{\}|set\(\)|b'')|\bis (?:not )?None\b|\bEmpty\b|== None\b")
"""How an assertion shows that a test got nothing."""


_UNANSWERED = re.compile(
    r"Connect(?:ion)?Error\b|RemoteProtocolError|RemoteDisconnected|Connection(?:Refused|Reset)|BrokenPipe|ReadTimeout|"
    r"[Cc]onnection refused|closed connection without|disconnected without"
)
"""How a test shows that a service did not answer it."""
_REPORTED = re.compile(r"^(?:ERROR|FATAL|CRITICAL)\b|\[Errno \d+\]|^\w*[Ee]rror: ")


_STATES = re.compile(r'^"\w+": (?:"\w*"|\w+),?$')
"""A fact in JSON that is none of a program's words."""
_OUTPUT = re.compile(r'^"Output": "(.+)",?$')
_WORDS = (ClueRank.OWN_EXCEPTION, ClueRank.EXCEPTION, ClueRank.NAMED, ClueRank.TROUBLE, ClueRank.HEALTH)
"""Clues that hold a program's own words, the most telling first."""


def explained(verdict: Verdict, clues: Sequence[Clue]) -> Verdict:
    """Return the verdict with what a clue adds to a cause that is only a symptom; else the verdict itself.

    Args:
        clues: the most telling first.
    """
    cause = verdict.cause
    clue = _explanation(verdict, clues)
    if clue is None:
        return verdict
    text = _OUTPUT.sub(r"\1", clue.lines[-1].strip())
    key = f"{cause.key or cause.headline}\n{text}"
    if cause.failure_class is FailureClass.TEST and not clue.elsewhere:
        return replace(verdict, cause=replace(cause, headline=f"{cause.headline} (printed: {text})", key=key))
    file, line = find_place([frame for text in clue.lines if (frame := read_frame(text))])
    asked = cause.headline.startswith("curl: ")
    smoke = asked or verdict.phase is Phase.SMOKE or cause.failure_class is FailureClass.SMOKE
    failure_class = FailureClass.SMOKE if smoke else classify(text, FailureClass.CODE)
    headline = f"{text} (then {cause.headline})"
    cause = replace(cause, failure_class=failure_class, headline=headline, key=key, file=file, line=line)
    return replace(verdict, cause=replace(cause, transient=False))


def _explanation(verdict: Verdict, clues: Sequence[Clue]) -> Clue | None:
    """Return the clue that is the cause of what so far only shows, or None."""
    cause = verdict.cause
    exceptions = [clue for clue in clues if clue.rank is ClueRank.OWN_EXCEPTION]
    dead = [clue for clue in exceptions if clue.elsewhere and clue.diagnostic]
    if cause.failure_class is FailureClass.TEST and _UNANSWERED.search(cause.headline):
        return next(iter(dead), None)
    if cause.failure_class is FailureClass.TEST:
        printed = (clue for clue in exceptions if not clue.elsewhere)
        return next(printed, None) if _NOTHING.search(cause.headline) else None
    if cause.headline.startswith("curl: "):
        # A network that fails, or a service that has died and whose log is shown.
        return next(iter([*dead, *_reported(clues)]), None)
    if cause.file or not (cause.rank is Rank.VAGUE or cause.failure_class is FailureClass.SMOKE):
        return None
    # A step that says nothing itself died of whatever another one shows that prints a log.
    silent = cause.rank is Rank.VAGUE and cause.failure_class is FailureClass.INFRA
    if silent:
        shown = [clue for clue in clues if clue.diagnostic and not _STATES.match(clue.lines[-1].strip())]
        exceptions += [clue for rank in _WORDS for clue in shown if clue.rank is rank]
    return next((clue for clue in exceptions if clue.elsewhere), None)


def _reported(clues: Sequence[Clue]) -> list[Clue]:
    """Return the clues that stand in another step's log of something and say as an error why it does not work."""
    ranks = (ClueRank.NAMED, ClueRank.TROUBLE)
    shown = (clue for clue in clues if clue.rank in ranks and clue.elsewhere and clue.diagnostic)
    return [clue for clue in shown if _REPORTED.search(clue.lines[-1].strip())]
