"""The tasks of the suite, read from `tasks.yml`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("tasks.yml")
_ENOUGH = 160
"""Letters and digits of a description that tell which task it is of."""


class Task(BaseModel):
    """One issue to evaluate with, as a person writes it.

    Attributes:
        name: how it is chosen, and what its row is called.
        description: what was written under "Description", in Markdown; scenarios: the same under "Test scenarios".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    description: str
    scenarios: str

    def body(self) -> str:
        """Return the issue's body, as GitHub's issue form writes it."""
        return f"### Description\n\n{self.description.strip()}\n\n### Test scenarios\n\n{self.scenarios.strip()}\n"

    def is_in(self, prompt: str) -> bool:
        """Tell whether a prompt is about this task: it quotes at least the beginning of the description."""
        return _letters(self.description)[:_ENOUGH] in _letters(prompt)


def load(names: Sequence[str] = ()) -> list[Task]:
    """Return the tasks of these names, or all, in the suite's order.

    Raises:
        ValueError: names what is no task.
    """
    tasks = [Task.model_validate(entry) for entry in yaml.safe_load(_FILE.read_text(encoding="utf-8"))]
    if unknown := set(names) - {task.name for task in tasks}:
        raise ValueError(f"no such task: {', '.join(sorted(unknown))}; there are {', '.join(t.name for t in tasks)}")
    return [task for task in tasks if not names or task.name in names]


def _letters(text: str) -> str:
    """Return the letters and digits of a text: prompts may quote it with other white space and marks."""
    return "".join(filter(str.isalnum, text.casefold()))
