"""One cause is chosen from what the output of a failed step tells."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from bot.buildlog import read_failure
from bot.buildlog.clues import HEADING
from bot.values.failure import FailureClass, Phase
from tests.unit.buildlog.written import APT, LOGS, PIP, TEST, as_github, buildkit, classic, pytest_report

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
    assert "later-step" not in failure.excerpt.partition(HEADING)[0]
    assert "\x1b" not in failure.excerpt


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


def test_what_a_test_prints_is_not_taken_for_the_cause() -> None:
    printed = (
        "----------------------------- Captured stdout call -----------------------------\n"
        + "Traceback (most recent call last):\n  File 'fake.py', line 1\nModuleNotFoundError: No module named 'fake'\n"
        * 500
    )

    failure = read_failure(as_github(buildkit(TEST, pytest_report("AssertionError: assert 1 == 2", more=printed))))

    assert (failure.failure_class, failure.headline) == (FailureClass.TEST, "test_upper: AssertionError: assert 1 == 2")
    assert len(failure.excerpt) < 2_000


class Expected(NamedTuple):
    failure_class: FailureClass
    phase: Phase
    transient: bool
    file: str
    line: int | None
    headline: str


FAILURES = [
    pytest.param(
        buildkit(
            PIP,
            "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<x>: "
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': "
            "/simple/fastapi/\n"
            "ERROR: Could not find a version that satisfies the requirement fastapi (from versions: none)\n"
            "ERROR: No matching distribution found for fastapi",
        ),
        Expected(
            FailureClass.INFRA,
            Phase.PIP,
            True,
            "",
            None,
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
        ),
        id="retries that do not help",
    ),
    pytest.param(
        buildkit(
            PIP,
            "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'ReadTimeoutError(\"x\")': "
            "/simple/fastapi/\nCollecting fastapi\nERROR: No matching distribution found for qrcod==1",
        ),
        Expected(
            FailureClass.PIP, Phase.PIP, False, "requirements.txt", None, "No matching distribution found for qrcod==1"
        ),
        id="a retry that helps",
    ),
    pytest.param(
        buildkit(
            APT,
            "Err:1 http://deb.debian.org/debian trixie InRelease\n  Temporary failure resolving 'deb.debian.org'\n"
            "W: Failed to fetch http://deb.debian.org/x  Temporary failure resolving 'deb.debian.org'\n"
            "E: Unable to locate package ffmpeg",
            100,
        ),
        Expected(FailureClass.INFRA, Phase.APT, True, "", None, "Temporary failure resolving 'deb.debian.org'"),
        id="mirrors that do not answer, and packages that are missing for it",
    ),
    pytest.param(
        buildkit(APT, "E: Unable to locate package ffmpg", 100, line=7),
        Expected(FailureClass.APT, Phase.APT, False, "Dockerfile", 7, "Unable to locate package ffmpg"),
        id="the Dockerfile's line, as BuildKit says it",
    ),
    pytest.param(
        buildkit(
            PIP,
            "Collecting numpy==1.22.0 (from -r requirements.txt (line 2))\n  × Getting requirements failed.\n"
            "  ╰─> [3 lines of output]\n      Traceback (most recent call last):\n"
            '        File "/tmp/x/pkg_resources/__init__.py", line 2, in <module>\n'
            "      AttributeError: module 'pkgutil' has no attribute 'ImpImporter'\n      [end of output]\n"
            "error: subprocess-exited-with-error",
        ),
        Expected(
            FailureClass.PIP,
            Phase.PIP,
            False,
            "requirements.txt",
            None,
            "AttributeError: module 'pkgutil' has no attribute 'ImpImporter' (building numpy==1.22.0)",
        ),
        id="a package's own build",
    ),
    pytest.param(
        classic("[2/2] RUN pip install -r requirements.txt && pytest", "ERROR: No matching distribution found for x"),
        Expected(FailureClass.PIP, Phase.PIP, False, "requirements.txt", None, "No matching distribution found for x"),
        id="one instruction that installs and tests, and comes no further than to install",
    ),
    pytest.param(
        classic(TEST, "/usr/local/bin/python: No module named pytest"),
        Expected(FailureClass.PIP, Phase.TEST, False, "", None, "No module named pytest"),
        id="pytest is missing",
    ),
    pytest.param(
        classic(TEST, "==== 1 passed, 1 skipped in 0.2s ====\nSCENARIO ERROR: scenario test_a was skipped: no error"),
        Expected(
            FailureClass.TEST, Phase.TEST, False, "test_executor.py", None, "scenario test_a was skipped: no error"
        ),
        id="a scenario was skipped",
    ),
    pytest.param(
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
        Expected(FailureClass.TEST, Phase.TEST, False, "executor.py", 14, "test_upper: ValueError: bad page 3"),
        id="a group of exceptions",
    ),
    pytest.param(
        "Smoke run of services/qr\nThe service has stopped before /healthz answered.\n"
        "Exit code 1, out of memory: false. Its log:\n"
        "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8080): address already in use",
        Expected(
            FailureClass.SMOKE,
            Phase.SMOKE,
            False,
            "",
            None,
            "The service has stopped before /healthz answered: [Errno 98] error while attempting to bind on address "
            "('0.0.0.0', 8080): address already in use",
        ),
        id="the port is taken",
    ),
    pytest.param(
        "The push refers to repository [ghcr.io/octo/qr]\n5f70bf18a086: Preparing\n"
        "denied: permission_denied: write_package",
        Expected(FailureClass.DOCKER, Phase.PUSH, False, "", None, "denied: permission_denied: write_package"),
        id="a push that the registry refuses",
    ),
    pytest.param(
        "The push refers to repository [ghcr.io/octo/qr]\n5f70bf18a086: Retrying in 1 second\n"
        "received unexpected HTTP status: 503 Service Unavailable",
        Expected(
            FailureClass.INFRA, Phase.PUSH, True, "", None, "received unexpected HTTP status: 503 Service Unavailable"
        ),
        id="a registry that is down",
    ),
]


@pytest.mark.parametrize(("output", "expected"), FAILURES)
def test_kinds_of_failures(output: str, expected: Expected) -> None:
    failure = read_failure(as_github(output))

    assert Expected(*(getattr(failure, name) for name in Expected._fields)) == expected
