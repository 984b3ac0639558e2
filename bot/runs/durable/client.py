"""The runs as every process sees them, through the engine's database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dbos import DBOSClient, WorkflowStatus
from pydantic import TypeAdapter

from bot.render import said
from bot.runs import Started
from bot.runs.durable.database import open_engine, prepare
from bot.runs.durable.lines import open_line
from bot.runs.durable.names import DurableNames
from bot.runs.durable.postgres import is_postgres
from bot.runs.durable.readiness import causes
from bot.runs.durable.reports import DurableReports
from bot.runs.durable.serializer import APPLICATION, JsonSerializer
from bot.runs.durable.server_slot import Lease
from bot.runs.durable.slugs import Slugs
from bot.runs.durable.storing import Storing
from bot.runs.durable.turns import STORING_SECONDS, Turns
from bot.runs.durable.versions import take_up
from bot.sentence import sentence
from bot.values.aside import SetAside, Why
from bot.values.command import CommandRequest, Request, RerunRequest, ReviewRequest, WelcomeRequest
from bot.values.hint import Hint
from bot.values.names import Known
from bot.values.naming import aside_id, revision_id, revision_prefix, run_id, run_prefix
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from bot.values.value import Value

VERSION = "23"
QUEUE = "gptdeploy"
RUN, COMMAND, REVISION, ASIDE = "run", "command", "revision", "aside"
PROGRESS, TAKEN = "progress", "taken"
_FAILED = sentence("the bot itself failed")
_ACTIVE = ["ENQUEUED", "PENDING", "DELAYED"]
_WRITERS = 16
"""How many threads write to a server at the same time."""


class DurableRuns:
    """The runs as everybody else sees them: start, wake, stop, read. Safe in any process; runs nothing itself.

    Implements `bot.runs.store.Runs`.

    Args:
        patient: wait as long as the database is locked or its disk is full; otherwise everything raises a
            `TransientError` then, within seconds.
        version: of the workflows, whose steps it says.
    """

    def __init__(self, database_url: str, *, patient: bool = True, version: str = VERSION) -> None:
        prepare(database_url)
        self.version = version
        self._database_url = database_url
        self._line = open_line(database_url)
        self._engine = open_engine(database_url, patient=patient)
        self._names = DurableNames(self._engine)
        self.slugs = Slugs(self._engine)
        self._welcomed: set[str] = set()
        self._client = DBOSClient(
            system_database_engine=self._engine, serializer=JsonSerializer(), application_name=APPLICATION
        )
        # What is stored together takes turns on a server, too: meanwhile more comes together.
        turns = Turns(None, _WRITERS if is_postgres(database_url) else 1) if patient else Turns(STORING_SECONDS)
        self._storing = Storing(self._client, self._engine, turns, self._ring, together=not patient)
        self.reports = DurableReports(self._engine, self._progress)

    def disconnect(self) -> None:
        """See `bot.runs.store.Runs`."""
        self._engine.dispose()

    def key(self, repository: int, name: str, before: str = "") -> str:
        """Return what a repository is known by: the first name that the bot has heard of it, whatever it is now."""
        return self._names.key(Known(repository, name), before)

    def name(self, key: str) -> str:
        """Return "owner/name" of a repository as GitHub has called it last."""
        known = self._names.known(key)
        return known.name if known else key

    def start(self, request: RunRequest) -> Started:
        """Start a run, or return the one that is at work on the same issue. Durable once it returns."""
        wanted = run_id(request.repo, request.issue, request.delivery)
        at_work = self._storing.enqueue(
            {
                "queue_name": QUEUE,
                "workflow_name": RUN,
                "workflow_id": wanted,
                "app_version": self.version,
                # One run an issue; a second request meanwhile gets the first one's id.
                "deduplication_id": f"{request.repo}#{request.issue}",
                "duplication_policy": "return-existing",
            },
            request.model_dump(mode="json"),
        )
        return Started(run_id=at_work, new=at_work == wanted)

    def command(self, request: CommandRequest) -> None:
        """Have the worker carry out a comment. Durable once it returns; the same comment is carried out once."""
        self._enqueue(COMMAND, f"{request.repo}/comment-{request.comment_id}", request)

    def review(self, request: ReviewRequest) -> None:
        """Have the worker see what a review asks for. Durable once it returns; the same review is looked at once."""
        self._enqueue(COMMAND, f"{request.repo}/review-{request.review}", request)

    def rerun(self, request: RerunRequest) -> None:
        """Have the worker see to a build that shall run again. Durable once it returns; a delivery counts once."""
        self._enqueue(COMMAND, f"{request.repo}/rerun-{request.delivery}", request)

    def welcome(self, request: WelcomeRequest) -> None:
        """Have the worker make what the bot needs in a repository. Durable once it returns; the same is done once."""
        stored = f"{request.repo}/welcome" + (f"-{request.delivery}" if request.delivery else "")
        # Every event may be the first of its repository: most of them cost nothing here.
        if stored not in self._welcomed:
            self._enqueue(COMMAND, stored, request)
            self._welcomed.add(stored)

    def revise(self, request: RunRequest, after: str = "") -> Started:
        """Have a pull request changed by the run at work, or by one of its own. Durable once it returns."""
        wanted = run_id(request.repo, request.issue, request.delivery)
        at_work = self.active(request.repo, request.issue) or wanted
        stored = revision_id(request.repo, request.issue, request.delivery)
        self._enqueue(REVISION, stored, request, after or at_work)
        self._line.ring(at_work)
        return Started(run_id=at_work, new=at_work == wanted)

    def approve(self, request: RunRequest) -> bool:
        """Have the run at work go on with its plan; return whether there is one. Durable once it returns."""
        at_work = self.active(request.repo, request.issue)
        if at_work is not None:
            self.revise(request, after=at_work)
        return at_work is not None

    def revisions(self, repo: str, issue: int) -> list[RunRequest]:
        """Return what is asked for on the pull requests and the plan of an issue and not done yet, oldest first."""
        found = self._client.list_workflows(
            name=REVISION,
            workflow_id_prefix=revision_prefix(repo, issue),
            status=_ACTIVE,
            load_output=False,
        )
        return [RunRequest.model_validate(workflow.input["args"][0]) for workflow in found if workflow.input]

    def taken(self, run: str) -> list[str]:
        """Return the ids of what a run has taken up that was asked for while it was at work."""
        return self._client.get_event(run, TAKEN, timeout_seconds=0) or []

    def active(self, repo: str, issue: int) -> str | None:
        """Return the run at work on an issue, or None."""
        found = self._client.list_workflows(
            workflow_id_prefix=run_prefix(repo, issue), status=_ACTIVE, load_input=False, load_output=False, limit=1
        )
        return found[0].workflow_id if found else None

    def signal(self, repo: str, issue: int | None, hint: Hint | None = None) -> None:
        """Wake the run at work on an issue, or on any issue of a repository; it then asks GitHub what happened."""
        found = self._client.list_workflows(
            workflow_id_prefix=run_prefix(repo, issue), status=_ACTIVE, load_input=False, load_output=False
        )
        for workflow in found:
            self._line.ring(workflow.workflow_id, hint.model_dump_json() if hint else "")

    def signal_all(self, place: str) -> int:
        """Wake all that is at work in a repository ("owner/name") or in all of an owner's ("owner"); count the runs."""
        keys = [place] if "/" in place else self._names.keys_of(place)
        prefixes = [f"{place}/", *(prefix for key in keys for prefix in (run_prefix(key, None), f"{key}/"))]
        found = self._client.list_workflows(
            workflow_id_prefix=prefixes, status=_ACTIVE, load_input=False, load_output=False
        )
        for workflow in found:
            self._line.ring(workflow.workflow_id)
        return sum(workflow.name == RUN for workflow in found)

    def stop(self, run: str) -> None:
        """Cancel a run. A run that waits is woken, because cancelling does not interrupt a wait."""
        self._client.cancel_workflow(run)
        self._line.ring(run)

    def progress(self, run: str) -> Progress | None:
        """Return how far a run is, or None where it has not said anything yet."""
        found = self._client.list_workflows(workflow_ids=[run], load_input=False, load_output=False)
        return self._progress(run, found[0].status) if found else None

    def latest(self, repo: str, issue: int) -> Progress | None:
        """Return how far the newest run of an issue is, or None."""
        found = self.history(repo, issue, limit=1)
        return found[0] if found else None

    def history(self, repo: str, issue: int | None, limit: int = 20) -> list[Progress]:
        """Return how the runs of an issue, or of all issues of a repository, went, the newest first."""
        return list(self._told(self._found(limit, workflow_id_prefix=run_prefix(repo, issue))))

    def finished(self, run: str) -> bool:
        """Return whether a run has ended, in whatever way."""
        found = self._client.list_workflows(workflow_ids=[run], load_input=False, load_output=False)
        return bool(found) and found[0].status not in _ACTIVE

    def stopped(self, run: str) -> bool:
        """Return whether a person has stopped a run."""
        ids = [run, aside_id(run)]
        found = self._client.list_workflows(workflow_ids=ids, load_input=False, load_output=False)
        return [workflow.status for workflow in found] == ["CANCELLED"]

    def set_aside(self, stored: str, why: Why) -> None:
        """End what is stored under an id, if it has not ended, and have people told why. Durable once it returns."""
        found = self._client.list_workflows(workflow_ids=[stored], status=_ACTIVE, load_output=False)
        if not found or not found[0].input:
            return
        asked: TypeAdapter[RunRequest | Request] = TypeAdapter(RunRequest | Request)
        if found[0].name != ASIDE:
            aside = SetAside(id=stored, why=why, asked=asked.validate_python(found[0].input["args"][0]))
            self._enqueue(ASIDE, aside_id(stored), aside)
        self.stop(stored)

    def take_up(self, lease: Lease) -> list[str]:
        """Have this version go on with what another one has stored and has no workers for; return the runs under way.
        A run that has recorded other steps ends with `Strayed` before it does anything."""
        return take_up(self._engine, self.version, lease)

    def causes(self) -> dict[str, str]:
        """Return in words what keeps the bot from its work, by the part that is to blame; {} where nothing does."""
        return causes(self._database_url)

    def close(self) -> None:
        """Close the connections to the database."""
        self._line.close()
        self._client.destroy()
        self._engine.dispose()

    def _enqueue(self, workflow: str, name: str, request: Value, *more: str) -> None:
        self._storing.enqueue(
            {"queue_name": QUEUE, "workflow_name": workflow, "workflow_id": name, "app_version": self.version},
            request.model_dump(mode="json"),
            *more,
        )

    def _ring(self) -> None:
        """Have a worker look at what is stored."""
        self._line.ring(QUEUE)

    def _found(self, limit: int, **criteria: Any) -> list[WorkflowStatus]:
        return self._client.list_workflows(
            name=RUN, sort_desc=True, limit=limit, load_input=False, load_output=False, **criteria
        )

    def _told(self, found: Iterable[WorkflowStatus]) -> Iterator[Progress]:
        """Yield how far runs are, of those that have said anything yet."""
        for workflow in found:
            if (progress := self._progress(workflow.workflow_id, workflow.status)) is not None:
                yield progress

    def _progress(self, run: str, status: str) -> Progress | None:
        data = self._client.get_event(run, PROGRESS, timeout_seconds=0)
        if status == "CANCELLED" and (aside := self._client.get_event(aside_id(run), PROGRESS, timeout_seconds=0)):
            return Progress.model_validate(aside)
        if data is None:
            return None
        progress = Progress.model_validate(data)
        if status == "CANCELLED":
            return progress.model_copy(update={"stage": Stage.STOPPED, "note": "stopped"})
        if status not in (*_ACTIVE, "SUCCESS"):
            return progress.model_copy(update={"stage": Stage.FAILED, "note": said(_FAILED, progress.language)})
        return progress
