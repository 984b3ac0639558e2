"""How runs are asked for, what they cost, and what they tell people."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from bot.values.value import Value


class Usage(Value):
    """What model calls have cost.

    Attributes:
        prompt: tokens sent; `cached` of them were in the provider's cache.
        completion: tokens received.
        cost_usd: USD, or None where the model's price is unknown.
        seconds: wall-clock seconds spent waiting for the model.
        calls: replies received.
        saved: replies that were refused because their files would have cost a build.
    """

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    cost_usd: float | None = None
    seconds: float = 0.0
    calls: int = 0
    saved: int = 0

    @property
    def tokens(self) -> int:
        """Tokens sent and received."""
        return self.prompt + self.completion

    def __add__(self, other: Usage) -> Usage:
        costs = [cost for cost in (self.cost_usd, other.cost_usd) if cost is not None]
        return Usage(
            prompt=self.prompt + other.prompt,
            cached=self.cached + other.cached,
            completion=self.completion + other.completion,
            cost_usd=sum(costs) if costs else None,
            seconds=self.seconds + other.seconds,
            calls=self.calls + other.calls,
            saved=self.saved + other.saved,
        )


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
    """One row of a run's story.

    Attributes:
        packages: Python packages it needs.
        commits: commits pushed to its branch.
        reason: why it failed, or empty.
        learned: what its builds and fixes have shown, for the strategies after it; empty while it is at work.
    """

    name: str
    approach: str = ""
    packages: tuple[str, ...] = ()
    pull: int | None = None
    commits: int = 0
    outcome: StrategyOutcome = StrategyOutcome.PLANNED
    reason: str = ""
    learned: str = ""


class Stage(StrEnum):
    """Where a run is. The README's flow diagram shows the same names."""

    QUEUED = "queued"
    SPECIFY = "specify"
    CLARIFY = "clarify"
    STRATEGIZE = "strategize"
    IMPLEMENT = "implement"
    BUILD = "build"
    FIX = "fix"
    MERGE = "merge"
    DEPLOY = "deploy"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    WAITING = "waiting"
    """Ended, and a person has to do something."""


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


class Budget(Value):
    """What a run may cost; None is no limit.

    Attributes:
        budget_usd: USD for the model. A model whose price is unknown costs none.
        max_tokens: tokens sent and received.
        max_minutes: minutes since the run began, without those spent waiting for answers.
    """

    budget_usd: float | None = Field(default=None, gt=0)
    max_tokens: int | None = Field(default=None, gt=0)
    max_minutes: float | None = Field(default=None, gt=0)

    def over(self, other: Budget) -> Budget:
        """Return this budget, with the limits of `other` where it has none."""
        mine = {name: value for name, value in self if value is not None}
        return other.model_copy(update=mine)


class Allowance(Value):
    """What may still be spent; None is no limit.

    Attributes:
        usd: USD for the model. A model whose price is unknown costs none.
        tokens: tokens sent and received.
        until: seconds since the epoch.
    """

    usd: float | None = None
    tokens: int | None = None
    until: float | None = None

    def covers(self, usage: Usage, now: float) -> bool:
        """Tell whether something is left after `usage`, at `now` in seconds since the epoch."""
        return (
            (self.usd is None or (usage.cost_usd or 0) < self.usd)
            and (self.tokens is None or usage.tokens < self.tokens)
            and (self.until is None or now < self.until)
        )


UNLIMITED = Allowance()


class RunKind(StrEnum):
    """What a run is asked to do."""

    NEW = "new"
    """Build a service from an issue that got the label."""
    RETRY = "retry"
    """The same with fresh strategies."""
    RETRY_PULL = "retry-pull"
    """Make 10 more fixes on a pull request."""
    DEPLOY = "deploy"
    """Merge a pull request if it is green and deploy it; without one, deploy what is merged."""


class RunRequest(Value):
    """Why a run is started.

    Attributes:
        repo: "owner/name".
        installation: the GitHub App's installation id.
        issue: number of the issue that holds the idea.
        actor: login of who asked for it; needs write access.
        pull: number of the pull request, for `RETRY_PULL` and, if there is one, for `DEPLOY`.
        delivery: GUID of the delivery that asked; one delivery starts at most one run.
        budget: limits of this run, before those of the repository.
    """

    repo: str
    installation: int
    issue: int
    actor: str
    kind: RunKind
    pull: int | None = None
    delivery: str
    budget: Budget = Budget()

    @model_validator(mode="after")
    def _has_its_pull(self) -> RunRequest:
        if self.kind is RunKind.RETRY_PULL and self.pull is None:
            raise ValueError("more fixes are made on a pull request, and none is named")
        return self
