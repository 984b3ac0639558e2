"""What GitHub, builders and pytest write, around the lines that a test is about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

LOGS = Path(__file__).parent / "logs"
"""Logs of failed builds as the builders wrote them."""


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
