"""The workflow files that this project ships, as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.hub import workflows

FOLDER = Path(__file__).parents[2] / ".github/workflows"
BUILD, DEPLOY = "microservice-build.yml", "microservice-deploy.yml"


def text(name: str) -> str:
    return (FOLDER / name).read_text()


def workflow(name: str) -> dict[Any, Any]:
    return workflows.load(text(name))


def steps(name: str) -> Iterator[dict[str, Any]]:
    for job in workflow(name)["jobs"].values():
        yield from job.get("steps", ())
