"""A run's timeline as bars: rows one below the other, on a scale of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from bot.values.progress import Phase, Progress

WIDTH = 1000.0
"""Units from the first second to the last."""
_THINNEST = 3.0


class Bar(NamedTuple):
    """Something that took time.

    Attributes:
        kind: "work", "people", "green", "red", or "now" where it lasts.
        began: seconds since the epoch.
        x, width: where it stands on the scale.
    """

    text: str
    kind: str
    began: float
    seconds: float
    x: float
    width: float

    @property
    def at(self) -> str:
        """When it began, for people."""
        return f"{datetime.fromtimestamp(self.began, UTC):%Y-%m-%d %H:%M:%S}"


class Row(NamedTuple):
    """What happened one after the other."""

    name: str
    bars: tuple[Bar, ...]


class _Span(NamedTuple):
    text: str
    kind: str
    began: float
    seconds: float


def rows(progress: Progress, now: float) -> list[Row]:
    """Return the timeline of a run: what belongs to no strategy, then each strategy that was built.

    Args:
        now: seconds since the epoch, where what lasts ends on the chart.
    """
    named = [("the run", [_phase(phase, now) for phase in progress.phases])]
    for number, record in enumerate(progress.strategies, start=1):
        spans = [
            _Span(f"build {count}" + (f": {build.died_of}" if build.died_of else ": green"), kind, *times)
            for count, build in enumerate(record.builds, start=1)
            for kind, times in [("red" if build.died_of else "green", (build.began, build.seconds))]
        ]
        named.append((f"{number}. {record.name}", spans))
    named = [(name, spans) for name, spans in named if spans]
    every = [span for _, spans in named for span in spans]
    if not every:
        return []
    begin = min(span.began for span in every)
    scale = WIDTH / max(1.0, max(span.began + span.seconds for span in every) - begin)
    return [Row(name, tuple(_bars(spans, begin, scale))) for name, spans in named]


def _phase(phase: Phase, now: float) -> _Span:
    lasts = phase.seconds is None
    kind = "now" if lasts else "people" if phase.name in ("answers", "approval", "people") else "work"
    text = {"answers": "waits for an answer", "approval": "waits for approval", "people": "waits for people"}
    seconds = max(0.0, now - phase.began) if phase.seconds is None else phase.seconds
    return _Span(text.get(phase.name, phase.name), kind, phase.began, seconds)


def _bars(spans: list[_Span], begin: float, scale: float) -> Iterator[Bar]:
    for span in spans:
        width = max(_THINNEST, span.seconds * scale)
        yield Bar(*span, x=round(min((span.began - begin) * scale, WIDTH - width), 1), width=round(width, 1))
