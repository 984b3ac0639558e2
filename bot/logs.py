"""Log lines on standard error: each is a JSON object with a text and further fields."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TRANSCRIPT = "bot.transcript"
"""The logger of what the model is asked and answers."""

_ABOUT: ContextVar[dict[str, str]] = ContextVar("what the lines of this thread are about", default={})  # noqa: B039

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Have each line that this thread logs meanwhile, in whatever module, hold these fields; none that is ""."""
    token = _ABOUT.set(_ABOUT.get() | {name: value for name, value in fields.items() if value})
    try:
        yield
    finally:
        _ABOUT.reset(token)


class JsonLines(logging.Formatter):
    """Formats a record as one line without secrets; what it is `about`, and each entry of `extra`, becomes a field."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        fields |= _ABOUT.get()
        fields |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        # Imported here, because commands that log nothing start a fifth of a second faster without.
        from bot.foreign import without_keys

        # JSON escapes line breaks, so that a header or a title from outside cannot forge a line.
        return without_keys(json.dumps(fields, default=str, ensure_ascii=False))


def write_transcript(file: Path) -> None:
    """Append what the model is asked and answers to a file that only this user can read, a JSON object a line."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(JsonLines())
    transcript = logging.getLogger(TRANSCRIPT)
    transcript.setLevel(logging.DEBUG)
    transcript.propagate = False
    transcript.addHandler(handler)


def configuration(level: str = "INFO") -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "bot.logs.JsonLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": level, "handlers": ["stderr"]},
        # gunicorn gives its logger a handler of its own; without this, each of its lines would be written twice.
        "loggers": {"gunicorn.error": {"level": level, "handlers": [], "propagate": True}},
    }
