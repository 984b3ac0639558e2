"""The fingerprint is the same for the same failure, and another for another."""

from __future__ import annotations

import pytest

from bot.buildlog import read_failure
from tests.unit.buildlog.written import LOGS, TEST, as_github, buildkit, classic, pytest_report


def test_same_failure_has_same_fingerprint_under_both_builders() -> None:
    prints = {
        name: {
            read_failure((LOGS / f"{b}_{name}.txt").read_text().split("\n")).fingerprint
            for b in ("classic", "buildkit")
        }
        for name in ("apt", "pip", "missing_module", "library", "failing_tests")
    }

    assert all(len(equal) == 1 for equal in prints.values())
    assert len(set.union(*prints.values())) == len(prints)


def test_fingerprint_ignores_numbers_and_paths_but_not_names() -> None:
    def fingerprint_of(error: str) -> str:
        report = (
            f"=== FAILURES ===\n____ test_a ____\nE   {error}\n=== short test summary info ===\nFAILED t.py::test_a\n"
        )
        return read_failure(as_github(report)).fingerprint

    assert fingerprint_of("OSError: /tmp/a1/x.png at 0x7f3a after 1.25s") == fingerprint_of(
        "OSError: /var/b/x.png at 0x11 after 3s"
    )
    assert fingerprint_of("KeyError: 'width'") != fingerprint_of("KeyError: 'height'")


@pytest.mark.parametrize(
    ("error", "other"),
    [
        ("AssertionError: assert <Page at 0x7f12> is None", "AssertionError: assert <Page at 0x7fff> is None"),
        ("OSError: no file '/tmp/tmpab12cd_f/out.png'", "OSError: no file '/tmp/tmpzz9_qq1x/out.png'"),
        ("OSError: no file '/tmp/tmpab12cd_f'", "OSError: no file '/tmp/tmpzz9_qq1x'"),
        ("KeyError: 'c0a8012e-0a01-4d7e-9c52-66b3c1f0aa11'", "KeyError: '11a8012e-0a01-4d7e-9c52-66b3c1f0aa99'"),
        ("OSError: 127.0.0.1:43211 refused", "OSError: 127.0.0.1:51999 refused"),
        ("AssertionError: took 1.2 seconds: assert 1.2 < 1", "AssertionError: took 1.9 seconds: assert 1.9 < 1"),
        ("AssertionError: assert 1.23456 < 1", "AssertionError: assert 1.94321 < 1"),
        ("AssertionError: assert {'a', 'b'} == {'c'}", "AssertionError: assert {'b', 'a'} == {'c'}"),
        ("ValueError: bad 2026-05-07T10:00:01.1Z", "ValueError: bad 2026-05-08T11:30:59.0Z"),
        ("OSError: pid 4711 is gone", "OSError: pid 23 is gone"),
    ],
)
def test_fingerprint_is_the_same_for_the_same_failure(error: str, other: str) -> None:
    first = read_failure(as_github(buildkit(TEST, pytest_report(error))))
    again = read_failure(as_github(classic(TEST, pytest_report(other, line=77, seconds="13.01"))))

    assert first.fingerprint == again.fingerprint


@pytest.mark.parametrize(
    ("error", "other"),
    [
        ("AssertionError: assert 'HELO' == 'HELLO'", "AssertionError: assert '' == 'HELLO'"),
        ("AssertionError: assert 3 == 4", "AssertionError: assert 5 == 4"),
        ("AssertionError: assert 0.5 == 1.0", "AssertionError: assert 0.7 == 1.0"),
        ("AssertionError: assert 54321 == 12346", "AssertionError: assert 12345 == 12346"),
        ("ModuleNotFoundError: No module named 'a'", "ModuleNotFoundError: No module named 'b'"),
        ("KeyError: 'width'", "TypeError: 'width'"),
    ],
)
def test_fingerprint_differs_for_another_failure(error: str, other: str) -> None:
    first, second = (read_failure(as_github(buildkit(TEST, pytest_report(text)))) for text in (error, other))

    assert first.fingerprint != second.fingerprint


def test_fingerprint_knows_the_tests_but_not_their_order() -> None:
    def fingerprint_of(*names: str) -> str:
        blocks = "\n".join(f"____ {name} ____\nt.py:1: in x\nE   AssertionError: assert {name!r}" for name in names)
        report = f"==== FAILURES ====\n{blocks}\n==== short test summary info ====\n==== {len(names)} failed in 1s ===="
        return read_failure(as_github(report)).fingerprint

    assert fingerprint_of("test_a", "test_b") == fingerprint_of("test_b", "test_a")
    assert fingerprint_of("test_a", "test_b") != fingerprint_of("test_a", "test_c")


def test_fingerprint_tells_by_what_pytest_explains() -> None:
    def fingerprint_of(explained: str) -> str:
        return read_failure(as_github(pytest_report("AssertionError: assert False", more=explained))).fingerprint

    assert fingerprint_of("E    +  where False = isinstance(None, str)\n") != fingerprint_of(
        "E    +  where False = isinstance(3, str)\n"
    )
