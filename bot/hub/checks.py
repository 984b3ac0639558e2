"""What Apps do to check runs, and people: create, update, ask for another run. Every change is announced.

https://docs.github.com/en/rest/checks/runs
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.hub.access import ApiError, Caller
from bot.hub.payloads import ACTIONS_APP, check_run_event_json, check_suite_json
from bot.hub.state import Annotation, CheckRun, Repository, State, User, now
from bot.hub.webhooks import Announcer


@dataclass(frozen=True)
class Report:
    """What is said of a commit; None leaves what was said before.

    Attributes:
        conclusion: a check run that has one is completed.
        annotations: come to those that are there.
    """

    name: str | None = None
    status: str | None = None
    conclusion: str | None = None
    details_url: str | None = None
    external_id: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: Sequence[Annotation] = ()
    started_at: datetime | None = None
    completed_at: datetime | None = None


class Checks:
    """Verbs on check runs. Called with the state's lock held.

    GitHub tells an App also of the check runs of others; the hub tells only of those that Apps have created.
    """

    def __init__(self, state: State, announcer: Announcer) -> None:
        self._state = state
        self._announcer = announcer

    def create(self, repo: Repository, by: Caller, head_sha: str, said: Report) -> CheckRun:
        """Create a check run of a commit, also where there is one of that name.

        Raises:
            ApiError: 403 for people, 422 where there is no such commit.
        """
        _must_be_app(by)
        if repo.git.resolve(f"{head_sha}^{{commit}}") != head_sha:
            raise ApiError(422, f"No commit found for SHA: {head_sha}")
        same_suite = (run.suite for run in repo.check_runs if (run.app, run.head_sha) == (by.app, head_sha))
        suite = next(same_suite, None) or self._state.new_id()
        run = CheckRun(self._state.new_id(), said.name or "", head_sha, by.app, suite)
        for other in repo.check_runs:
            if other.suite == suite:
                other.asked_at = None
        repo.check_runs.append(run)
        _take(run, said)
        self._announce(repo, run, by.user, "created")
        if run.done:
            self._announce_end(repo, run, by.user)
        return run

    def update(self, repo: Repository, by: Caller, run: CheckRun, said: Report) -> None:
        """Change a check run.

        Raises:
            ApiError: 403, it is another App's.
        """
        _must_be_app(by)
        if run.app != by.app:
            number = by.app.id if by.app else ACTIONS_APP
            reason = "check run can only be modified by the GitHub App that created it."
            raise ApiError(403, f"Invalid app_id `{number}` - {reason}")
        was_done = run.done
        _take(run, said)
        if run.done and not was_done:
            self._announce_end(repo, run, by.user)
        self._state.lock.notify_all()

    def rerequest(self, repo: Repository, by: User, run: CheckRun, *, suite: bool = False) -> None:
        """Ask the App of a check run to run it again, or all of its suite; the App decides what comes of it.

        The suite is queued until then: https://docs.github.com/en/rest/checks/runs#rerequest-a-check-run
        """
        run.asked_at = now()
        if suite:
            self._announce_suite(repo, run, by, "rerequested")
        else:
            self._announce(repo, run, by, "rerequested")

    def _announce_end(self, repo: Repository, run: CheckRun, by: User) -> None:
        self._announce(repo, run, by, "completed")
        if check_suite_json(self._state, repo, run)["status"] == "completed":
            self._announce_suite(repo, run, by, "completed")

    def _announce(self, repo: Repository, run: CheckRun, by: User, action: str) -> None:
        body = check_run_event_json(self._state, repo, run)
        self._announcer.announce("check_run", repo, by, action, check_run=body)

    def _announce_suite(self, repo: Repository, run: CheckRun, by: User, action: str) -> None:
        body = check_suite_json(self._state, repo, run)
        self._announcer.announce("check_suite", repo, by, action, check_suite=body)


def find_check_run(repo: Repository, number: int) -> CheckRun:
    """Return a check run that an App has created, or refuse with a 404."""
    for run in repo.check_runs:
        if run.id == number:
            return run
    raise ApiError(404, "Not Found")


def _must_be_app(by: Caller) -> None:
    if by.permissions is None:
        raise ApiError(403, "You must authenticate via a GitHub App.")


def _take(run: CheckRun, said: Report) -> None:
    """Take over what is said of a check run."""
    run.asked_at = None
    for name in ("name", "details_url", "external_id", "title", "summary", "text", "started_at"):
        if (value := getattr(said, name)) is not None:
            setattr(run, name, value)
    run.annotations += said.annotations
    run.status = "completed" if said.conclusion else said.status or run.status
    if run.done:
        run.conclusion = said.conclusion or run.conclusion
        run.completed_at = said.completed_at or run.completed_at or now()
    else:
        run.conclusion = run.completed_at = None
