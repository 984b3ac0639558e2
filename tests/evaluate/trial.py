"""One task, taken from an issue to a running service by `gptdeploy demo` in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.demo.outcome import outcome
from bot.demo.state import State, end
from bot.errors import EXIT_STATUS, UserError
from bot.runs.durable.client import DurableRuns
from tests.evaluate.suite import Task

STATE = Path(".gptdeploy")
"""The demo's folder, as `gptdeploy demo` itself takes it."""

_DEMO = (sys.executable, "-m", "bot", "demo")


@dataclass(frozen=True)
class Limits:
    """How many seconds a demo may take.

    Attributes:
        run: for the run.
        around: on top of it, for images, the platform and the model's last call; then the demo is told to end.
        ending: to end in order; then it is killed. The processes that it has started get as long, one by one.
    """

    run: float
    around: float = 15 * 60.0
    ending: float = 60.0


def demo_command(without: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the command that starts a demo whose bot leaves these parts out."""
    return (sys.executable, "-m", "tests.evaluate.demo", ",".join(without)) if without else _DEMO


class NotStartedError(Exception):
    """The demo could not start at all, so neither will the next one; its text says why."""


def attempt(command: Sequence[str], task: Task, config: Mapping[str, str], limits: Limits) -> dict[str, Any]:
    """Run one task to its end, or to its hard limit, and return its result as `tests.evaluate.table` takes it.

    Args:
        command: starts the demo; see `demo_command`.
        config: lines of the repository's `.github/microservice.yml`.

    Raises:
        NotStartedError: the demo could not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        issue = Path(folder) / "issue.json"
        issue.write_text(task.issue_file())
        pairs = [word for key, value in config.items() for word in ("--config", f"{key}={value}")]
        began = time.monotonic()
        result = _run([*command, "--once", "--json", "--issue-file", str(issue), *pairs], limits)
        waited = round(time.monotonic() - began, 1)
    if result is None:
        result = {**_so_far(), "outcome": "timed out", "note": f"ended from outside after {waited:g} seconds"}
        result["seconds"] = {**result.get("seconds", {}), "total": waited}
    return {"task": task.name, "seconds": {"total": waited}, **result}


def take_down() -> None:
    """Remove what the demos started."""
    subprocess.run([*_DEMO, "--down"], check=True, stdout=sys.stderr)


def _run(command: Sequence[str], limits: Limits) -> dict[str, Any] | None:
    """Return what the demo printed, or None where it had to be ended."""
    # A session of its own: Ctrl-C reaches this process alone, which then ends the demo in order.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            output, _ = process.communicate(timeout=limits.run + limits.around)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process, limits.ending)
    if process.returncode == EXIT_STATUS:
        raise NotStartedError("the demo could not start; its own words are above")
    try:
        result: dict[str, Any] = json.loads(output.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        return {"outcome": "crashed", "note": f"the demo ended with {process.returncode} and no outcome"}
    return result


def _end(process: subprocess.Popen[str], seconds: float) -> None:
    """End the demo in order, and where it does not end, for certain: it and what it has started."""
    if process.poll() is not None:
        return
    started = _children(process.pid)
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        started = started | _children(process.pid)
        process.kill()
        process.wait()
        for pid in started:
            end(pid, seconds)


def _children(pid: int) -> set[int]:
    """Return the processes that a process has started and that still run.

    https://man7.org/linux/man-pages/man5/proc_pid_task.5.html
    """
    try:
        return {
            int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
        }
    except FileNotFoundError:
        return set()


def _so_far() -> dict[str, Any]:
    """Return how far the newest run of the demo's bot had come."""
    database = State(STATE).root / "bot" / "runs.sqlite"
    if not database.exists():
        return {}
    try:
        runs = DurableRuns(f"sqlite:///{database}")
    except UserError:
        return {}
    try:
        return next((outcome(progress, {}, answered=False) for progress in runs.recent(1)), {})
    finally:
        runs.close()


def keep_logs(folder: Path) -> None:
    """Copy what the last demo has left to look at: its processes' logs and its runs."""
    root = State(STATE).root
    for part in ("logs", "bot"):
        if (root / part).exists():
            shutil.copytree(root / part, folder / part, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.lock"))
