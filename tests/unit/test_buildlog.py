"""Logs as builders really write them (tests/unit/logs), in GitHub's format, reduced to their cause."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.buildlog import EXCERPT_LIMIT, HEADLINE_LIMIT, read_failure
from bot.failure import FailureClass

LOGS = Path(__file__).parent / "logs"

SMOKE = """\
Smoke run of services/qr
POST /execute with the example of service.json answered 500 instead of 200:
{"detail":"internal error","request_id":"6f1d0c9a"}
Exit code 0, out of memory: false. Its log:
INFO:     Uvicorn running on http://0.0.0.0:8080 (Press CTRL+C to quit)
ERROR:    request 6f1d0c9a failed
Traceback (most recent call last):
  File "/service/server.py", line 40, in run
    return execute(body)
  File "/service/executor.py", line 9, in execute
    open("/service/cache.png", "wb")
OSError: [Errno 30] Read-only file system: '/service/cache.png'
"""


def as_github(output: str, before: str = "", after: str = "") -> Iterator[str]:
    """Wrap the output of a failed step as GitHub does: byte order mark, timestamps, groups, other steps around it."""
    text = f"""\
##[group]Run actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
with:
  fetch-depth: 2
##[endgroup]
{before}##[group]Run # The tests run in the build
\x1b[36;1mdocker build . || echo "E: Unable to locate package only-in-the-script"\x1b[0m
shell: /usr/bin/bash --noprofile --norc -e -o pipefail {{0}}
##[endgroup]
{output.rstrip()}
##[error]The build or the tests failed: qr
##[error]Process completed with exit code 1.
{after}##[group]Run echo cleaning up
##[endgroup]
E: Unable to locate package from-a-later-step
"""
    yield "\ufeff2026-05-07T10:00:00.0000000Z Complete job name: build"
    for number, line in enumerate(text.split("\n")):
        yield f"2026-05-07T10:00:{number % 60:02}.{number:07}Z {line}"


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
@pytest.mark.parametrize(
    ("log", "failure_class", "headline", "shows"),
    [
        ("apt", FailureClass.APT, "Unable to locate package libnonsense9", "Reading package lists"),
        ("pip", FailureClass.PIP, "No matching distribution found for no-such-pkg-xyzzy==1", "from versions: none"),
        ("missing_module", FailureClass.PIP, "ModuleNotFoundError: No module named 'qrcode'", "executor.py:1: in"),
        ("syntax", FailureClass.CODE, "SyntaxError: '(' was never closed", "def execute(x:"),
        (
            "library",
            FailureClass.APT,
            "OSError: libGL.so.1: cannot open shared object file: No such file or directory",
            'ctypes.CDLL("libGL.so.1")',
        ),
        (
            "failing_tests",
            FailureClass.TEST,
            "test_upper: AssertionError: assert 'ab' == 'AB'",
            "E   AttributeError: 'int' object has no attribute 'lower'",
        ),
    ],
)
def test_finds_the_cause_whatever_the_builder(
    builder: str, log: str, failure_class: FailureClass, headline: str, shows: str
) -> None:
    failure = read_failure(as_github((LOGS / f"{builder}_{log}.txt").read_text()), "Build and test")

    assert (failure.failure_class, failure.headline) == (failure_class, headline)
    assert shows in failure.excerpt
    assert failure.step == "Build and test"
    assert "only-in-the-script" not in failure.excerpt
    assert "later-step" not in failure.excerpt
    assert "\x1b" not in failure.excerpt


def test_same_failure_has_same_fingerprint_under_both_builders() -> None:
    prints = {
        name: {
            read_failure((LOGS / f"{b}_{name}.txt").read_text().split("\n")).fingerprint
            for b in ("classic", "buildkit")
        }
        for name in ("apt", "pip", "missing_module", "library", "failing_tests")
    }

    assert all(len(found) == 1 for found in prints.values())
    assert len(set.union(*prints.values())) == len(prints)


def test_fingerprint_ignores_numbers_and_paths_but_not_names() -> None:
    def of(error: str) -> str:
        report = (
            f"=== FAILURES ===\n____ test_a ____\nE   {error}\n=== short test summary info ===\nFAILED t.py::test_a\n"
        )
        return read_failure(as_github(report)).fingerprint

    assert of("OSError: /tmp/a1/x.png at 0x7f3a after 1.25s") == of("OSError: /var/b/x.png at 0x11 after 3s")
    assert of("KeyError: 'width'") != of("KeyError: 'height'")


def test_missing_file_for_copy_is_a_fault_of_the_dockerfile() -> None:
    failure = read_failure(as_github((LOGS / "classic_copy.txt").read_text()))

    assert failure.failure_class is FailureClass.DOCKER
    assert failure.headline.startswith("COPY failed: file not found in build context")


def test_smoke_failure_shows_the_containers_log() -> None:
    failure = read_failure(as_github(SMOKE), "Smoke run")

    assert failure.failure_class is FailureClass.SMOKE
    assert failure.headline == (
        "POST /execute answered 500 instead of 200: OSError: [Errno 30] Read-only file system: '/service/cache.png'"
    )
    assert 'open("/service/cache.png", "wb")' in failure.excerpt


@pytest.mark.parametrize(
    ("output", "failure_class", "headline"),
    [
        (
            "E: Failed to fetch http://mirror.example/debian/x.deb  Temporary failure resolving 'mirror.example'\n"
            "E: Unable to locate package libgl1",
            FailureClass.INFRA,
            "Failed to fetch http://mirror.example/debian/x.deb  Temporary failure resolving 'mirror.example'",
        ),
        (
            "ERROR: Cannot install -r requirements.txt (line 1) and numpy==1 because these package versions have "
            "conflicting dependencies.\nERROR: ResolutionImpossible: for help visit https://pip.pypa.io",
            FailureClass.PIP,
            "Cannot install -r requirements.txt (line 1) and numpy==1 because these package versions have conflicting "
            "dependencies.",
        ),
        (
            "  × No solution found when resolving dependencies:\n  ╰─▶ Because there is no version of numpy==99",
            FailureClass.PIP,
            "Because there is no version of numpy==99",
        ),
        (
            "Step 7/9 : RUN python -m pytest\n/bin/sh: line 1: 7 Killed\n"
            "The command '/bin/sh -c python -m pytest' returned a non-zero code: 137",
            FailureClass.CODE,
            "Killed, most likely because it used too much memory",
        ),
        (
            'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nValueError: bad\n\n'
            "During handling of the above exception, another exception occurred:\n\n"
            'Traceback (most recent call last):\n  File "y.py", line 2, in <module>\nbox.RenderError: no page',
            FailureClass.CODE,
            "RenderError: no page",
        ),
        (
            "#9 [3/4] RUN make\n#9 0.11 cc -c x.c\n"
            "#8 [2/4] RUN pip\n#8 0.2 E: Unable to locate package other\n#8 DONE 1s\n"
            "#9 0.21 x.c:1:10: fatal error: Python.h: No such file or directory\n"
            '#9 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2',
            FailureClass.APT,
            "fatal error: Python.h: No such file or directory",
        ),
    ],
)
def test_other_causes(output: str, failure_class: FailureClass, headline: str) -> None:
    failure = read_failure(as_github(output))

    assert (failure.failure_class, failure.headline) == (failure_class, " ".join(headline.split()))


def test_cancelled_job_is_no_fault_of_the_code() -> None:
    lines = [
        "##[group]Run docker build .",
        "##[endgroup]",
        "#5 [1/2] RUN sleep",
        "##[error]The operation was canceled.",
    ]

    failure = read_failure(lines, "Build and test")

    assert (failure.failure_class, failure.headline) == (FailureClass.INFRA, "The operation was canceled.")


def test_raw_output_of_act_is_read_too() -> None:
    lines = ["[Microservice build/Build]   | " + line for line in (LOGS / "classic_apt.txt").read_text().split("\n")]

    assert read_failure(lines).headline == "Unable to locate package libnonsense9"


@pytest.mark.parametrize("lines", [[], [""], ["\ufeff"], ["##[error]Process completed with exit code 3."]])
def test_log_that_says_nothing(lines: list[str]) -> None:
    failure = read_failure(lines, "Build and test")

    assert failure.failure_class is FailureClass.INFRA
    assert failure.headline
    assert failure.excerpt


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


def test_memory_and_sizes_stay_bounded() -> None:
    def endless() -> Iterator[str]:
        yield "##[group]Run docker build ."
        yield "##[endgroup]"
        yield "E: Unable to locate package " + "x" * 5_000
        for number in range(3_000):
            yield f"#{number % 500} {number}.0 " + "noise" * 200
        for number in range(3_000):
            yield f"Traceback {number} " + "noise" * 200
        yield "##[error]Process completed with exit code 1."
        raise AssertionError("read on after the failed step")

    tracemalloc.start()
    failure = read_failure(endless())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 8_000_000
    assert len(failure.excerpt) <= EXCERPT_LIMIT
    assert len(failure.headline) == HEADLINE_LIMIT
    assert failure.failure_class is FailureClass.APT
    assert "Unable to locate package" in failure.excerpt
