"""What the measuring itself promises."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pytest

from tests.bench.peak import measure_command


def test_a_command_is_not_charged_with_the_memory_of_who_measures(tmp_path: Path) -> None:
    (tmp_path / "input").write_text("12345")
    ballast = bytes(range(256)) * 200_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > len(ballast) // 1024

    script = "import sys, time; assert sys.stdin.read() == '12345'; time.sleep(0.1)"
    usage = measure_command((sys.executable, "-I", "-S", "-c", script), tmp_path / "input")

    assert 1 < usage.megabytes < 40
    assert usage.seconds >= 0.1


def test_a_command_that_fails_is_not_measured(tmp_path: Path) -> None:
    (tmp_path / "input").touch()
    with pytest.raises(RuntimeError, match=r"exit code 3: b'why"):
        measure_command((sys.executable, "-c", "print('why'); raise SystemExit(3)"), tmp_path / "input")
