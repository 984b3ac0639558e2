"""`bot.runs.Runs` in memory, with the same promises: one run for an issue at a time, one run for a delivery."""

from __future__ import annotations

from bot.errors import TransientError
from bot.runs import Started
from bot.values.command import CommandRequest, RerunRequest, ReviewRequest, WelcomeRequest
from bot.values.figures import Queue, RateLimit, RunFigures, figures_of
from bot.values.hint import Hint
from bot.values.naming import run_id
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest


class FakeReports:
    """The runs that `FakeRuns` has published, in numbers; the rest is as it is set."""

    def __init__(self, runs: FakeRuns) -> None:
        self._runs = runs
        self.broken = False
        self.waiting = Queue()
        self.limits: list[RateLimit] = []

    def figures(self) -> list[RunFigures]:
        return [figures_of(progress) for progress in reversed(self._runs.published.values())]

    def queue(self) -> Queue:
        if self.broken:
            raise TransientError("The database cannot be used now.")
        return self.waiting

    def rate_limits(self) -> list[RateLimit]:
        return self.limits


class FakeRuns:
    """Keeps what it is asked for; with `broken` set it raises as if the database were gone."""

    def __init__(self) -> None:
        self.broken = False
        self.reports = FakeReports(self)
        self.started: list[RunRequest] = []
        self.commands: list[CommandRequest] = []
        self.reviews: list[ReviewRequest] = []
        self.reruns: list[RerunRequest] = []
        self.welcomes: list[WelcomeRequest] = []
        self.revisions: list[RunRequest] = []
        self.signals: list[tuple[str, int | None]] = []
        self.hints: list[Hint] = []
        self.stopped: list[str] = []
        self.published: dict[str, Progress] = {}
        self._active: dict[tuple[str, int], str] = {}
        self._names: dict[int, list[str]] = {}

    def disconnect(self) -> None:
        """Nothing is connected."""

    def key(self, repository: int, name: str, before: str = "") -> str:
        self._check()
        names = self._names.setdefault(repository, [before or name])
        names.append(name)
        return names[0]

    def name(self, key: str) -> str:
        return next((names[-1] for names in self._names.values() if names[0] == key), key)

    def start(self, request: RunRequest) -> Started:
        self._check()
        wanted = run_id(request.repo, request.issue, request.delivery)
        active = self._active.setdefault((request.repo, request.issue), wanted)
        if active == wanted and request not in self.started:
            self.started.append(request)
            self.published[wanted] = Progress(run_id=wanted, repo=request.repo, issue=request.issue, started_at=0)
        return Started(run_id=active, new=active == wanted)

    def command(self, request: CommandRequest) -> None:
        self._check()
        if request.comment_id not in {known.comment_id for known in self.commands}:
            self.commands.append(request)

    def review(self, request: ReviewRequest) -> None:
        self._check()
        if request.review not in {known.review for known in self.reviews}:
            self.reviews.append(request)

    def rerun(self, request: RerunRequest) -> None:
        self._check()
        if request not in self.reruns:
            self.reruns.append(request)

    def welcome(self, request: WelcomeRequest) -> None:
        self._check()
        if request not in self.welcomes:
            self.welcomes.append(request)

    def revise(self, request: RunRequest, after: str = "") -> Started:
        self._check()
        active = self.active(request.repo, request.issue)
        wanted = run_id(request.repo, request.issue, request.delivery)
        if active in (None, wanted):
            return self.start(request)
        self.revisions.append(request)
        return Started(run_id=active, new=False)

    def approve(self, request: RunRequest) -> bool:
        self._check()
        if self.active(request.repo, request.issue) is None:
            return False
        self.revisions.append(request)
        return True

    def signal(self, repo: str, issue: int | None, hint: Hint | None = None) -> None:
        self._check()
        self.signals.append((repo, issue))
        self.hints += [hint] if hint else []

    def signal_all(self, place: str) -> int:
        self._check()
        woken = [(repo, n) for repo, n in self._active if place in (repo, repo.partition("/")[0])]
        self.signals += woken
        return len(woken)

    def stop(self, run: str) -> None:
        self._check()
        self.stopped.append(run)
        self.end(run, Stage.STOPPED)

    def active(self, repo: str, issue: int) -> str | None:
        self._check()
        return self._active.get((repo, issue))

    def progress(self, run: str) -> Progress | None:
        self._check()
        return self.published.get(run)

    def latest(self, repo: str, issue: int) -> Progress | None:
        return next(iter(self.history(repo, issue)), None)

    def history(self, repo: str, issue: int | None, limit: int = 20) -> list[Progress]:
        self._check()
        known = reversed(self.published.values())
        return [one for one in known if one.repo == repo and issue in (None, one.issue)][:limit]

    def causes(self) -> dict[str, str]:
        return {"database": "it is gone"} if self.broken else {}

    def end(self, run: str, stage: Stage) -> None:
        """End a run in a stage."""
        self._active = {issue: active for issue, active in self._active.items() if active != run}
        self.published[run] = self.published[run].model_copy(update={"stage": stage})

    def _check(self) -> None:
        if self.broken:
            raise OSError("the database is gone")
