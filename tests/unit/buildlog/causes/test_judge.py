"""Logs as builders really write them (tests/unit/logs), in GitHub's format, reduced to their cause."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.buildlog import EXCERPT_LIMIT, HEADLINE_LIMIT, find_failure, read_failure
from bot.values.failure import FailureClass, Phase

LOGS = Path(__file__).parents[1] / "logs"

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
            "ValueError: bad (then RenderError: no page)",
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


PIP = "[dependencies 5/5] RUN pip install --requirement requirements.txt"
TEST = "[test 3/3] RUN python -m pytest --tb=short test_executor.py"
APT = "[2/5] RUN apt-get update && apt-get install -y ffmpeg"


def buildkit(title: str, output: str, code: int = 1, line: int = 13, seconds: float = 0.2) -> str:
    """Return what BuildKit prints of an instruction that fails, with the account at its end."""
    command = title.partition("RUN ")[2]
    failed = f'process "/bin/sh -c {command}" did not complete successfully: exit code: {code}'
    timed = [f"{seconds + number / 9:.3f} {text}" for number, text in enumerate(output.strip("\n").split("\n"))]
    return "\n".join(
        [
            "#1 [internal] load build definition from Dockerfile",
            "#1 DONE 0.0s",
            f"#9 {title}",
            *(f"#9 {text}" for text in timed),
            f"#9 ERROR: {failed}",
            *("------", f" > {title}:", *timed[-10:], "------"),
            *(f"Dockerfile:{line}", "--------------------", f"  {line} | >>> RUN {command}", "--------------------"),
            f"ERROR: failed to build: failed to solve: {failed}",
        ]
    )


def classic(title: str, output: str, code: int = 1) -> str:
    instruction = title.partition("] ")[2]
    return (
        f"Sending build context to Docker daemon  15.87kB\nStep 1/2 : FROM python\n ---> f807c1140880\n"
        f"Step 2/2 : {instruction}\n ---> Running in 3c1ac9dc\n{output.rstrip()}\n"
        f"The command '/bin/sh -c {instruction[4:]}' returned a non-zero code: {code}"
    )


def pytest_report(error: str, test: str = "test_upper", line: int = 5, seconds: str = "0.25", more: str = "") -> str:
    return f"""\
============================= test session starts ==============================
collected 2 items

=================================== FAILURES ===================================
__________________________________ {test} __________________________________
test_executor.py:{line}: in {test}
    assert run()
E   {error}
{more}=========================== short test summary info ============================
FAILED test_executor.py::{test} - {error}
========================= 1 failed, 1 passed in {seconds}s =========================="""


@pytest.mark.parametrize(
    ("one", "other"),
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
def test_fingerprint_is_the_same_for_the_same_failure(one: str, other: str) -> None:
    first = read_failure(as_github(buildkit(TEST, pytest_report(one))))
    again = read_failure(as_github(classic(TEST, pytest_report(other, line=77, seconds="13.01"))))

    assert first.fingerprint == again.fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AssertionError: assert 'HELO' == 'HELLO'", "AssertionError: assert '' == 'HELLO'"),
        ("AssertionError: assert 3 == 4", "AssertionError: assert 5 == 4"),
        ("AssertionError: assert 0.5 == 1.0", "AssertionError: assert 0.7 == 1.0"),
        ("AssertionError: assert 54321 == 12346", "AssertionError: assert 12345 == 12346"),
        ("ModuleNotFoundError: No module named 'a'", "ModuleNotFoundError: No module named 'b'"),
        ("KeyError: 'width'", "TypeError: 'width'"),
    ],
)
def test_fingerprint_differs_for_another_failure(one: str, other: str) -> None:
    first, second = (read_failure(as_github(buildkit(TEST, pytest_report(error)))) for error in (one, other))

    assert first.fingerprint != second.fingerprint


def test_fingerprint_knows_the_tests_but_not_their_order() -> None:
    def of(*names: str) -> str:
        blocks = "\n".join(f"____ {name} ____\nt.py:1: in x\nE   AssertionError: assert {name!r}" for name in names)
        report = f"==== FAILURES ====\n{blocks}\n==== short test summary info ====\n==== {len(names)} failed in 1s ===="
        return read_failure(as_github(report)).fingerprint

    assert of("test_a", "test_b") == of("test_b", "test_a")
    assert of("test_a", "test_b") != of("test_a", "test_c")


def test_fingerprint_tells_by_what_pytest_explains() -> None:
    def of(explained: str) -> str:
        return read_failure(as_github(pytest_report("AssertionError: assert False", more=explained))).fingerprint

    assert of("E    +  where False = isinstance(None, str)\n") != of("E    +  where False = isinstance(3, str)\n")


FAILURES: list[tuple[str, str, FailureClass, Phase, bool, str, int | None, str]] = [
    (
        "retries that do not help",
        buildkit(
            PIP,
            "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<x>: "
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': "
            "/simple/fastapi/\n"
            "ERROR: Could not find a version that satisfies the requirement fastapi (from versions: none)\n"
            "ERROR: No matching distribution found for fastapi",
        ),
        *(FailureClass.INFRA, Phase.PIP, True, "", None),
        "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
    ),
    (
        "a retry that helps",
        buildkit(
            PIP,
            "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'ReadTimeoutError(\"x\")': "
            "/simple/fastapi/\nCollecting fastapi\nERROR: No matching distribution found for qrcod==1",
        ),
        *(FailureClass.PIP, Phase.PIP, False, "requirements.txt", None, "No matching distribution found for qrcod==1"),
    ),
    (
        "mirrors that do not answer, and packages that are missing for it",
        buildkit(
            APT,
            "Err:1 http://deb.debian.org/debian trixie InRelease\n  Temporary failure resolving 'deb.debian.org'\n"
            "W: Failed to fetch http://deb.debian.org/x  Temporary failure resolving 'deb.debian.org'\n"
            "E: Unable to locate package ffmpeg",
            100,
        ),
        *(FailureClass.INFRA, Phase.APT, True, "", None, "Temporary failure resolving 'deb.debian.org'"),
    ),
    (
        "the Dockerfile's line, as BuildKit says it",
        buildkit(APT, "E: Unable to locate package ffmpg", 100, line=7),
        *(FailureClass.APT, Phase.APT, False, "Dockerfile", 7, "Unable to locate package ffmpg"),
    ),
    (
        "a package's own build",
        buildkit(
            PIP,
            "Collecting numpy==1.22.0 (from -r requirements.txt (line 2))\n  × Getting requirements failed.\n"
            "  ╰─> [3 lines of output]\n      Traceback (most recent call last):\n"
            '        File "/tmp/x/pkg_resources/__init__.py", line 2, in <module>\n'
            "      AttributeError: module 'pkgutil' has no attribute 'ImpImporter'\n      [end of output]\n"
            "error: subprocess-exited-with-error",
        ),
        *(FailureClass.PIP, Phase.PIP, False, "requirements.txt", None),
        "AttributeError: module 'pkgutil' has no attribute 'ImpImporter' (building numpy==1.22.0)",
    ),
    (
        "one instruction that installs and tests, and comes no further than to install",
        classic("[2/2] RUN pip install -r requirements.txt && pytest", "ERROR: No matching distribution found for x"),
        *(FailureClass.PIP, Phase.PIP, False, "requirements.txt", None, "No matching distribution found for x"),
    ),
    (
        "pytest is missing",
        classic(TEST, "/usr/local/bin/python: No module named pytest"),
        *(FailureClass.PIP, Phase.TEST, False, "", None, "No module named pytest"),
    ),
    (
        "a scenario was skipped",
        classic(TEST, "==== 1 passed, 1 skipped in 0.2s ====\nSCENARIO ERROR: scenario test_a was skipped: no error"),
        *(FailureClass.TEST, Phase.TEST, False, "test_executor.py", None, "scenario test_a was skipped: no error"),
    ),
    (
        "a group of exceptions",
        buildkit(
            TEST,
            pytest_report("ExceptionGroup: errors in a TaskGroup (1 sub-exception)").replace(
                "E   ExceptionGroup: errors in a TaskGroup (1 sub-exception)",
                "  + Exception Group Traceback (most recent call last):\n"
                '  |   File "/service/test_executor.py", line 9, in test_upper\n'
                "  | ExceptionGroup: errors in a TaskGroup (1 sub-exception)\n"
                "  +-+---------------- 1 ----------------\n"
                "    | Traceback (most recent call last):\n"
                '    |   File "/service/executor.py", line 14, in work\n'
                "    | ValueError: bad page 3\n"
                "    +------------------------------------",
                1,
            ),
        ),
        *(FailureClass.TEST, Phase.TEST, False, "executor.py", 14, "test_upper: ValueError: bad page 3"),
    ),
    (
        "the port is taken",
        "Smoke run of services/qr\nThe service has stopped before /healthz answered.\n"
        "Exit code 1, out of memory: false. Its log:\n"
        "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8080): address already in use",
        *(FailureClass.SMOKE, Phase.SMOKE, False, "", None),
        "The service has stopped before /healthz answered: [Errno 98] error while attempting to bind on address "
        "('0.0.0.0', 8080): address already in use",
    ),
    (
        "a push that the registry refuses",
        "The push refers to repository [ghcr.io/octo/qr]\n5f70bf18a086: Preparing\n"
        "denied: permission_denied: write_package",
        *(FailureClass.DOCKER, Phase.PUSH, False, "", None, "denied: permission_denied: write_package"),
    ),
    (
        "a registry that is down",
        "The push refers to repository [ghcr.io/octo/qr]\n5f70bf18a086: Retrying in 1 second\n"
        "received unexpected HTTP status: 503 Service Unavailable",
        *(FailureClass.INFRA, Phase.PUSH, True, "", None),
        "received unexpected HTTP status: 503 Service Unavailable",
    ),
]


@pytest.mark.parametrize(
    ("output", "failure_class", "phase", "transient", "file", "line", "headline"),
    [case[1:] for case in FAILURES],
    ids=[case[0] for case in FAILURES],
)
def test_kinds_of_failures(
    output: str, failure_class: FailureClass, phase: Phase, transient: bool, file: str, line: int | None, headline: str
) -> None:
    failure = read_failure(as_github(output))

    assert (failure.failure_class, failure.phase, failure.transient) == (failure_class, phase, transient)
    assert (failure.file, failure.line, failure.headline) == (file, line, headline)


def test_of_two_instructions_at_once_the_one_that_failed_counts() -> None:
    output = """\
#9 [docs 2/2] RUN make docs
#9 0.3 ERROR: Unknown directive
#9 0.3 Traceback (most recent call last):
#9 0.3   File "/docs/conf.py", line 3, in <module>
#9 0.3 ImportError: this one is caught
#10 [code 2/2] RUN pip install -r requirements.txt
#10 0.9 ERROR: No matching distribution found for qrcod==1
#9 ERROR: process "/bin/sh -c make docs" did not complete successfully: exit code: 137: context canceled
#10 ERROR: process "/bin/sh -c pip install" did not complete successfully: exit code: 1
------
 > [code 2/2] RUN pip install -r requirements.txt:
0.9 ERROR: No matching distribution found for qrcod==1
------
ERROR: failed to solve: process "/bin/sh -c pip install" did not complete successfully: exit code: 1"""

    failure = read_failure(as_github(output))

    assert failure.headline == "No matching distribution found for qrcod==1"
    assert "Unknown directive" not in failure.excerpt


def test_another_services_build_after_the_failed_one_is_not_read() -> None:
    green = "Sending build context to Docker daemon\nStep 1/1 : FROM python\n ---> f807c1140880\nSuccessfully built f8"
    refused = (
        "Sending build context to Docker daemon\nStep 1/9 : FROM nope\npull access denied for nope, denied: denied"
    )

    failure = read_failure(as_github(f"{refused}\nTesting services/other\n{green}"))

    assert (failure.phase, failure.failure_class) == (Phase.BASE_IMAGE, FailureClass.DOCKER)
    assert failure.headline.startswith("pull access denied for nope")


def test_what_a_test_prints_is_not_taken_for_the_cause() -> None:
    printed = (
        "----------------------------- Captured stdout call -----------------------------\n"
        + "Traceback (most recent call last):\n  File 'fake.py', line 1\nModuleNotFoundError: No module named 'fake'\n"
        * 500
    )

    failure = read_failure(as_github(buildkit(TEST, pytest_report("AssertionError: assert 1 == 2", more=printed))))

    assert (failure.failure_class, failure.headline) == (FailureClass.TEST, "test_upper: AssertionError: assert 1 == 2")
    assert len(failure.excerpt) < 2_000


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


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        (
            "##[error]The runner has received a shutdown signal. This can happen when the runner service is stopped.",
            "The runner has received a shutdown signal. This can happen when the runner service is stopped.",
        ),
        (
            "##[error]The job running on runner GitHub Actions 2 has exceeded the maximum execution time of 9 minutes.",
            "The job running on runner GitHub Actions 2 has exceeded the maximum execution time of 9 minutes.",
        ),
    ],
)
def test_a_runner_that_is_lost_is_infrastructure(line: str, headline: str) -> None:
    log = ["##[group]Run docker build .", "##[endgroup]", "#5 [1/2] RUN pip install x", "#5 1.1 ERROR: harmless"]

    failure = read_failure([*log, line, "##[error]The operation was canceled."], "Build and test")

    assert (failure.failure_class, failure.transient, failure.headline) == (FailureClass.INFRA, True, headline)
    assert failure.phase is Phase.PIP


def test_the_step_is_read_from_the_log() -> None:
    act = ["[Build/Build] ⭐ Run Main Install", "[Build/Build]   | E: Unable to locate package x"]
    gh = ["Build\tInstall\t2026-05-07T10:00:00.0000000Z E: Unable to locate package x"]

    assert read_failure([*act, "[Build/Build]   ❌  Failure - Main Install [1.2s]"]).step == "Install"
    assert read_failure(
        [*gh, "Build\tInstall\t2026-05-07T10:00:01.0000000Z ##[error]Process completed with exit code 1."]
    ).step == ("Install")
    assert read_failure(as_github("E: Unable to locate package x")).step == "Run # The tests run in the build"
    assert read_failure(classic(APT, "E: Unable to locate package x").split("\n")).step.startswith("RUN apt-get update")


def test_a_failed_action_counts_before_what_runs_after_it() -> None:
    log = [
        "##[group]Run docker/build-push-action@v6",
        "##[endgroup]",
        "##[error]buildx failed with: ERROR: failed to solve: python:9: docker.io/library/python:9: not found",
        "##[group]Run echo cleaning up",
        "##[endgroup]",
        "E: Unable to locate package of-a-later-step",
        "##[error]Process completed with exit code 1.",
    ]

    failure = read_failure(log)

    assert "python:9: not found" in failure.headline
    assert failure.failure_class is FailureClass.DOCKER


def test_a_green_log_has_no_failure() -> None:
    log = [
        "##[group]Run docker build .",
        "##[endgroup]",
        "ERROR in a name is no error",
        "#5 DONE 1s",
        "Post job cleanup.",
    ]

    assert find_failure(log) is None
    assert read_failure(log).failure_class is FailureClass.INFRA


def test_lines_of_ours_cannot_be_forged() -> None:
    failure = read_failure(
        ["\0step Fake", "E: Unable to locate package x", "\0failed", "##[error]Process completed with exit code 1."]
    )

    assert (failure.step, failure.failure_class) == ("", FailureClass.APT)
