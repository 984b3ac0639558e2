"""A service that is merged, and the pull request that changes it, one step an effect."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clients.github import NewCommit
from bot.errors import UserError
from bot.foreign import Plain, one_line
from bot.generate.files import changed_files, read_service, with_update
from bot.render import markdown, said
from bot.runs.candidate import Draft
from bot.runs.materials import materials
from bot.runs.merged import issue_numbers
from bot.runs.pull_text import Shown, parts
from bot.runs.steps.bound import BoundSteps
from bot.runs.steps.pulls import read_fixtures, subject
from bot.runs.steps.refusal import refuse_files
from bot.sentence import joined, sentence, verbatim
from bot.values.github import Pull
from bot.values.naming import DESCRIPTION, service_folder, update_branch
from bot.values.revision import InterfaceChange, Point, PointAnswer
from bot.values.seats import Work
from bot.values.service import Brief, Dispute, Service, Spec, Strategy
from bot.values.value import Value

_LONGEST_TITLE = 200
"""Characters; GitHub takes 256."""
_UPDATE = sentence("Update %(name)s: %(what)s")
_BREAKING = sentence("Update %(name)s, breaks callers: %(what)s")
"""The beginning of each tells whether a title is the bot's: what differs comes last, in all languages."""


class Changes(Value):
    """What a pull request changes of a live service.

    Attributes:
        points: what was asked for; answers: one for each.
        interface: what became of fields.
        gone, new: names of scenarios; disputes: the tests that have changed because they contradicted a point.
        stays: why other tests have not; "" where nobody said so.
    """

    points: tuple[Point, ...]
    answers: tuple[PointAnswer, ...]
    interface: tuple[InterfaceChange, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    stays: str = ""

    @property
    def summary(self) -> str:
        """What was done, in sentences."""
        return " ".join(answer.text for answer in self.answers if answer.done)

    def title(self, spec: Spec) -> Plain:
        """Return the title of the pull request: what breaks callers, where something does."""
        return _title(spec, self.interface, self.summary)


def title_after(title: str, spec: Spec, interface: Sequence[InterfaceChange], summary: str) -> Plain:
    """Return the title of an update's pull request once it was changed as people ask.

    Args:
        title: as it is; one that people have written stays.
        spec: of the service.
        interface: what becomes of fields, compared with what is live.
        summary: what was done last, in sentences.
    """
    quiet, breaking = (
        str(one_line(said(what.having(name=spec.title, what=""), spec.language))) for what in (_UPDATE, _BREAKING)
    )
    breaks = any(change.breaks for change in interface)
    if title.startswith(breaking) or (breaks and title.startswith(quiet)):
        return _title(spec, interface, summary)
    return Plain(title)


def _title(spec: Spec, interface: Sequence[InterfaceChange], summary: str) -> Plain:
    changes = [change.text for change in interface if change.breaks]
    what, then = (_BREAKING, joined(changes, "; ")) if changes else (_UPDATE, verbatim(subject(summary)))
    title = said(what.having(name=spec.title, what=then), spec.language)
    return one_line(title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…")


class UpdateSteps(BoundSteps):
    """What a run does to change a service that is merged."""

    def read(self, slug: str, *, with_fixtures: bool = False) -> Draft:
        """Read a service as it is on the default branch, whoever wrote it.

        Args:
            with_fixtures: read the files that its tests read, too: a request each.
        """

        def read() -> tuple[Brief, Strategy, Service]:
            ref = self._repository.default_branch()
            spec, strategy, service = read_service(self._repository.folder(service_folder(slug), ref))
            fixtures = read_fixtures(self._repository, spec, ref) if with_fixtures else ()
            return Brief(spec=spec, fixtures=fixtures), strategy, service

        return Draft(*self._flow.step("read service", read, returns=tuple[Brief, Strategy, Service]))

    def push(self, before: Draft, after: Draft, summary: str) -> tuple[str, str]:
        """Push what a service becomes as one commit to a branch of its own; return the branch and the commit's sha.

        Raises:
            UserError: the service on the default branch is not `before` any more.
        """
        slug = before.brief.spec.slug
        branch, folder = update_branch(self._flow.run_id, slug), service_folder(slug)

        def push() -> str:
            files = self._repository.folder(folder, self._repository.default_branch())
            if read_service(files) != (before.brief.spec, before.strategy, before.service):
                raise UserError(
                    "`%(folder)s` has changed meanwhile, so I pushed nothing. `/retry` begins anew.", folder=folder
                )
            changed = changed_files(folder, before.service, after.service, files, after.brief.spec)
            if self._request.issue not in issue_numbers(files):
                name = f"{folder}/{DESCRIPTION}"
                changed[name] = with_update(str(changed.get(name, files[DESCRIPTION])), self._request.issue)
            refuse_files(changed, slug, [f"{folder}/{name}" for name in files])
            commit = NewCommit(Plain("Update %s: %s\n\n%s") % (slug, subject(summary), summary), changed, f"{branch}/0")
            return self._repository.start_branch(branch, commit)

        # An update is its run's only candidate.
        self._flow.enter(Work.BUILD, "0")
        return branch, self._flow.step("push update", push, returns=str)

    def open_pull(self, changes: Changes, told: Shown) -> Pull:
        """Open the pull request of a branch."""
        spec, issue = told.spec, self._request.issue
        title = changes.title(spec)

        def open_pull() -> Pull:
            shown = parts(told, materials(self._world.packages, told.service.requirements))
            body = markdown("update.md.j2", spec.language, issue=issue, spec=spec, parts=shown, **dict(changes))
            return self._repository.ensure_pull(told.branch, title, body)

        return self._flow.step("open pull request", open_pull, returns=Pull)

    def retitle(self, pull: Pull, spec: Spec, interface: Sequence[InterfaceChange], summary: str) -> None:
        """Bring the title of an update's pull request up to what it changes of the interface by now."""

        def retitle() -> None:
            title = self._repository.pull(pull.number).title
            if (now := title_after(title, spec, interface, summary)) != title:
                self._repository.retitle_pull(pull.number, now)

        self._flow.step("retitle", retitle, returns=None)
