"""Logs are one JSON object a line, whatever is in them."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from bot.logs import JsonLines


def line(**fields: Any) -> dict[str, Any]:
    record = logging.makeLogRecord({"name": "bot.web", "levelname": "INFO", "levelno": 20, "created": 0.0} | fields)
    text = JsonLines().format(record)
    assert "\n" not in text
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def test_a_record_is_a_line_with_its_extra_fields() -> None:
    assert line(msg="started %s", args=("x",), delivery="guid", status=202) == {
        "time": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "logger": "bot.web",
        "text": "started x",
        "delivery": "guid",
        "status": 202,
    }


def test_nothing_forges_a_line() -> None:
    assert line(msg='a\n{"level": "error"}')["text"] == 'a\n{"level": "error"}'


def test_exceptions_and_odd_values_are_told() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        told = line(msg="x", exc_info=sys.exc_info(), value=object)
    assert "ValueError: broken" in told["exception"]
    assert "object" in told["value"]
