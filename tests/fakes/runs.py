"""`bot.runs.Runs` in memory, with the engine's promises: one run an issue, the same delivery is the same run."""

from __future__ import annotations

from bot.runs import Started
from bot.values.command import CommandRequest
from bot.values.naming import run_id
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest


class FakeRuns:
    """Remembers what was asked of it; `broken` makes it raise like a database that is gone."""

    def __init__(self) -> None:
        self.broken = False
        self.started: list[RunRequest] = []
        self.commands: list[CommandRequest] = []
        self.signals: list[tuple[str, int]] = []
        self.stopped: list[str] = []
        self.said: dict[str, Progress] = {}
        self._active: dict[tuple[str, int], str] = {}

    def start(self, request: RunRequest) -> Started:
        self._check()
        wanted = run_id(request.repo, request.issue, request.delivery)
        found = self._active.setdefault((request.repo, request.issue), wanted)
        if found == wanted and request not in self.started:
            self.started.append(request)
            self.said[wanted] = Progress(run_id=wanted, repo=request.repo, issue=request.issue, started_at=0)
        return Started(run_id=found, new=found == wanted)

    def command(self, request: CommandRequest) -> None:
        self._check()
        if request.comment_id not in {known.comment_id for known in self.commands}:
            self.commands.append(request)

    def signal(self, repo: str, issue: int) -> None:
        self._check()
        self.signals.append((repo, issue))

    def stop(self, run: str) -> None:
        self._check()
        self.stopped.append(run)
        self.end(run, Stage.STOPPED)

    def active(self, repo: str, issue: int) -> str | None:
        self._check()
        return self._active.get((repo, issue))

    def progress(self, run: str) -> Progress | None:
        self._check()
        return self.said.get(run)

    def latest(self, repo: str, issue: int) -> Progress | None:
        self._check()
        found = [progress for progress in self.said.values() if (progress.repo, progress.issue) == (repo, issue)]
        return found[-1] if found else None

    def recent(self, limit: int) -> list[Progress]:
        self._check()
        return list(reversed(self.said.values()))[:limit]

    def healthy(self) -> bool:
        self._check()
        return True

    def end(self, run: str, stage: Stage) -> None:
        """Let a run end, as the engine would."""
        self._active = {issue: active for issue, active in self._active.items() if active != run}
        self.said[run] = self.said[run].model_copy(update={"stage": stage})

    def _check(self) -> None:
        if self.broken:
            raise OSError("the database is gone")
