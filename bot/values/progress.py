"""What a run tells people: how far it is, and what it has come to."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError

from bot.values.build import BuildFacts
from bot.values.cost import Usage
from bot.values.value import Value


class Deployment(Value):
    """A service that is live: where people use it and where programs call it."""

    playground_url: str
    api_url: str


class StrategyOutcome(StrEnum):
    """How far a strategy has come."""

    PLANNED = "planned"
    BUILDING = "building"
    GREEN = "green"
    MERGED = "merged"
    FAILED = "failed"
    STOPPED = "stopped"


class StrategyRecord(Value):
    """What a run tells of one of its strategies.

    Attributes:
        packages: Python packages it needs.
        commits: commits pushed to its branch.
        reason: why it failed, or empty.
        built: what its green build states of the service.
        learned: what its builds and fixes have shown, for the strategies after it; empty while it is at work.
    """

    name: str
    approach: str = ""
    packages: tuple[str, ...] = ()
    pull: int | None = None
    commits: int = 0
    outcome: StrategyOutcome = StrategyOutcome.PLANNED
    reason: str = ""
    built: BuildFacts = BuildFacts()
    learned: str = ""


class Stage(StrEnum):
    """Where a run is. The README's flow diagram shows the same names."""

    QUEUED = "queued"
    SPECIFY = "specify"
    CLARIFY = "clarify"
    TESTS = "tests"
    STRATEGIZE = "strategize"
    IMPLEMENT = "implement"
    BUILD = "build"
    FIX = "fix"
    REVISE = "revise"
    MERGE = "merge"
    DEPLOY = "deploy"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    WAITING = "waiting"
    """A person has to do something: the run has ended, or it waits and goes on by itself then."""

    @property
    def is_end(self) -> bool:
        """Whether a run in this stage goes on only when a person asks for it."""
        return self in (Stage.DONE, Stage.FAILED, Stage.STOPPED, Stage.WAITING)


class Seconds(Value):
    """Wall-clock seconds: the whole run, and what of it was waited for the model, for builds and for the deployment."""

    total: float = 0.0
    model: float = 0.0
    builds: float = 0.0
    deploy: float = 0.0


class Progress(Value):
    """Everything a run tells people: the status comment, the bot's page and the demo's terminal are drawn from it.

    Attributes:
        started_at: seconds since the epoch.
        note: one line on what is happening or what went wrong.
        is_update: the service was there before, and changes.
        asked: what `/update` asked for; "" where the issue says it.
        fixes: fix commits pushed in this run.
        reruns: builds that were run again because of a failure that may pass by itself.
        stages: what each of the model's stages has cost; `usage` is their sum.
        builds: seconds from each pushed commit to its known result, in order.
    """

    run_id: str
    repo: str
    issue: int
    started_at: float
    stage: Stage = Stage.QUEUED
    note: str = ""
    slug: str = ""
    title: str = ""
    is_update: bool = False
    asked: str = ""
    assumptions: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    strategies: tuple[StrategyRecord, ...] = ()
    fixes: int = 0
    reruns: int = 0
    usage: Usage = Usage()
    stages: dict[str, Usage] = Field(default_factory=dict)
    seconds: Seconds = Seconds()
    builds: tuple[float, ...] = ()
    deployment: Deployment | None = None

    def hidden(self) -> str:
        """Return an HTML comment that holds the progress, for programs that can read the status comment only.

        What was asked for in words, and what the strategies have taught, is left out.
        """
        left_out: dict[str, Any] = {"asked": True, "strategies": {"__all__": {"learned"}}}
        text = self.model_dump_json(exclude_defaults=True, exclude=left_out)
        # Nothing in it may end the comment (https://spec.commonmark.org/0.31.2/#html-comment).
        text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "-\\u002d")
        return f"<!-- gptdeploy-progress {text} -->"


_HIDDEN = re.compile(r"<!-- gptdeploy-progress (\{.*\}) -->")


def read_hidden(body: str) -> Progress | None:
    """Return the progress that a status comment holds, or None."""
    found = _HIDDEN.search(body)
    try:
        return Progress.model_validate_json(found[1]) if found else None
    except ValidationError:
        # Of a version of the bot that knows other fields.
        return None
