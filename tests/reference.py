"""The parts of the documentation that follow from the code. `make docs` writes them into the pages; a test compares.

A part stands between `<!-- generated: name -->` and `<!-- end -->`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot import commands
from bot.config import RepoConfig, Settings, written
from bot.doctor import CHECKS
from bot.guard import executor, tests
from bot.guard.rule import Rule
from bot.init import schema_text
from tests.unit.test_layers import ENVIRONMENT, HOMES, MODULES

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md")))

_PART = re.compile(r"(?<=<!-- generated: )(?P<name>\w+) -->\n.*?<!-- end -->", re.DOTALL)


def short_commands_table() -> str:
    """Return what can be typed and what it does as a Markdown table, without where and by whom."""
    rows = ["| Type | What it does |", "| --- | --- |"]
    rows += [f"| `{command.example}` | {command.help} |" for command in commands.COMMANDS]
    return "\n".join(rows)


def settings_table() -> str:
    """Return the environment variables as a Markdown table."""
    return _fields(Settings, "Variable")


def repository_table() -> str:
    """Return the keys of `.github/microservice.yml` as a Markdown table."""
    return _fields(RepoConfig, "Key")


def folders_table() -> str:
    """Return the modules and folders of `bot/`, and the folders in those, with the first line of what each says."""
    top = sorted((ROOT / "bot").iterdir())
    modules = [path for path in top if path.suffix == ".py" and path.name != "__init__.py"]
    folders = [path for path in top if (path / "__init__.py").exists()]
    rows = ["| Place | What lives there |", "| --- | --- |"]
    rows += [f"| `bot/{path.name}` | {first_line(path)} |" for path in modules]
    for folder in folders:
        rows.append(f"| **`bot/{folder.name}/`** | {first_line(folder / '__init__.py')} |")
        for inner in sorted(folder.iterdir()):
            if (inner / "__init__.py").exists():
                rows.append(f"| `bot/{folder.name}/{inner.name}/` | {first_line(inner / '__init__.py')} |")
    return "\n".join(rows)


def libraries_table() -> str:
    """Return which library may be imported where, and who reads the environment, from the rules on imports."""
    homes = {**{f"`{library}`": places for library, places in HOMES.items()}, "the environment": ENVIRONMENT}
    rows = ["| Library | Only in |", "| --- | --- |"]
    for name, places in homes.items():
        paths = [f"`{MODULES[place].relative_to(ROOT)}`".replace("__init__.py", "") for place in places]
        rows.append(f"| {name} | {', '.join(paths)} |")
    return "\n".join(rows)


def checks_table() -> str:
    """Return what the doctor looks at: a sentence for each check."""
    rows = ["| Check | What it makes sure of |", "| --- | --- |"]
    rows += [f"| `{check.name}` | {(check.look.__doc__ or '').partition(chr(10))[0]} |" for check in CHECKS]
    return "\n".join(rows)


def rules_table(rules: Sequence[Rule]) -> str:
    """Return the rules for a file as a Markdown table."""
    rows = ["| Rule | Why | Refused | Taken |", "| --- | --- | --- | --- |"]
    rows += [f"| `{rule.id}` | {rule.reason} | {_example(rule.bad)} | {_example(rule.good)} |" for rule in rules]
    return "\n".join(rows)


def _example(source: str) -> str:
    """Return source as it fits into a cell of a table."""
    return "<br>".join(f"`{line.strip()}`" for line in source.splitlines())


PARTS: Mapping[str, Callable[[], str]] = {
    "commands": commands.COMMANDS.table,
    "commands_in_short": short_commands_table,
    "settings": settings_table,
    "checks": checks_table,
    "repository": repository_table,
    "folders": folders_table,
    "libraries": libraries_table,
    "test_rules": partial(rules_table, tests.RULES),
    "executor_rules": partial(rules_table, executor.RULES),
}


def filled(page: str) -> str:
    """Return a page with its generated parts as they should be.

    Raises:
        KeyError: it names a part that there is not.
    """
    return _PART.sub(lambda match: f"{match['name']} -->\n{PARTS[match['name']]()}\n<!-- end -->", page)


def first_line(path: Path) -> str:
    """Return the first line of a module's docstring, or ""."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


def _fields(model: type[BaseModel], first: str) -> str:
    rows = [f"| {first} | Default | Meaning |", "| --- | --- | --- |"]
    for name, field in model.model_fields.items():
        rows.append(f"| `{field.alias or name}` | {_default(field)} | {field.description} |")
    return "\n".join(rows)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    return "" if field.default in (None, "") or isinstance(field.default, BaseModel) else f"`{written(field.default)}`"


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(filled(path.read_text()))
    (ROOT / "docs/microservice.schema.json").write_text(schema_text())
