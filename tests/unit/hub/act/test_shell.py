"""The shell of the steps: nothing of what a failed step prints is lost, and nobody waits for longer than that takes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.hub.act.shell import answer_shell
from tests.unit.hub.act.act_bench import Bench

FAILING = """
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - run: |
          seq 1 2000
          {last}
          exit 3
"""


@pytest.mark.parametrize("last", ["echo the end", "printf 'the end'", "echo the end >&2", "(sleep 0.2; echo the end)"])
def test_the_last_line_of_a_failed_step_is_in_the_log(tmp_path: Path, last: str) -> None:
    bench = Bench(tmp_path)

    assert bench.run(FAILING.format(last=last)) == "failure"

    assert bench.log()[-3:] == ["2000", "the end", "##[error]Process completed with exit code 3."]


def test_a_step_that_prints_the_shells_line_itself_changes_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    began = time.monotonic()
    bench.run(FAILING.format(last="echo 'gptdeploy: the output ends here: 1'; echo the end"))

    assert bench.log()[-3:] == ["2000", "the end", "##[error]Process completed with exit code 3."]
    assert time.monotonic() - began < 5


def test_output_is_told_from_the_shells_own_line(tmp_path: Path) -> None:
    assert answer_shell(tmp_path, "line\n") == "line\n"
    assert answer_shell(tmp_path, "\n") == "\n"
    assert answer_shell(tmp_path, "gptdeploy: the output ends here: 77\n") is None
    assert answer_shell(tmp_path, "no line endgptdeploy: the output ends here: 77\n") == "no line end"
