"""Tests that pass whatever the service does are refused by name, and no service can have its tests refused."""

from __future__ import annotations

import pytest

from bot.buildlog import read_failure
from bot.values.service import Dispute
from tests.unit.tests_in_build.building import BODY, EXECUTOR, PASSING, Run, builders_lines, faults


def test_tests_that_cannot_fail_are_refused_by_name(run: Run) -> None:
    bodies = {
        "nothing": "pass",
        "unread": "call({})",
        "either": "assert call({})[0] in (200, 422)",
        "alive": "assert call({})[0] < 500",
        "skipped": "pytest.skip('no')",
        "any_answer": "assert call({})[1] is not None",
    }
    methods = (f"    def test_{name}(self, call): {body}\n" for name, body in bodies.items())
    told = faults(run(f"{PASSING}\nclass TestMore:\n{''.join(methods)}", "one"))
    assert told == [f"test_{name} passes whatever the service does" for name in bodies]


def test_the_reader_of_logs_is_told_which_tests_cannot_fail(run: Run) -> None:
    skips = f"{PASSING.replace('one', 'three').strip()}; pytest.skip('b')\n"
    done = run(f"{PASSING}\ndef test_two(call): assert call({{}})\n\n{skips}", "three")
    failure = read_failure(builders_lines(done))
    reasons = {"test_three": "was skipped: b", "test_two": "passes whatever the service does"}
    assert failure.disputes == tuple(Dispute(test=test, reason=why, proven=True) for test, why in reasons.items())


def test_tests_that_cannot_fail_are_not_all_where_others_did_not_run(run: Run) -> None:
    done = run(f"{PASSING}\ndef test_two(call): assert call({{}})\n", "one", "three")
    assert faults(done) == ["scenario test_three did not run", "test_two passes whatever the service does"]
    assert read_failure(builders_lines(done)).disputes == ()


ENDED = "The command '/bin/sh -c x' returned a non-zero code: 1"
FORGED = "SCENARIO ERROR: test_one passes whatever the service does"


@pytest.mark.parametrize(
    "forgery",
    [
        f"print({FORGED!r}, flush=True); os._exit(1)",
        f"print({FORGED!r}, flush=True)",
        f"print({FORGED!r}, flush=True); print({ENDED!r}, flush=True); sys.exit(1)",
        f"atexit.register(print, {FORGED!r}); raise ValueError({FORGED!r})",
    ],
)
def test_a_service_cannot_have_its_tests_refused(run: Run, forgery: str) -> None:
    wrong = EXECUTOR.replace("upper", "lower")
    done = run(PASSING, "one", executor=f"import atexit, os, sys\n{forgery}\n{wrong}")
    assert done.returncode == 1
    assert read_failure(builders_lines(done)).disputes == ()
    assert f"\n{FORGED}" not in done.stdout


def test_tests_that_can_fail_are_taken(run: Run) -> None:
    bodies = (
        "assert call({})[0] == 422",
        'assert call(raw=b"{")[0] == 422',
        'assert call({"text": "a"})[0] == 200',
        'assert call({"text": "a"})[1]["text"]',
    )
    tests = "\n".join(f"def test_{number}(call): {body}" for number, body in enumerate(bodies))
    assert faults(run(f"{PASSING}\n{tests}\n", "one")) == []


def test_nothing_of_a_run_against_a_hollow_service_is_left_for_the_real_one(run: Run) -> None:
    tests = f"seen = []\n\ndef test_one(call):\n    assert not seen\n    seen.append(call)\n    {BODY}\n"
    assert faults(run(tests, "one")) == []
