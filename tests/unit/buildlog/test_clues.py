"""What else in a job's log may tell of the cause is shown after it, the most telling first."""

from __future__ import annotations

from bot.buildlog import EXCERPT_LIMIT, read_failure
from bot.buildlog.clues import HEADING
from bot.values.failure import FailureClass

_PROBE = "curl: (7) Failed to connect to 127.0.0.1 port 8080 after 0 ms: Couldn't connect to server"


def _step(script: str, *output: str, code: int = 0) -> list[str]:
    ending = [f"##[error]Process completed with exit code {code}."] if code else []
    return [f"##[group]Run {script}", "shell: /usr/bin/bash -e {0}", "##[endgroup]", *output, *ending]


def _traceback(exception: str, line: int = 3) -> list[str]:
    frame = f'  File "/service/executor.py", line {line}, in load'
    return ["Traceback (most recent call last):", frame, f"    load_{line}()", exception]


def _clues(*steps: list[str]) -> str:
    excerpt = read_failure([line for step in steps for line in step]).excerpt
    assert len(excerpt) <= EXCERPT_LIMIT
    return excerpt.partition(HEADING)[2]


def test_a_step_after_the_failed_one_may_show_the_cause() -> None:
    shown = _step("docker logs app", *_traceback("KeyError: 'API_BASE'"))

    clues = _clues(_step("probe", _PROBE, code=7), shown)

    assert clues.startswith("\n--- Run docker logs app:\n")
    assert "    load_3()\nKeyError: 'API_BASE'" in clues


def test_a_step_before_the_failed_one_may_show_the_cause() -> None:
    lost = _step("pip install -r requirements.txt | tee log", "ERROR: No matching distribution found for qrcod")

    assert "No matching distribution found for qrcod" in _clues(lost, _step("probe", _PROBE, code=7))


def test_a_service_that_does_not_answer_died_of_what_its_log_says() -> None:
    failures = [
        read_failure([*_step("probe", _PROBE, code=7), *_step("docker logs app", *_traceback(exception))])
        for exception in ("KeyError: 'A'", "KeyError: 'B'", "KeyError: 'B'")
    ]

    assert failures[0].headline.startswith("KeyError: 'A' (then curl: (7)")
    assert (failures[0].file, failures[0].line) == ("executor.py", 3)
    assert failures[0].fingerprint != failures[1].fingerprint == failures[2].fingerprint


def test_a_cause_that_is_known_is_not_explained_by_another_step() -> None:
    failed = _step("python seed.py", *_traceback("ValueError: bad", line=9), code=1)

    failure = read_failure([*failed, *_step("docker logs app", *_traceback("KeyError: 'A'"))])

    assert failure.headline == "ValueError: bad"
    assert "KeyError: 'A'" in failure.excerpt.partition(HEADING)[2]


def test_what_a_step_cannot_tell_is_not_shown() -> None:
    green = _step("docker build .", "#5 [1/2] RUN make", "#5 0.1 compiling", "#5 DONE 0.2s")

    assert _clues(green, _step("probe", _PROBE, code=7), _step("echo done", "done")) == ""


def test_the_same_exception_is_shown_once() -> None:
    logs = [_step(f"docker logs app-{number}", *_traceback("KeyError: 'A'")) for number in range(5)]

    assert _clues(_step("probe", _PROBE, code=7), *logs).count("KeyError: 'A'") == 1


def test_exceptions_are_read_whoever_wrote_before_them() -> None:
    for prefix in ("app-1  | ", "2026-11-26T06:40:03.123456789Z ", "Nov 26 06:40:03 host python[71]: "):
        shown = _step("show the logs", *(prefix + line for line in _traceback("KeyError: 'A'")))

        assert "    load_3()\nKeyError: 'A'" in _clues(_step("probe", _PROBE, code=7), shown)


def test_a_traceback_in_a_value_is_read() -> None:
    text = "\\n".join(_traceback("KeyError: 'A'"))

    for line in (f'{{"level": "error", "exc_info": "{text}", "n": 1}}', f"stderr=b'{text}\\n')"):
        assert "    load_3()\nKeyError: 'A'" in _clues(_step("probe", _PROBE, code=7), _step("docker logs app", line))


def test_the_most_telling_clues_have_room_first() -> None:
    noise = [_step(f"noise {number}", *(f"Error: {number} {n} " + "x" * 300 for n in range(20))) for number in range(9)]

    clues = _clues(_step("probe", _PROBE, code=7), *noise, _step("docker logs app", *_traceback("KeyError: 'A'")))

    assert "KeyError: 'A'" in clues
    assert "Error: 0 0" in clues


def test_many_failed_tests_leave_room_for_clues() -> None:
    sections = "\n".join(
        f"____ test_{n} ____\ntest_executor.py:{n}: in test_{n}\n    {'run() ' * 40}\n"
        + "\n".join(f"E   AssertionError: wrong {n} {line} {'y' * 200}" for line in range(9))
        for n in range(12)
    )
    report = f"==== FAILURES ====\n{sections}\n==== short test summary info ====\n==== 12 failed in 1.0s ===="

    clues = _clues(_step("pytest", *report.split("\n"), code=1), _step("docker logs app", *_traceback("KeyError: 'A'")))

    assert "KeyError: 'A'" in clues


def test_a_test_that_gets_nothing_names_what_was_printed() -> None:
    report = [
        "==== FAILURES ====",
        "____ test_a ____",
        "test_executor.py:5: in test_a",
        "    assert execute() == 'A'",
        "E   AssertionError: assert None == 'A'",
        "---------- Captured stderr call ----------",
        "Exception in thread Thread-1 (load):",
        *_traceback("KeyError: 'A'"),
        "==== short test summary info ====",
        "==== 1 failed in 1.0s ====",
    ]

    failure = read_failure(_step("pytest", *report, code=1))

    assert failure.headline == "test_a: AssertionError: assert None == 'A' (printed: KeyError: 'A')"


def test_a_step_that_says_nothing_died_of_what_a_log_shows() -> None:
    log = [*_step("probe", code=1), *_step("docker logs app", "booting", "FATAL: unknown key `workerz`")]

    assert read_failure(log).headline == "FATAL: unknown key `workerz` (then The job: exit code 1)"


def test_a_step_that_says_nothing_did_not_die_of_a_word_in_a_step_that_went_well() -> None:
    log = [*_step("make docs", "Error: a link is broken"), *_step("probe", code=1)]

    failure = read_failure(log)

    assert "link is broken" not in failure.headline
    assert "Error: a link is broken" in failure.excerpt


def test_a_service_that_cannot_be_reached_is_no_fault_of_a_network_where_its_log_says_otherwise() -> None:
    probe = _step("probe", "curl: (52) Empty reply from server", code=52)

    died = read_failure([*probe, *_step("docker logs app", *_traceback("KeyError: 'A'"))])

    assert (died.failure_class, died.transient) == (FailureClass.SMOKE, False)
    assert (read_failure(probe).failure_class, read_failure(probe).transient) == (FailureClass.INFRA, True)
