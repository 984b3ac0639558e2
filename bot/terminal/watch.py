"""Follow the run of an issue by what its status comment says, and answer what the bot asks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markdown import Markdown
from rich.rule import Rule

from bot.buildlog import read_failure
from bot.demo.live import follow
from bot.errors import TransientError, UserError
from bot.render import hidden, markers
from bot.terminal.place import Place
from bot.values.github import Issue, IssueComment
from bot.values.jobs import failed_jobs
from bot.values.naming import BUILD_WORKFLOW
from bot.values.progress import Progress, Stage, StrategyOutcome, read_hidden

_PATIENCE = 300.0
"""Seconds within which a bot must have said something on the issue."""
_OF_PLAN = ("plan:", "plan-stays:", "plan-outdated:")
"""What the markers of comments begin with after which a plan waits for the person."""
_HTML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Watch:
    """One issue, followed until its run has ended.

    Args:
        answer: asks the person at the terminal, given the prompt, and returns None where nobody is there.
        verbose: also show prompts, replies and excerpts.
    """

    def __init__(
        self, console: Console, place: Place, issue: Issue, answer: Callable[[str], str | None], *, verbose: bool
    ) -> None:
        self._console = console
        self._place = place
        self._issue = issue
        self._answer = answer
        self._verbose = verbose
        self._began = time.monotonic()
        self._next = 0.0
        self._progress: Progress | None = None
        self._seen: set[int] = set()
        self._news: list[IssueComment] = []
        self._refused = False
        self._told: set[tuple[int, int]] = set()
        self._read_to_end: set[int] = set()
        self._unsaid: list[tuple[str, str]] = []

    def until_end(self) -> Progress:
        """Show the run until it has ended, and return how.

        Raises:
            UserError: no bot has said anything for minutes.
        """
        links = {"issue": self._issue.url}
        while True:
            progress = follow(self._console, self._look, links, began=self._began)
            links = {}
            self._say()
            if self._refused or (progress.stage.is_end and self._progress is not None):
                return progress

    def _look(self) -> tuple[Progress | None, bool]:
        """Return how far the run is, and whether there is something to say beside that."""
        if time.monotonic() >= self._next:
            try:
                self._read()
            except TransientError:
                # It is asked again soon enough.
                self._console.log("GitHub does not answer")
            self._next = time.monotonic() + self._place.poll_seconds
        progress = self._progress
        if progress is None and not self._news:
            if time.monotonic() - self._began > _PATIENCE:
                raise UserError(
                    f"No bot has said anything on {self._issue.url}. Is the App installed on "
                    f"{self._place.repository.full_name}, and does the bot run?"
                )
            return None, bool(self._unsaid)
        shown = progress or Progress(
            run_id="", repo=self._place.repository.full_name, issue=self._issue.number, started_at=0
        )
        return shown, bool(self._news or self._unsaid) or shown.stage.is_end

    def _read(self) -> None:
        status = hidden(f"status:{self._issue.number}")
        for comment in self._place.repository.bot_comments(self._issue.number):
            if status in comment.body:
                self._progress = read_hidden(comment.body) or self._progress
            elif comment.id not in self._seen:
                self._seen.add(comment.id)
                self._news.append(comment)
        if self._verbose:
            self._unsaid += self._exchanges()
            self._unsaid += self._red_builds()

    def _exchanges(self) -> Iterator[tuple[str, str]]:
        for exchange in self._place.exchanges.new() if self._place.exchanges else ():
            yield f"{exchange.stage}: what {exchange.model} is asked", exchange.prompt
            yield f"{exchange.stage}: what {exchange.model} answers", exchange.reply

    def _red_builds(self) -> Iterator[tuple[str, str]]:
        """Yield what the builds died of that have ended since the last time."""
        repository = self._place.repository
        for record in self._progress.strategies if self._progress else ():
            if record.pull is None or record.pull in self._read_to_end:
                continue
            if record.outcome is not StrategyOutcome.BUILDING:
                self._read_to_end.add(record.pull)
            for built in repository.workflow_runs(BUILD_WORKFLOW, repository.pull(record.pull).head_ref):
                if not built.done or built.green or (built.id, built.attempt) in self._told:
                    continue
                self._told.add((built.id, built.attempt))
                for job in failed_jobs(repository.jobs(built))[:1]:
                    excerpt = read_failure(repository.job_log(job.id), job.failed_step).excerpt
                    yield f"#{record.pull}: what the build of {built.head_sha[:7]} died of", excerpt

    def _say(self) -> None:
        """Print what is new, and answer what is asked."""
        for title, text in self._unsaid:
            self._console.print(Rule(title))
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._unsaid.clear()
        news, self._news = self._news, []
        for comment in news:
            text = _HTML_COMMENT.sub("", comment.body).strip()
            self._console.print(Rule(f"@{comment.author}"))
            self._console.print(Markdown(text) if self._console.is_terminal else text, markup=False, soft_wrap=True)
            names = markers(comment.body)
            self._refused = self._refused or "approval" in names
            if any(name.startswith("questions:") for name in names):
                answer = self._answer("Your answer (enter alone takes the proposals): ")
                self._reply("ok" if answer == "" else answer)
            elif any(name.startswith(_OF_PLAN) for name in names):
                self._decide()

    def _decide(self) -> None:
        """Put on the issue what the person says of the plan; enter alone says nothing, because a plan costs money."""
        answer: str | None = ""
        while answer == "":
            answer = self._answer("Type approve, stop, or what shall change: ")
        word = (answer or "").casefold().strip("/.! ")
        if answer is not None and word not in ("approve", "stop"):
            answer = f"/revise {answer.removeprefix('/revise ')}"
        self._reply(answer if answer is None or word not in ("approve", "stop") else f"/{word}")

    def _reply(self, text: str | None) -> None:
        """Comment on the issue as the person; where nobody is there, say where that can be done."""
        if text is not None:
            self._place.repository.say(self._issue.number, text)
        else:
            self._console.print(f"Answer on {self._issue.url}", soft_wrap=True)


def is_live(progress: Progress) -> bool:
    """Tell whether a run has brought a service live."""
    return progress.stage is Stage.DONE and progress.deployment is not None
