"""What people, and a test, see of a repository with the bot at work in it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from bot.hub.request_log import ApiRequest
from bot.hub.state import Comment, Repository
from bot.values.progress import Progress
from tests.fakes.model import FakeModel
from tests.flow.house import House

T = TypeVar("T")
BOT = "gptdeploy[bot]"
DEADLINE = 60.0


class Reader:
    """What can be seen of one repository; where something is to come, it is waited for.

    Args:
        name: what GitHub calls the repository; key: what the bot does.
    """

    def __init__(self, house: House, name: str, key: str, model: FakeModel) -> None:
        self.house = house
        self.name = name
        self.key = key
        self.model = model
        self._read: set[int] = set()

    def conversations(self, number: int) -> list[list[tuple[str, str]]]:
        """Return what was said on the lines of a pull request, a list for each conversation: login and text."""
        with self.house.hub.parts.state.lock:
            pull = self._repository().issues[number].pull
            assert pull is not None
            return [
                [(comment.author.login, _visible(comment.body)) for comment in thread.comments]
                for thread in pull.threads
            ]

    def answered(self, number: int, count: int) -> list[list[tuple[str, str]]]:
        """Wait until the bot has answered on that many lines of a pull request; return all conversations."""

        def look() -> list[list[tuple[str, str]]] | None:
            said = self.conversations(number)
            return said if sum(login == BOT for talk in said for login, _ in talk) >= count else None

        return _await(look, f"{count} answers on lines of #{number}")

    def until(self, look: Callable[[], bool]) -> None:
        """Wait until something holds."""
        _await(look, "what the test waits for")

    def queued(self, number: int, count: int) -> None:
        """Wait until that many requests for changes wait for their turn on an issue."""
        runs = self.house.runs
        _await(lambda: len(runs.revisions(self.key, number)) == count, f"{count} requests for changes of #{number}")

    def next_comment(self, number: int) -> str:
        """Return the bot's next comment on an issue or pull request as people see it; wait for it.

        The status comment is not among them: see `status`.
        """
        unread = _await(lambda: self._unread(number), f"a comment on #{number}")
        self._read.add(unread[0].id)
        return _visible(unread[0].body)

    def platform_answer(self, number: int) -> str:
        """Return the newest answer of the deploy workflow on an issue or pull request; wait for the next one."""
        return self.workflow_comment(number, "answer")

    def workflow_comment(self, number: int, kind: str) -> str:
        """Return the next comment of a kind that a workflow makes on an issue or pull request; wait for it."""

        def look() -> list[Comment]:
            with self.house.hub.parts.state.lock:
                comments = list(self._repository().issues[number].comments)
            return [c for c in comments if f"gptdeploy:{kind}:" in c.body and c.id not in self._read]

        found = _await(look, f"a comment with {kind} on #{number}")[0]
        self._read.add(found.id)
        return _visible(found.body)

    def settled(self) -> None:
        """Wait until all that was said has been answered, and no workflow runs."""

        def look() -> bool:
            self.answers_given()
            with self.house.hub.parts.state.lock:
                return all(run.latest.status == "completed" for run in self._repository().workflow_runs)

        _await(look, "the end of all workflow runs")

    def answers_given(self) -> None:
        """Wait until all that was said has been heard and answered."""
        self.house.hub.parts.deliveries.drain()
        _await(lambda: self.house.answered(self.key), "the answers to all that was said")

    def status(self, number: int) -> str:
        """Return the status comment as people see it."""
        (status,) = [comment for comment in self._comments(number) if f"status:{number}" in comment.body]
        return _visible(status.body)

    def shows(self, number: int, beginning: str) -> None:
        """Wait until the status comment begins with some words."""
        _await(lambda: self.status(number).startswith(beginning), f"a status that begins with {beginning!r}")

    def shown(self, number: int, words: str) -> None:
        """Wait until the status comment holds some words."""

        def look() -> bool:
            return any("gptdeploy:status:" in c.body and words in c.body for c in self._comments(number))

        _await(look, f"a status that holds {words!r}")

    def edited(self, number: int, beginning: str, gone: str = "") -> str:
        """Wait until a comment begins with some words, and holds others no more; return it as people see it."""

        def look() -> str | None:
            bodies = [_visible(comment.body) for comment in self._comments(number)]
            found = [body for body in bodies if body.startswith(beginning) and not (gone and gone in body)]
            return found[0] if found else None

        return _await(look, f"a comment that begins with {beginning!r}")

    def finished(self, number: int) -> Progress:
        """Wait until the run of an issue has ended, and return how."""

        def look() -> Progress | None:
            if self.house.at_work[self.key, number]:
                return None
            progress = self.house.runs.latest(self.key, number)
            ended = progress is not None and self.house.runs.finished(progress.run_id)
            return progress if ended else None

        return _await(look, f"the end of the run of #{number}")

    def reached(self, number: int, stage: str) -> Progress:
        """Wait until the run of an issue has reached a stage."""

        def look() -> Progress | None:
            progress = self.house.runs.latest(self.key, number)
            return progress if progress is not None and progress.stage == stage else None

        return _await(look, f"stage {stage}")

    def noted(self, number: int, words: str) -> Progress:
        """Wait until the bot's pages show the run of an issue with some words."""

        def look() -> Progress | None:
            progress = self.house.runs.latest(self.key, number)
            return progress if progress is not None and words in progress.note else None

        return _await(look, f"a note with {words!r}")

    def ends(self, number: int) -> None:
        """Wait until no run is at work on an issue."""
        house = self.house

        def look() -> bool:
            return not house.at_work[self.key, number] and house.runs.active(self.key, number) is None

        _await(look, f"the end of the run of #{number}")

    def until_asked(self, count: int = 1) -> None:
        """Wait until the model has been asked that often."""
        _await(lambda: len(self.model.requests) >= count, f"question {count} to the model")

    def reactions(self, comment: int) -> list[str]:
        """Return the reactions to a comment."""
        with self.house.hub.parts.state.lock:
            found = [c for issue in self._repository().issues.values() for c in issue.comments if c.id == comment]
            return [reaction.content for reaction in found[0].reactions]

    def content(self) -> list[str]:
        """Return the bot's content-creating requests in this repository, in order, as "METHOD path"."""
        return [
            f"{request.method} {re.sub(f'^/api/v3{self._path}', '', request.path)}"
            for request in self.requests()
            if request.actor == BOT and request.kind == "content"
        ]

    def requests(self, since: int = 0) -> list[ApiRequest]:
        """Return the requests after the first `since` of all, apart from those that name another repository.

        GraphQL names its repository in the body, so that what tests before have asked for by it is among them.
        """
        named = re.compile("/api/v3/repo(?:s|sitories)/")
        own = re.compile(f"/api/v3{self._path}(?:/|$)")
        requests = self.house.hub.requests[since:]
        return [request for request in requests if own.match(request.path) or not named.match(request.path)]

    def unread(self) -> Iterable[str]:
        """Return the bot's comments that no test has read: there must be none at the end."""
        with self.house.hub.parts.state.lock:
            numbers = list(self._repository().issues)
        return [f"#{number}: {_visible(comment.body)}" for number in numbers for comment in self._unread(number)]

    def _unread(self, number: int) -> list[Comment]:
        return [
            comment
            for comment in self._comments(number)
            if comment.id not in self._read and "gptdeploy:status:" not in comment.body
        ]

    def _comments(self, number: int) -> list[Comment]:
        with self.house.hub.parts.state.lock:
            comments = list(self._repository().issues[number].comments)
        return [comment for comment in comments if comment.author.login == BOT]

    @property
    def _path(self) -> str:
        """A pattern of where the API has the repository."""
        return f"/(?:repos/{self.name}|repositories/{self._repository().id})"

    def _repository(self) -> Repository:
        return self.house.hub.repository(self.name)


def _await(look: Callable[[], T | None], what: str) -> T:
    began = time.monotonic()
    while True:
        found = look()
        if found:
            return found
        waited = time.monotonic() - began
        assert waited < DEADLINE, f"{what} did not come"
        # A look takes time from what is looked for.
        time.sleep(min(max(0.02, waited / 10), 0.1))


def _visible(body: str) -> str:
    return re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL).strip()
