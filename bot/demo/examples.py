"""The example ideas: the demo opens issues with them, and the scripted model has replies to them."""

from __future__ import annotations

from pathlib import Path

from bot.errors import UserError
from bot.render import templates_dir
from bot.values.service import Idea

EXAMPLES = ("qr", "pdf", "obj")
"""`qr` misses a package at first, `pdf` needs its second strategy, `obj` misses a system library at first."""


class Example(Idea):
    """An idea that comes with the project.

    Attributes:
        name: one of `EXAMPLES`.
    """

    name: str

    @property
    def folder(self) -> Path:
        """The folder with the authored replies to this idea."""
        return _root() / self.name


def load(name: str) -> Example:
    """Return the example called `name`.

    Raises:
        UserError: there is none of that name.
    """
    if name not in EXAMPLES:
        raise UserError(f"There is no example `{name}`; there are {', '.join(EXAMPLES)}.")
    idea = Idea.model_validate_json((_root() / name / "issue.json").read_text(encoding="utf-8"))
    return Example(name=name, title=idea.title, description=idea.description, scenarios=idea.scenarios)


def _root() -> Path:
    return templates_dir() / "examples"
