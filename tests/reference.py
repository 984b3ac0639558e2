"""The README's tables of settings, generated from the code that reads them."""

from __future__ import annotations

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.config.repository import RepoConfig
from bot.config.settings import Settings


def settings_table() -> str:
    """Return the environment variables as a Markdown table."""
    return _table(Settings, "Variable")


def repo_config_table() -> str:
    """Return the keys of `.github/microservice.yml` as a Markdown table."""
    return _table(RepoConfig, "Key")


def _table(model: type[BaseModel], first: str) -> str:
    rows = [f"| {first} | Default | Meaning |", "| --- | --- | --- |"]
    for name, field in model.model_fields.items():
        rows.append(f"| `{field.alias or name}` | {_default(field)} | {field.description} |")
    return "\n".join(rows)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    return "" if field.default in (None, "") or isinstance(field.default, BaseModel) else f"`{field.default}`"
