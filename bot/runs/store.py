"""What everybody but the engine knows of the runs: start, wake, stop and read them."""

from __future__ import annotations

from typing import Protocol

from bot.values.command import CommandRequest, RerunRequest, ReviewRequest, WelcomeRequest
from bot.values.figures import Queue, RateLimit, RunFigures
from bot.values.hint import Hint
from bot.values.progress import Progress
from bot.values.run import RunRequest
from bot.values.value import Value


class Started(Value):
    """The run that a request led to.

    Attributes:
        run_id: the requested run (`bot.values.naming.run_id` of the request), or the one at work on the same issue.
        new: whether it is the requested one.
    """

    run_id: str
    new: bool


class Reports(Protocol):
    """What whoever runs the bot is told, in numbers."""

    def figures(self) -> list[RunFigures]:
        """Return all runs that are remembered, the newest first; who asks twice within a second gets the same."""

    def queue(self) -> Queue:
        """Return what is stored and no worker has begun."""

    def rate_limits(self) -> list[RateLimit]:
        """Return what GitHub has told the workers of its limits."""


class Runs(Protocol):
    """The runs, safe to use from any process and thread. What returns has been stored.

    `repo` is everywhere what `key` returns: another repository may have the name tomorrow.
    """

    @property
    def reports(self) -> Reports:
        """What all of it comes to, in numbers."""

    def disconnect(self) -> None:
        """Close the connections there are, before another process begins as a copy of this one; the next use opens new
        ones."""

    def key(self, repository: int, name: str, before: str = "") -> str:
        """Return what a repository is known by, given its id and its name now: the first name that was heard of it, in
        all processes and for ever. `before` is its name until just now, where GitHub tells of a new one."""

    def name(self, key: str) -> str:
        """Return "owner/name" of a repository as GitHub has called it last."""

    def start(self, request: RunRequest) -> Started:
        """Start a run, or return the one at work on the same issue: there is never a second."""

    def command(self, request: CommandRequest) -> None:
        """Have a worker carry out a comment; the same comment is carried out once."""

    def review(self, request: ReviewRequest) -> None:
        """Have a worker see what a review asks for; the same review is looked at once."""

    def rerun(self, request: RerunRequest) -> None:
        """Have a worker see to a build that somebody wants to run again; the same delivery is seen to once."""

    def welcome(self, request: WelcomeRequest) -> None:
        """Have a worker make what the bot needs in a repository; once for each installation, and once without one."""

    def revise(self, request: RunRequest, after: str = "") -> Started:
        """Have a pull request changed as its points say, and return the run that does it: the one at work on the issue
        takes the points up before it merges, those on its plan before it goes on with that; where it does not come to
        that, a run of their own does after it. What the run at work has not taken up when a person stops it is dropped.

        Args:
            after: what carries out commands that came with it, by its id. A run that they start takes the points up;
                one of their own begins only after them.
        """

    def approve(self, request: RunRequest) -> bool:
        """Have the run at work on an issue go on with its plan, if that is what the comment has seen; return whether
        there is such a run."""

    def signal(self, repo: str, issue: int | None, hint: Hint | None = None) -> None:
        """Wake the run at work on an issue, or on any issue of a repository; it then asks GitHub what happened.

        Args:
            hint: what the delivery says that wakes it.
        """

    def signal_all(self, place: str) -> int:
        """Wake all runs at work in a repository, by its key, or in all of an owner's ("owner"), and count them."""

    def stop(self, run: str) -> None:
        """Cancel a run."""

    def active(self, repo: str, issue: int) -> str | None:
        """Return the id of the run at work on an issue, or None."""

    def progress(self, run: str) -> Progress | None:
        """Return how far a run is, or None where it has not said anything yet."""

    def latest(self, repo: str, issue: int) -> Progress | None:
        """Return how far the newest run of an issue is, or None."""

    def history(self, repo: str, issue: int | None, limit: int = 20) -> list[Progress]:
        """Return how the runs of an issue, or of all issues of a repository, went, the newest first."""

    def causes(self) -> dict[str, str]:
        """Return in words what keeps the bot from its work, by the part that is to blame; {} where nothing does."""
