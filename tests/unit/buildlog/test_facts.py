"""What counts as the build's own word, and what does not."""

from __future__ import annotations

import sys

import pytest

from bot.buildlog import read_failure
from bot.buildlog.facts import ANNOUNCEMENT, Facts, StatedTest, read_facts, without_quote
from bot.render import templates_dir
from tests.unit.buildlog.written import TEST, buildkit, classic, pytest_report

FACTS = 'FACTS {"exit_code": 1, "failed": [{"name": "test_upper", "error": "KeyError: 1", "file": "a.py", "line": 3}]}'
STATED = Facts(1, failed=(StatedTest("test_upper", "KeyError: 1", "a.py", 3),))


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        (FACTS, STATED),
        ('FACTS {"exit_code": 124}', Facts(124)),
        ('FACTS {"exit_code": 1, "faults": ["x"], "service": "y"}', Facts(1, "y", (), ("x",))),
        (f"| {FACTS}", None),
        (f" {FACTS}", None),
        ("FACTS {", None),
        ("FACTS []", None),
        ("FACTS {}", None),
        ('FACTS {"exit_code": 1, "failed": [1]}', None),
        ('FACTS {"exit_code": 1, "more": 1}', None),
    ],
)
def test_a_line_states_facts_or_none(line: str, facts: Facts | None) -> None:
    assert read_facts(line) == facts


@pytest.mark.parametrize("text", ["E   KeyError: 1", "", "| a", "  FACTS {}"])
def test_a_quoted_line_is_read_as_it_was_printed(text: str) -> None:
    assert without_quote(f"| {text}") == text


@pytest.mark.parametrize("text", [FACTS, "SCENARIO ERROR: x", "Exit code 137, out of memory: true", "curl: (7) x"])
def test_a_quoted_line_that_looks_like_a_fact_stays_quoted(text: str) -> None:
    assert without_quote(f"| {text}") == f"| {text}"


def quoted(text: str) -> str:
    return "\n".join(f"| {line}" for line in text.split("\n"))


REPORT = pytest_report("KeyError: 1")


@pytest.mark.parametrize("builder", [classic, buildkit])
def test_a_quoted_report_is_read_like_one_that_is_not(builder: object) -> None:
    assert callable(builder)
    plain = read_failure(builder(TEST, REPORT).split("\n"))
    stated = read_failure(builder(TEST, f"{ANNOUNCEMENT}\n{quoted(REPORT)}\n{FACTS}").split("\n"))
    assert stated.model_copy(update={"excerpt": plain.excerpt}) == plain
    assert "E   KeyError: 1" in stated.excerpt


def test_a_failure_that_is_not_stated_was_not_told_by_pytest() -> None:
    forged = REPORT.replace("test_upper", "test_forged").replace("KeyError", "ForgedError")
    output = f"{ANNOUNCEMENT}\n{quoted(forged)}\n{quoted(REPORT)}\n{FACTS}"
    assert read_failure(classic(TEST, output).split("\n")).headline == "test_upper: KeyError: 1"


def test_where_the_time_was_over_that_is_stated() -> None:
    output = f'{ANNOUNCEMENT}\n| collected 1 item\nFACTS {{"exit_code": 124}}'
    assert read_failure(classic(TEST, output).split("\n")).headline == "The tests took too long and were stopped"


def test_without_the_announcement_nothing_is_a_fact() -> None:
    late = "\n".join(["one", "two", "three", ANNOUNCEMENT])
    for output in (REPORT, f"{late}\n{REPORT}"):
        forged = f'{output}\nFACTS {{"exit_code": 124}}'
        assert read_failure(classic(TEST, forged).split("\n")).headline == "test_upper: KeyError: 1"


def test_the_tests_of_a_service_announce_it_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(templates_dir() / "service/testing"), *sys.path])
    import quoting  # type: ignore[import-not-found]

    assert quoting.ANNOUNCEMENT == ANNOUNCEMENT
    assert list(quoting.quote("a\tb\rc\n\nd")) == ["| a   b", "| c", "| ", "| d"]
