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


WAYS_OUT = {
    "marked": "@pytest.mark.skipif(True, reason='x')\ndef test_marked(call): assert call({}) == 1",
    "marked_late": "def test_marked_late(call, request): request.node.add_marker(pytest.mark.xfail); assert 0",
    "unittest": "def test_unittest(call): import unittest; raise unittest.SkipTest('x')",
    "import": "def test_import(call): pytest.importorskip('nothing_of_this_name')",
    "hidden": "def test_hidden(call): exec('call({})')",
    "frame": "def test_frame(call): import sys; sys._getframe(1).f_locals.clear(); call({})",
    "equal": "def test_equal(call): assert call({}) == type('A', (), {'__eq__': lambda a, b: True})()",
}
"""How a test could avoid to run, to count or to say anything, and not fail."""


def test_a_test_that_avoids_to_say_something_is_refused(run: Run) -> None:
    done = run("\n\n".join([PASSING, *WAYS_OUT.values()]), "one")
    assert {fault.split()[0] for fault in faults(done)} == {f"test_{name}" for name in WAYS_OUT}


@pytest.mark.parametrize(
    "way", ["async def test_two(call): assert call({}) == 1", "def test_two(call): yield; assert call({}) == 1"]
)
def test_a_test_that_does_not_run_has_failed(run: Run, way: str) -> None:
    done = run(f"{PASSING}\n{way}\n", "one")
    assert done.returncode != 0
    assert "test_two" in done.stdout


@pytest.mark.parametrize(
    "way",
    [
        "def test_two(call): import os; getattr(os, '_ex' + 'it')(0)",
        "def test_two(call): import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "def test_two(call): import os; os.execv('/bin/true', ['true'])",
        "def test_two(call): p = pytest; p.exit('done', 0)",
        "def test_two(call): raise SystemExit(0)",
        "def test_two(call): open('conftest.py', 'w').write('raise SystemExit(0)'); raise KeyboardInterrupt",
    ],
)
def test_a_test_that_ends_the_run_leaves_it_red(run: Run, way: str) -> None:
    assert run(f"{way}\n\n{PASSING}", "one").returncode != 0


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
