"""A headline says the cause, also where an exception's message begins on its second line."""

from __future__ import annotations

import pytest

from bot.buildlog import read_failure
from bot.buildlog.causes.message import whole_message

_VALIDATION = "ValidationError: 1 validation error for Output"


@pytest.mark.parametrize(
    ("first", "more", "whole"),
    [
        ("ValueError: too short", ["a line of the log"], "ValueError: too short"),
        ("KeyError", [], "KeyError"),
        ("AssertionError", ["assert 'a' == 'b'", "  - b", "  + a"], "AssertionError: assert 'a' == 'b'"),
        (
            "LookupError: ",
            ["*" * 70, "  Resource 'wordnet' not found.", "  Please use the downloader:", "  >>> import nltk"],
            "LookupError: Resource 'wordnet' not found.",
        ),
        (
            "ImportError:",
            ["", "A module that was compiled using NumPy 1.x cannot be run in", "NumPy 2.5.5 as it may crash. See"],
            "ImportError: A module that was compiled using NumPy 1.x cannot be run in NumPy 2.5.5 as it may crash. See",
        ),
        (
            "ImportError:",
            ["IMPORTANT: PLEASE READ THIS.", "Original error was: libopenblas.so: cannot open shared object file"],
            "ImportError: libopenblas.so: cannot open shared object file",
        ),
        (
            "Error: Browser.launch: ",
            ["╔═════════╗", "║ Host system is missing dependencies. ║", "║     apt-get install libnss3 ║"],
            "Error: Browser.launch: Host system is missing dependencies.",
        ),
        (
            _VALIDATION,
            ["count", "  Field required [type=missing, input_value={'a': 1}, input_type=dict]", "    For further"],
            f"{_VALIDATION}: count: Field required",
        ),
        (
            "ValidationError: 2 validation errors for Input",
            [
                "a",
                "  Field required [type=missing, input_value={}]",
                "b.0",
                "  Not a number [type=float, input_value=x]",
            ],
            "ValidationError: 2 validation errors for Input: a: Field required; b.0: Not a number",
        ),
    ],
)
def test_a_message_is_read_as_far_as_it_tells(first: str, more: list[str], whole: str) -> None:
    assert whole_message(first, more) == whole


def _pytest(exception: str, *more: str, line: int = 16) -> list[str]:
    return [
        "=================================== FAILURES ===================================",
        "___________________________________ test_a ____________________________________",
        "test_executor.py:5: in test_a",
        f"executor.py:{line}: in execute",
        "    return make(text)",
        f"E   {exception}",
        *(f"E   {text}" for text in more),
        "=========================== short test summary info ============================",
        "FAILED test_executor.py::test_a - " + exception[:30] + "...",
        "============================== 1 failed in 1.63s ===============================",
    ]


def _python(exception: str, *more: str) -> list[str]:
    frame = '  File "/service/executor.py", line 16, in execute'
    return ["Traceback (most recent call last):", frame, "    return make(text)", exception, *more]


_MISSING = [
    ("LookupError: ", "*" * 70, "  Resource 'punkt_tab' not found.", "  Searched in:", "    - '/tmp/nltk_data'"),
    ("LookupError: ", "*" * 70, "  Resource 'wordnet' not found.", "  Searched in:", "    - '/tmp/nltk_data'"),
    ("x._errors.Error: Browser.launch: ", "║ Host system is missing dependencies. ║", "║   install libnss3\\ ║"),
    ("x._errors.Error: Browser.launch: ", "║ Host system is missing dependencies. ║", "║   install libgbm1\\ ║"),
    (f"pydantic_core.{_VALIDATION}", "count", "  Field required [type=missing, input_value={}]"),
    (f"pydantic_core.{_VALIDATION}", "result", "  Field required [type=missing, input_value={}]"),
]


def test_another_missing_thing_is_another_failure() -> None:
    reported = [read_failure(_pytest(*message)) for message in _MISSING]

    assert len({failure.fingerprint for failure in reported}) == len(_MISSING)
    assert all(any(name in failure.headline for name in ("Resource '", "missing", "Field")) for failure in reported)


def test_another_missing_thing_is_another_failure_of_a_program() -> None:
    messages = [message for message in _MISSING if "Error: Browser" not in message[0]]

    assert len({read_failure(_python(*message)).fingerprint for message in messages}) == len(messages)


def test_the_same_missing_thing_is_the_same_failure() -> None:
    first, again = (
        read_failure(_pytest(f"pydantic_core.{_VALIDATION}", "count", f"  Field required [type=missing, {value}]"))
        for value in ("input_value={'at': 1}", "input_value={'at': 2}")
    )

    assert first.fingerprint == again.fingerprint


def test_two_missing_things_at_one_line_are_both_shown() -> None:
    log = [*_pytest(*_MISSING[0])[:-3], *_pytest(*_MISSING[1])[1:]]

    assert [name for name in ("punkt_tab", "wordnet") if name not in read_failure(log).excerpt] == []
