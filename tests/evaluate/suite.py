"""The tasks of the suite, read from `tasks.yml`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from bot.demo.command import IssueFile

_FILE = Path(__file__).with_name("tasks.yml")


class Task(IssueFile):
    """One issue to evaluate with; `name` is how it is chosen and what its row is called."""

    name: str

    def issue_file(self) -> str:
        """Return what `gptdeploy demo --issue-file` reads."""
        return self.model_dump_json(exclude={"name"})


def load(names: Sequence[str] = ()) -> list[Task]:
    """Return the tasks of these names, or all, in the suite's order.

    Raises:
        ValueError: names what is no task.
    """
    tasks = [Task.model_validate(entry) for entry in yaml.safe_load(_FILE.read_text(encoding="utf-8"))]
    if unknown := set(names) - {task.name for task in tasks}:
        raise ValueError(f"no such task: {', '.join(sorted(unknown))}; there are {', '.join(t.name for t in tasks)}")
    return [task for task in tasks if not names or task.name in names]
