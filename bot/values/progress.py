"""What a run tells people: how far it is, and what it has come to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError

from bot.foreign import without_keys
from bot.sentence import Sentence, sentence
from bot.values.build import BuildFacts, BuildRecord
from bot.values.cost import Usage
from bot.values.deployment import Deployment
from bot.values.outdated import Outdated
from bot.values.seats import Waiting
from bot.values.value import Value


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
        commits: commits pushed to its branch; fixes: those of them that answer a failed build.
        builds: what has become of them, in order.
        reason: why it failed, or empty.
        note: what is happening to it while others are at work at the same time, or empty.
        waits: a person has to do something for it, while others may be at work.
        built: what its green build states of the service.
        usage: what the model has cost for it alone.
        learned: what its builds and fixes have shown, for the strategies after it; empty while it is at work.
    """

    name: str
    approach: str = ""
    packages: tuple[str, ...] = ()
    pull: int | None = None
    commits: int = 0
    fixes: int = 0
    builds: tuple[BuildRecord, ...] = ()
    outcome: StrategyOutcome = StrategyOutcome.PLANNED
    reason: str = ""
    note: str = ""
    waits: bool = False
    built: BuildFacts = BuildFacts()
    usage: Usage = Usage()
    learned: str = ""


class PlanMark(Value):
    """The plan that a run has shown, where its settings ask for one.

    Attributes:
        number: of the plan, counted from 1; what people ask for makes another one of it.
        comment: id of the comment that shows it; 0 while that is being written.
        approval: the delivery of the comment that has approved it, or "".
    """

    number: int
    comment: int = 0
    approval: str = ""


class Stage(StrEnum):
    """Where a run is. The README's flow diagram shows the same names."""

    QUEUED = "queued"
    SPECIFY = "specify"
    CLARIFY = "clarify"
    TESTS = "tests"
    STRATEGIZE = "strategize"
    PLAN = "plan"
    """The plan waits for the approval of somebody with write access."""
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
    def called(self) -> Sentence:
        """What people read of it."""
        return _CALLED[self]

    @property
    def goes_on(self) -> bool:
        """Whether a run goes on by itself, so that there is soon more to show."""
        return self in (Stage.SPECIFY, Stage.STRATEGIZE, Stage.BUILD, Stage.REVISE, Stage.MERGE, Stage.DEPLOY)

    @property
    def is_end(self) -> bool:
        """Whether a run in this stage goes on only when a person asks for it."""
        return self in (Stage.DONE, Stage.FAILED, Stage.STOPPED, Stage.WAITING)


_CALLED = {
    Stage.QUEUED: sentence("queued"),
    Stage.SPECIFY: sentence("specify"),
    Stage.CLARIFY: sentence("clarify"),
    Stage.TESTS: sentence("tests"),
    Stage.STRATEGIZE: sentence("strategize"),
    Stage.PLAN: sentence("plan"),
    Stage.IMPLEMENT: sentence("implement"),
    Stage.BUILD: sentence("build"),
    Stage.FIX: sentence("fix"),
    Stage.REVISE: sentence("revise"),
    Stage.MERGE: sentence("merge"),
    Stage.DEPLOY: sentence("deploy"),
    Stage.DONE: sentence("done"),
    Stage.FAILED: sentence("failed"),
    Stage.STOPPED: sentence("stopped"),
    Stage.WAITING: sentence("waiting"),
}


class Seconds(Value):
    """Wall-clock seconds: the whole run, and what of it was waited for the model, for builds and for the deployment."""

    total: float = 0.0
    model: float = 0.0
    builds: float = 0.0
    deploy: float = 0.0


class Phase(Value):
    """A part of a run that belongs to no strategy; `seconds` is None while it lasts.

    Attributes:
        name: what is done in it, one word.
        began: seconds since the epoch.
    """

    name: str
    began: float
    seconds: float | None = None


class Criterion(Value):
    """A line of the checklist: a scenario or a requirement, and what checks it.

    Attributes:
        check: e.g. "test_hello", or "interface.py"; "" where nothing can check it.
    """

    text: str
    check: str = ""


class PastRun(Value):
    """An earlier run of an issue, as people are told of it; or several that are told of as one.

    Attributes:
        runs: how many.
        started_at: of the first one, in seconds since the epoch.
        cause: what it was started for, e.g. "`/retry`".
        ended: how it has ended, in a few words.
    """

    runs: int = 1
    started_at: float
    cause: str = ""
    ended: str = ""
    fixes: int = 0
    reruns: int = 0
    usage: Usage = Usage()
    seconds: Seconds = Seconds()

    @property
    def when(self) -> str:
        """When the first of them began, for people."""
        return f"{datetime.fromtimestamp(self.started_at, UTC):%Y-%m-%d %H:%M} UTC"


_LONGEST_HIDDEN = 30_000
"""Characters of what a status comment holds for programs: less than half of what GitHub takes."""
_PROSE = ("assumptions", "criteria", "out_of_scope")


class Pick(Value):
    """Which pull request somebody has chosen to be merged."""

    actor: str
    pull: int


class Progress(Value):
    """Everything a run tells people: the status comment, the bot's page and the demo's terminal are drawn from it.

    Attributes:
        started_at: seconds since the epoch.
        language: of the issue, as BCP 47 has it; "" where it is not known.
        note: one line on what is happening or what went wrong.
        cause: what the run was started for, in a few words.
        is_update: the service was there before, and changes.
        asked: what `/update` asked for; "" where the issue says it.
        keys: what in the issue looks like a key, each by its kind and its line.
        outdated: the workflow files of the repository that are older than the bot.
        lacking: the permissions that the App uses and its installation has not granted.
        criteria: the checklist of the service, as its specification has it.
        side_by_side: strategies are built at the same time.
        fixes: fix commits pushed in this run.
        reruns: builds that were run again because of a failure that may pass by itself.
        stages: what each of the model's stages has cost; `usage` is their sum.
        builds: seconds from each pushed commit to its known result, in order.
        phases: what the run did when, beside the strategies.
        earlier: the runs of the issue before this one, oldest first.
        picked: which of several pull requests people want merged; None where nobody has chosen one.
        plan: None where none is asked for, and before it is shown.
        waiting: the seats that it waits for.
        answers: ids of the comments that the run has taken as the answer to what it asked.
    """

    run_id: str
    repo: str
    issue: int
    started_at: float
    stage: Stage = Stage.QUEUED
    note: str = ""
    slug: str = ""
    title: str = ""
    cause: str = ""
    language: str = ""
    is_update: bool = False
    asked: str = ""
    keys: tuple[str, ...] = ()
    outdated: tuple[Outdated, ...] = ()
    lacking: tuple[str, ...] = ()
    side_by_side: bool = False
    assumptions: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    strategies: tuple[StrategyRecord, ...] = ()
    fixes: int = 0
    reruns: int = 0
    usage: Usage = Usage()
    stages: dict[str, Usage] = Field(default_factory=dict)
    seconds: Seconds = Seconds()
    builds: tuple[float, ...] = ()
    phases: tuple[Phase, ...] = ()
    picked: Pick | None = None
    plan: PlanMark | None = None
    waiting: tuple[Waiting, ...] = ()
    answers: tuple[int, ...] = ()
    deployment: Deployment | None = None
    earlier: tuple[PastRun, ...] = ()

    def hidden(self) -> str:
        """Return an HTML comment that holds the progress, for programs that can read the status comment only.

        What was asked for in words, what the strategies have taught, and what happened when, is left out; and what the
        specification says, where it is very long.
        """
        left_out: dict[str, Any] = dict.fromkeys(("asked", "phases", "waiting"), True)
        left_out["strategies"] = {"__all__": {"learned", "builds"}}
        text = self.model_dump_json(exclude_defaults=True, exclude=left_out)
        if len(text) > _LONGEST_HIDDEN:
            text = self.model_dump_json(exclude_defaults=True, exclude=left_out | dict.fromkeys(_PROSE, True))
        # Nothing in it may end the comment (https://spec.commonmark.org/0.31.2/#html-comment).
        text = without_keys(text).replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "-\\u002d")
        return f"<!-- gptdeploy-progress {text} -->"


_HIDDEN = re.compile(r"<!-- gptdeploy-progress (\{.*\}) -->$", re.MULTILINE)


def read_hidden(body: str) -> Progress | None:
    """Return the progress that a status comment holds, or None.

    The last one counts: what stands before it may be quoted.
    """
    found = _HIDDEN.findall(body)
    try:
        return Progress.model_validate_json(found[-1]) if found else None
    except ValidationError:
        # Of a version of the bot that knows other fields.
        return None
