"""A service and its tests in a build, and what the build prints of them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

Run = Callable[..., subprocess.CompletedProcess[str]]
EXECUTOR = """
import os

from interface import Input, Output


def shout(text: str) -> str:
    if text == "two":
        try:
            return {}["two"]
        except KeyError as error:
            raise ValueError("no such\\nnumber") from error
    if text == "crash":
        os.abort()
    if text == "end":
        os._exit(3)
    return text.upper()


def execute(input: Input) -> Output:
    print("about to shout")
    return Output(text=shout(input.text))
"""


def faults(done: subprocess.CompletedProcess[str]) -> list[str]:
    told = [line for line in done.stdout.splitlines() if line.startswith("SCENARIO ERROR: ")]
    assert bool(told) == (done.returncode != 0), done.stdout
    return [line.removeprefix("SCENARIO ERROR: ") for line in told]


BODY = 'assert call({"text": "a"}) == (200, {"text": "A"})'
PASSING = f"def test_one(call): {BODY}\n"
CASES = f"@pytest.mark.parametrize('x', ['a', 'b'])\ndef test_NAME(call, x):\n    {BODY}\n"


def builders_lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    command = "python -Iu /usr/local/lib/testing/run.py"
    end = f"The command '/bin/sh -c {command}' returned a non-zero code: {done.returncode}"
    return [f"Step 9/9 : RUN {command}", *done.stdout.splitlines(), end]
