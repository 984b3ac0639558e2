"""A service that is merged, and the pull request that changes it, one step an effect."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clients.github import NewCommit
from bot.errors import UserError
from bot.foreign import Plain, one_line
from bot.generate.files import changed_files, read_service, with_update
from bot.render import markdown
from bot.runs.candidate import Draft
from bot.runs.materials import materials
from bot.runs.merged import issue_numbers
from bot.runs.pull_text import Shown, parts
from bot.runs.steps.bound import BoundSteps
from bot.runs.steps.pulls import read_fixtures, subject
from bot.runs.steps.refusal import refuse_files
from bot.values.github import Pull
from bot.values.naming import DESCRIPTION, service_folder, update_branch
from bot.values.revision import InterfaceChange, Point, PointAnswer
from bot.values.service import Brief, Dispute, Service, Strategy
from bot.values.value import Value

_LONGEST_TITLE = 200
"""Characters; GitHub takes 256."""


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

    def title(self, name: str) -> Plain:
        """Return the title of the pull request: what breaks callers, where something does."""
        return one_line(_breaking_title(name, self.interface) or f"Update {name}: {subject(self.summary)}")


def title_after(title: str, name: str, interface: Sequence[InterfaceChange], summary: str) -> Plain:
    """Return the title of an update's pull request once it was changed as people ask.

    Args:
        title: as it is; one that people have written stays.
        name: of the service.
        interface: what becomes of fields, compared with what is live.
        summary: what was done last, in sentences.
    """
    own = one_line(f"Update {name}")
    if not title.startswith((f"{own}: ", f"{own}, breaks callers: ")):
        return Plain(title)
    if breaking := _breaking_title(name, interface):
        return one_line(breaking)
    return one_line(f"Update {name}: {subject(summary)}") if title.startswith(f"{own}, breaks") else Plain(title)


def _breaking_title(name: str, interface: Sequence[InterfaceChange]) -> str:
    """Return the title that says what breaks callers; "" where nothing does."""
    breaking = [str(change.text) for change in interface if change.breaks]
    if not breaking:
        return ""
    title = f"Update {name}, breaks callers: {'; '.join(breaking)}"
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"


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

        return branch, self._flow.step("push update", push, returns=str)

    def open_pull(self, changes: Changes, told: Shown) -> Pull:
        """Open the pull request of a branch."""
        spec, issue = told.spec, self._request.issue
        title = changes.title(spec.title)

        def open_pull() -> Pull:
            shown = parts(told, materials(self._world.packages, told.service.requirements))
            body = markdown("update.md.j2", spec.language, issue=issue, spec=spec, parts=shown, **dict(changes))
            return self._repository.ensure_pull(told.branch, title, body)

        return self._flow.step("open pull request", open_pull, returns=Pull)

    def retitle(self, pull: Pull, name: str, interface: Sequence[InterfaceChange], summary: str) -> None:
        """Bring the title of an update's pull request up to what it changes of the interface by now."""

        def retitle() -> None:
            title = self._repository.pull(pull.number).title
            if (now := title_after(title, name, interface, summary)) != title:
                self._repository.retitle_pull(pull.number, now)

        self._flow.step("retitle", retitle, returns=None)
