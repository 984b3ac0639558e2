"""The excerpt shows what matters, and as much of the rest as there is room for."""

from __future__ import annotations

from bot.buildlog import EXCERPT_LIMIT, read_failure
from bot.buildlog.excerpt import RankedLine, fit
from tests.unit.buildlog.written import as_github, pytest_report


def test_many_failures_fit_and_each_keeps_its_error() -> None:
    blocks = "\n".join(
        f"____ test_{n} ____\n" + "    filler of the traceback\n" * 80 + f"E   AssertionError: wrong {n}"
        for n in "abcde"
    )
    summary = "\n".join(f"FAILED test_executor.py::test_{n} - AssertionError: wrong {n}" for n in "abcde")
    report = f"==== FAILURES ====\n{blocks}\n==== short test summary info ====\n{summary}\n==== 5 failed in 1.0s ===="

    failure = read_failure(as_github(report))

    assert len(failure.excerpt) <= EXCERPT_LIMIT
    assert [n for n in "abcde" if f"E   AssertionError: wrong {n}" in failure.excerpt] == list("abcde")
    assert failure.headline == "test_a: AssertionError: wrong a"


def test_several_tests_with_one_cause_become_one() -> None:
    blocks = "\n".join(
        f"____ test_{name} ____\ntest_executor.py:{line}: in test_{name}\n    run()\nexecutor.py:7: in run\n    x()\n"
        "E   ZeroDivisionError: division by zero"
        for line, name in enumerate("abcdef")
    )
    report = f"==== FAILURES ====\n{blocks}\n==== short test summary info ====\n==== 6 failed in 1.0s ===="

    failure = read_failure(as_github(report))

    assert failure.excerpt.count("ZeroDivisionError") == 1
    assert "The same cause in 5 more: test_b, test_c, test_d, test_e, test_f" in failure.excerpt
    assert (failure.file, failure.line) == ("executor.py", 7)


def test_long_values_and_repeated_lines_shrink() -> None:
    image = "iVBORw0KGgoAAAANSUhEUgAA" * 40
    output = f"AssertionError: assert '{image}' == 'x'"
    noise = "".join(f"E     line {number} of a frame\n" for number in range(3)) + "E     same\n" * 200

    failure = read_failure(as_github(pytest_report(output, more=noise)))

    assert "characters of base64)" in failure.excerpt
    assert image not in failure.excerpt
    assert failure.excerpt.count("E     same") == 1


def test_lines_that_are_left_out_are_marked() -> None:
    lines = [RankedLine(0, 5, ""), RankedLine(0, 9, "the cause"), RankedLine(8, 10, "noise"), RankedLine(1, 12, "more")]

    assert fit(lines, 100) == "the cause\n…\nmore"
