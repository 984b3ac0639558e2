"""A job's log of 30 MB through `gptdeploy excerpt`: seconds and memory, for logs of several shapes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.peak import measure_command

SIZE = 30_000_000
_COMMAND = (sys.executable, "-m", "bot", "excerpt")
_STAMP = "2026-05-07T10:00:00.1234567Z "
_BEGIN = ("##[group]Run docker build .", "shell: /usr/bin/bash -e {0}", "##[endgroup]")
_END = ("ERROR: No matching distribution found for qrcod==1", "##[error]Process completed with exit code 1.")
_REPORT = (
    *("=================================== FAILURES ===================================", "____ test_upper ____"),
    *("test_executor.py:3: in test_upper", "    assert text == 'AB'", "E   AssertionError: assert 'ab' == 'AB'"),
    *("=========================== short test summary info ============================",),
    *("FAILED test_executor.py::test_upper - AssertionError: assert 'ab' == 'AB'", "==== 1 failed in 0.06s ===="),
)
_BAR = "   \x1b[38;5;237m" + "━" * 40 + "\x1b[0m \x1b[32m{0}/821.0 MB\x1b[0m \x1b[31m12.1 MB/s\x1b[0m\r"

Line = Callable[[int], str]

SHAPES: dict[str, tuple[Line, tuple[str, ...]]] = {
    "pytest, live": (
        lambda n: f"test_executor.py::test_number_{n} took {n % 90} ms and is fine PASSED [ {n % 100}%]",
        _REPORT,
    ),
    "errors logged": (lambda n: f"ERROR root:executor.py:{n % 99} request {n} failed with an Error, retrying", _REPORT),
    "BuildKit": (lambda n: f"#{9 + n % 3} {n / 100:.3f} Get:{n} http://deb.debian.org/debian trixie/main lib{n}", _END),
    "progress bars": (lambda n: "".join(_BAR.format(n + part) for part in range(20)), _END),
    "lines of 5 kB": (lambda n: f"{n} {{'image': '" + "iVBORw0KGgoAAAANSUhEUgAA" * 200 + "'}", _REPORT),
    "one line": (lambda n: f"{n} " * 1000, _END),
}


def measure() -> list[Figure]:
    """Read one log of every shape in a process of its own, and return the slowest and the largest."""
    seconds: dict[str, float] = {}
    megabytes: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "log"
        for name, (line, end) in SHAPES.items():
            with file.open("w", encoding="utf-8") as log:
                log.writelines(_log(line, end, "" if name == "one line" else "\n"))
            seconds[name], megabytes[name] = measure_command(_COMMAND, file)
    slowest, largest = max(seconds, key=seconds.__getitem__), max(megabytes, key=megabytes.__getitem__)
    detail = ", ".join(f"{name} {value:.2f}" for name, value in seconds.items())
    return [
        Figure("a log of 30 MB, time", seconds[slowest], "s", 2, detail),
        Figure("a log of 30 MB, memory", megabytes[largest], "MB", 100, f"{largest}; the process is all of it"),
    ]


def _log(line: Line, end: tuple[str, ...], newline: str) -> Iterator[str]:
    yield from (f"{_STAMP}{text}\n" for text in _BEGIN)
    size = number = 0
    while size < SIZE:
        text = f"{_STAMP}{line(number)}{newline}"
        size += len(text)
        number += 1
        yield text
    yield "" if newline else "\n"
    yield from (f"{_STAMP}{text}\n" for text in end)
