"""What the model is asked and answers, as the bot's worker writes it down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Exchange(NamedTuple):
    """One prompt and its reply."""

    stage: str
    model: str
    prompt: str
    reply: str


class Exchanges:
    """A transcript that grows (`bot.logs.write_transcript`)."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0

    def new(self) -> Iterator[Exchange]:
        """Yield what was written since the last time."""
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._read)
            for line in file:
                # The worker may be writing the last line.
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                fields = json.loads(line)
                yield Exchange(*(fields[name] for name in Exchange._fields))
