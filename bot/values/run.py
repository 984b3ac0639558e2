"""How a run is asked for."""

from __future__ import annotations

from enum import StrEnum

from pydantic import model_validator

from bot.values.cost import Budget
from bot.values.progress import StrategyRecord
from bot.values.revision import Point
from bot.values.value import Keyless, Value


class RunKind(StrEnum):
    """What a run is asked to do."""

    NEW = "new"
    """Build a service from an issue that got the label."""
    RETRY = "retry"
    """The same with fresh strategies."""
    RETRY_PULL = "retry-pull"
    """Make 10 more fixes on a pull request."""
    REVISE = "revise"
    """Change an open pull request, or the plan that the run at work has shown, as people say."""
    APPROVE = "approve"
    """Have the run at work go on with the plan that it has shown; this starts no run."""
    UPDATE = "update"
    """Change a service that is merged as people say, by a pull request of its own."""
    MERGED = "merged"
    """See the deployment of a pull request through that somebody else has merged."""
    CLOSED = "closed"
    """Say that somebody else has closed a pull request that was left to people."""
    REOPENED = "reopened"
    """Go on with a pull request that somebody else has opened again."""
    PUSHED = "pushed"
    """Go on with a pull request that was left to people, and that one of them has pushed to."""
    PICK = "pick"
    """Merge one of several green pull requests and deploy it, and close the others."""
    DEPLOY = "deploy"
    """Merge a pull request if it is green and deploy it; without one, deploy what is merged."""


class RunRequest(Value):
    """What a run is started for.

    Attributes:
        repo: "owner/name".
        installation: the GitHub App's installation id.
        issue: number of the issue that holds the idea.
        actor: login of who asked for it; needs write access.
        pull: number of the pull request, for `RETRY_PULL`, `PICK`, `MERGED`, `CLOSED`, `REOPENED`, `PUSHED` and, if
            there is one, for `DEPLOY`; for `REVISE` None stands for the plan, and once that is approved for the pull
            request that comes of it.
        delivery: GUID of the delivery that asked; one delivery starts at most one run.
        budget: limits of this run, before those of the repository.
        hint: what the person says to the model about this attempt.
        strategy: the strategy of an earlier run to try again instead of fresh ones, for `RETRY`.
        points: what shall change, for `REVISE` and `UPDATE`.
        rebuild: the build runs again first, if it is not green, for `RETRY_PULL`.
        comment: id of the comment that approves, for `APPROVE`.
        seen: fingerprint of the issue's title and text when the person asked; "" where that is not known.
        at: when the person asked (ISO 8601, UTC, whole seconds); "" where that is not known.
        unlabelled: the issue is known by the form's headings and has no label, which it gets first.
    """

    repo: str
    installation: int
    issue: int
    actor: str
    kind: RunKind
    pull: int | None = None
    delivery: str
    budget: Budget = Budget()
    hint: Keyless = ""
    strategy: StrategyRecord | None = None
    points: tuple[Point, ...] = ()
    rebuild: bool = False
    comment: int = 0
    seen: str = ""
    at: str = ""
    unlabelled: bool = False

    @model_validator(mode="after")
    def _has_its_pull(self) -> RunRequest:
        if self.kind is RunKind.RETRY_PULL and self.pull is None:
            raise ValueError("more fixes are made on a pull request, and none is named")
        if self.kind in (RunKind.MERGED, RunKind.CLOSED, RunKind.REOPENED, RunKind.PUSHED) and self.pull is None:
            raise ValueError(f"a pull request was {self.kind}, and none is named")
        if self.kind is RunKind.PICK and self.pull is None:
            raise ValueError("a pull request is picked, and none is named")
        if self.kind is RunKind.REVISE and not self.points:
            raise ValueError("a pull request or a plan is revised as points say, and there are none")
        if self.kind is RunKind.UPDATE and not self.points:
            raise ValueError("a service is updated as points say, and there are none")
        return self
