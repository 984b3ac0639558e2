"""Branches and pull requests, one step an effect."""

from __future__ import annotations

import base64
from collections.abc import Callable

from bot.clients.github import HeadMoved, NewCommit, Repository
from bot.errors import UserError
from bot.foreign import Markdown, Plain, one_line
from bot.generate.files import Blueprint, changed_files, only_texts_change, read_service, service_files, texts
from bot.render import comment, markdown
from bot.runs.acts import Moved
from bot.runs.candidate import Candidate, Change
from bot.runs.materials import materials
from bot.runs.merged import issue_numbers, merged_slug
from bot.runs.pull_text import Shown, brought_up, parts, shown, ticked
from bot.runs.steps.branches import BranchSteps
from bot.runs.steps.refusal import refuse_files
from bot.runs.watch import Watch
from bot.values.github import Pull
from bot.values.naming import FIXTURES, branch_name, issue_branches, run_name, service_folder
from bot.values.overview import Base
from bot.values.packages import Material
from bot.values.progress import Progress
from bot.values.seats import Work
from bot.values.service import Brief, Fix, Fixture, Service, Spec, Strategy

_MOVED, _ENDED = "moved", "ended"
"""What a push comes to where somebody else has pushed, or where people have ended the work."""


class PullSteps(BranchSteps):
    """What a run does to branches and pull requests."""

    def start_branch(
        self, number: int, brief: Brief, strategy: Strategy, service: Service, base: Base | None
    ) -> tuple[str, str]:
        """Push a strategy's first commit to a branch of its own; return the branch and the commit's sha.

        Args:
            base: what the branch begins at; None for the head of the default branch as it is now.
        """
        branch = branch_name(self._flow.run_id, number, strategy.name)
        slug = brief.spec.slug

        def push() -> str:
            image = self._world.packages.base_image()
            files = service_files(Blueprint(brief.spec, strategy, self._request.issue, image, brief.fixtures), service)
            refuse_files(files, slug)
            commit = NewCommit(Plain("Add %s: %s") % (slug, strategy.name), files, f"{branch}/0")
            return self._repository.start_branch(branch, commit, base)

        self._flow.enter(Work.BUILD, str(number - 1))
        return branch, self._flow.step("push branch", push, returns=str)

    def open_pull(self, strategy: Strategy, told: Shown) -> Pull:
        """Open the pull request of a branch."""
        spec = told.spec
        title = one_line(f"{spec.title}: {strategy.name}")

        def open_pull() -> Pull:
            values = {"issue": self._request.issue, "spec": spec, "strategy": strategy}
            shown = parts(told, self._materials(told))
            body = markdown("pull.md.j2", spec.language, parts=shown, **values)
            return self._repository.ensure_pull(told.branch, title, body)

        return self._flow.step("open pull request", open_pull, returns=Pull)

    def read(self, number: int) -> Pull:
        """Read a pull request."""
        return self._flow.step("read pull request", lambda: self._repository.pull(number), returns=Pull)

    def reopen(self, number: int) -> None:
        """Open a closed pull request again."""
        self._flow.step("reopen pull request", lambda: self._repository.reopen_pull(number), returns=None)

    def read_branch(self, pull: Pull, *, with_fixtures: bool = False) -> tuple[Brief, Strategy, Service]:
        """Read the service that is on a pull request's branch, whoever wrote it.

        Args:
            with_fixtures: read the files that its tests read, too: a request each.
        """

        def read() -> tuple[Brief, Strategy, Service]:
            known = set(self._repository.services(self._repository.default_branch()))
            there = set(self._repository.services(pull.head_sha))
            for slug in sorted(there - known) or sorted(there):
                files = self._repository.folder(service_folder(slug), pull.head_sha)
                if self._request.issue in issue_numbers(files):
                    spec, strategy, service = read_service(files)
                    fixtures = read_fixtures(self._repository, spec, pull.head_sha) if with_fixtures else ()
                    return Brief(spec=spec, fixtures=fixtures), strategy, service
            raise UserError(
                "Pull request #%(number)s holds no service of issue #%(issue)s.",
                number=pull.number,
                issue=self._request.issue,
            )

        return self._flow.step("read branch", read, returns=tuple[Brief, Strategy, Service])

    def push_fix(self, candidate: Candidate, number: int, fix: Fix, watch: Watch) -> str | None:
        """Push fix `number` on top of a candidate's head; return the new head, or None where the fix changes nothing.

        Raises:
            Moved, Merged, Ended: what people have done meanwhile.
        """
        branch, slug = candidate.pull.head_ref, candidate.brief.spec.slug
        folder = service_folder(slug)

        def make() -> NewCommit | None:
            spec = candidate.brief.spec.reading(fix.reread) if fix.reread else None
            # What the run has pushed itself it knows.
            known = candidate.pushed and only_texts_change(candidate.service, fix.service, spec)
            files = texts(candidate.service) if known else self._repository.folder(folder, candidate.head)
            changed = changed_files(folder, candidate.service, fix.service, files, spec)
            if not changed:
                return None
            refuse_files(changed, slug, [f"{folder}/{name}" for name in files])
            message = Plain("Fix %s: %s\n\n%s") % (number, subject(fix.diagnosis), fix.diagnosis)
            return NewCommit(message, changed, f"{run_name(self._flow.run_id)}/{branch}/{number}")

        return self._push("push fix", candidate, watch, make)

    def read_files(self, candidate: Candidate) -> dict[str, str]:
        """Return the text files of a candidate's service at its head, by name within the folder."""
        folder = service_folder(candidate.brief.spec.slug)
        return self._flow.step(
            "read files", lambda: self._repository.folder(folder, candidate.head), returns=dict[str, str]
        )

    def push_revision(self, candidate: Candidate, change: Change, watch: Watch) -> str | None:
        """Push what people asked for as one commit on top of a candidate's head; return the new head, or None where
        the files stay as they are.

        Args:
            candidate: as it is on the branch.

        Raises:
            Moved, Merged, Ended: what people have done meanwhile.
        """
        branch, slug = candidate.pull.head_ref, candidate.brief.spec.slug
        folder, revised = service_folder(slug), change.candidate

        def make() -> NewCommit | None:
            if revised.service == candidate.service and not change.suggested:
                return None
            files = self._repository.folder(folder, candidate.head)
            with_suggested = {**files, **change.suggested}
            changed = {
                **{f"{folder}/{name}": text for name, text in change.suggested.items()},
                **changed_files(folder, candidate.service, revised.service, with_suggested, revised.brief.spec),
            }
            refuse_files(changed, slug, [f"{folder}/{name}" for name in files])
            message = Plain("Revise: %s\n\n%s") % (subject(change.summary), change.summary)
            return NewCommit(message, changed, f"{run_name(self._flow.run_id)}/{branch}/{change.name}")

        return self._push("push revision", candidate, watch, make)

    def tell_disputes(self, candidate: Candidate, number: int, fix: Fix) -> None:
        """Say on the pull request which tests have changed with fix `number`, and why."""
        if not fix.disputes:
            return
        marker = f"disputes:{self._flow.run_id}/{number}"
        language, pull = candidate.brief.spec.language, candidate.pull.number
        body = comment("disputes.md.j2", marker, disputes=fix.disputes, reread=fix.reread, language=language)
        self._flow.step("tell disputes", lambda: self._repository.comment_once(pull, marker, body), returns=str)

    def tick(self, candidate: Candidate, progress: Progress) -> None:
        """Tick the requirements in a pull request's description, because the build of its head is green, and bring the
        rest of it up to date.

        What nothing checks stays open, and what people have written into the description stays there.
        """

        number, as_green = candidate.pull.number, self.as_green(candidate, progress)

        def tick() -> None:
            body = self._repository.pull(number).body
            if (green := as_green(body)) != body:
                self._repository.describe_pull(number, green)

        self._flow.step("tick requirements", tick, returns=None)

    def as_green(self, candidate: Candidate, progress: Progress) -> Callable[[str], Markdown]:
        """Return what makes of a description the one that `tick` puts in its place; called within a step."""
        told, language = shown(candidate, progress), candidate.brief.spec.language
        return lambda body: brought_up(ticked(body, sha=candidate.head, language=language), told, self._materials(told))

    def describe(self, candidate: Candidate, progress: Progress) -> None:
        """Bring a pull request's description up to date."""
        number, told = candidate.pull.number, shown(candidate, progress)

        def describe() -> None:
            body = self._repository.pull(number).body
            if (new := brought_up(body, told, self._materials(told))) != body:
                self._repository.describe_pull(number, new)

        self._flow.step("describe pull request", describe, returns=None)

    def close(self, candidate: Candidate, progress: Progress) -> None:
        """Close a pull request and bring its description up to date; its branch stays, so that `/retry` can go on."""
        number, told = candidate.pull.number, shown(candidate, progress)

        def close() -> None:
            body = brought_up(self._repository.pull(number).body, told, self._materials(told))
            self._repository.close_pull(number, body)

        self._flow.step("close pull request", close, returns=None)

    def _materials(self, told: Shown) -> list[Material]:
        return materials(self._world.packages, told.service.requirements)

    def wake(self, candidate: Candidate, watch: Watch) -> None:
        """Close a pull request and open it again, for which GitHub runs its workflows as for a push.

        Raises:
            Merged, Ended: people have ended the work on it.
        """
        number, tried = candidate.pull.number, self._flow.replayed

        def close() -> bool:
            goes_on = watch.goes_on(self._repository.standing(self._request.issue, number), candidate)
            if goes_on:
                self._repository.close_pull(number)
            # Where this was tried before a crash, it is closed because of that.
            return goes_on or tried

        if not self._flow.step("close to wake", close, returns=bool):
            watch.look(candidate)
        self.reopen(number)

    def close_other(self, number: int) -> None:
        """Close a pull request that is another strategy's than the one at work; its branch stays."""
        self._flow.step("close pull request", lambda: self._repository.close_pull(number), returns=None)

    def open_pulls(self) -> list[Pull]:
        """Return the open pull requests of the issue's branches."""

        def read() -> list[Pull]:
            branches = self._repository.branches(issue_branches(self._request.issue))
            pulls = [self._repository.find_pull(branch) for branch in branches]
            return [pull for pull in pulls if pull is not None and pull.state == "open"]

        return self._flow.step("find pull requests", read, returns=list[Pull])

    def merged_slug(self) -> str | None:
        """Return the slug of the service that was merged for the issue, or None."""

        return self._flow.step(
            "find merged service", lambda: merged_slug(self._repository, self._request.issue), returns=str | None
        )

    def _push(self, name: str, candidate: Candidate, watch: Watch, make: Callable[[], NewCommit | None]) -> str | None:
        """Put a commit on top of a candidate's head, unless people have ended the work on it; return the new head."""
        number = candidate.pull.number

        def push() -> str | None:
            # Nobody looks later than here. GitHub compares the head itself.
            if not watch.goes_on(self._repository.standing(self._request.issue, number), candidate):
                return _ENDED
            if (commit := make()) is None:
                return None
            try:
                return self._repository.commit(candidate.pull.head_ref, candidate.head, commit)
            except HeadMoved:
                return _MOVED

        self._flow.enter(Work.BUILD, str(candidate.index))
        pushed: str | None = None
        try:
            while (pushed := self._flow.step(name, push, returns=str | None)) == _ENDED:
                # This raises; or they have changed their minds.
                watch.look(candidate)
        finally:
            if pushed in (None, _MOVED, _ENDED):
                self._flow.leave(Work.BUILD, str(candidate.index))
        if pushed == _MOVED:
            raise Moved(self.read(number).head_sha)
        return pushed


def read_fixtures(repository: Repository, spec: Spec, ref: str) -> tuple[Fixture, ...]:
    """Return the files that a service's tests read, as they are at `ref`: a request each."""
    if not spec.fixtures:
        return ()
    content = repository.binary_folder(f"{service_folder(spec.slug)}/{FIXTURES}", ref)
    return tuple(
        Fixture(**dict(note), data=base64.b64encode(content[note.name]).decode())
        for note in spec.fixtures
        if note.name in content
    )


def subject(diagnosis: str) -> str:
    """Return the first sentence of what was done, as a commit's subject."""
    first = diagnosis.strip().split("\n", 1)[0].split(". ", 1)[0].rstrip(".")
    return first if len(first) <= 60 else first[:59].rstrip() + "…"
