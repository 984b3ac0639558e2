"""What a model has replied in an evaluation, a file a task: to be read, and for an evaluation without a model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).with_name("recorded")
"""Where the record of this repository is."""
_DIGITS = 16


class Exchange(BaseModel):
    """One reply of a model.

    Attributes:
        stage: what it was asked for, e.g. "implement".
        prompt: the beginning of the SHA-256 of all messages, to see whether today's prompt is another one.
        reply: its text; the whole message where it holds something else than text.
        finish: why it ended, as OpenAI names it.
        sent: tokens of the prompt; received: those of the reply, as the model counted them.
        seconds: how long the reply took.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: str
    prompt: str
    sent: int
    received: int
    seconds: float
    finish: str = "stop"
    reply: str | dict[str, Any]


class Recorded(BaseModel):
    """What one task's file holds: the model's name, and its replies in the order in which they came."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str
    model: str
    exchanges: tuple[Exchange, ...] = ()


def read(folder: Path, task: str) -> Recorded | None:
    """Return what a folder holds of a task, or None."""
    file = folder / f"{task}.yml"
    return Recorded.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) if file.exists() else None


def write(folder: Path, recorded: Recorded) -> None:
    """Write a task's file, as a whole: whoever ends the evaluation leaves a file that can be read."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{recorded.task}.yml"
    new = file.with_name(f"{file.name}.new")
    data = recorded.model_dump(mode="json")
    text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def digest(messages: Sequence[Any]) -> str:
    """Return what tells one prompt from another."""
    return hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).hexdigest()[:_DIGITS]


def readable(reply: str) -> str:
    """Return a reply that is a JSON object with line breaks; any other as it is."""
    try:
        value = json.loads(reply)
    except ValueError:
        return reply
    return json.dumps(value, indent=1, ensure_ascii=False) if isinstance(value, dict) else reply


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
