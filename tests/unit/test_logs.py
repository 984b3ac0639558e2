"""Logs are one JSON object a line, whatever is in them."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from bot.foreign import conceal
from bot.logs import JsonLines, about


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


@pytest.mark.parametrize(
    "secret", ["a canary of a key", 'a "quoted" canary', "canary-0\\\\n-canary", "ghp_" + "0aB" * 12]
)
def test_no_secret_is_in_a_line(secret: str) -> None:
    conceal([secret])
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError:
        told = line(msg="%s is wrong", args=(secret,), exc_info=sys.exc_info(), header=secret, more={"deep": [secret]})
    assert told["text"] == "*** is wrong" and told["header"] == "***" and told["more"] == {"deep": ["***"]}
    assert secret not in str(told) and "refused: ***" in told["exception"]


def test_nothing_forges_a_line() -> None:
    assert line(msg='a\n{"level": "error"}')["text"] == 'a\n{"level": "error"}'


def test_exceptions_and_odd_values_are_told() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        told = line(msg="x", exc_info=sys.exc_info(), value=object)
    assert "ValueError: broken" in told["exception"]
    assert "object" in told["value"]


def test_each_line_says_what_it_is_about() -> None:
    with about(run="octo/services#7-0", issue="octo/services#7", delivery=""):
        with about(delivery="guid"):
            inner = line(msg="x", delivery="of its own")
        outer = line(msg="x")
    assert (inner["run"], inner["issue"], inner["delivery"]) == ("octo/services#7-0", "octo/services#7", "of its own")
    assert outer["run"] == "octo/services#7-0" and "delivery" not in outer
    assert "run" not in line(msg="x")
