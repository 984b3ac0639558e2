"""The previews of a repository's pull requests: brought up when somebody asks, taken down when the pull request ends.

A pull request that has a preview carries a label, so that the deploy workflow runs at its end, and at no other's. What
that run misses, the next one finds: each looks at all previews, and asks GitHub which pull requests are closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bot.deploy.languages import language_of
from bot.deploy.operations import Outcome
from bot.deploy.order import newer_than
from bot.deploy.swarm import ServiceStatus
from bot.deploy.wanted import Preview
from bot.errors import UserError
from bot.foreign import Markdown
from bot.render import comment
from bot.values.github import Pull
from bot.values.naming import PREVIEW_LABEL

MOST_PREVIEWS = 5
"""Of one repository at a time."""


class Repository(Protocol):
    """What is asked and told; `bot.clients.github.Repository` is one."""

    def descends(self, commit: str, ancestor: str, /) -> bool: ...

    def pull(self, n: int, /) -> Pull: ...

    def add_label(self, number: int, label: str) -> None: ...

    def remove_label(self, number: int, label: str) -> None: ...

    def comment_text(self, number: int, marker: str) -> str | None: ...

    def comment_once(self, number: int, marker: str, body: Markdown) -> str: ...


class Operations(Protocol):
    """What is done on the platform; `bot.deploy.operations.Operations` does it."""

    def previews(self) -> Sequence[ServiceStatus]: ...

    def preview(self, wanted: Preview) -> Outcome: ...

    def end_preview(self, slug: str, pull: int) -> Outcome: ...


class Previews:
    """The previews of a repository, on a platform and on GitHub."""

    def __init__(self, operations: Operations, github: Repository) -> None:
        self._operations = operations
        self._github = github

    def bring(self, wanted: Preview) -> Outcome:
        """Have a pull request's service run as a preview, in the place of an older one of the same pull request.

        Raises:
            UserError: it does not run, its pull request is not open, or the repository has as many as it may.
        """
        number = wanted.preview
        self.end_closed()
        if not self._is_open(number):
            raise UserError("#%(number)s is closed. `/retry` there opens it again.", number=number)
        others = sorted({there.preview for there in self._operations.previews() if there.preview} - {number})
        if len(others) >= MOST_PREVIEWS:
            pulls = ", ".join(f"#{other}" for other in others)
            raise UserError(
                "%(count)s previews of this repository run already, of %(pulls)s, and no more can. Close or merge one "
                "of them first.",
                count=len(others),
                pulls=pulls,
            )
        # A later push may have its preview already.
        newer = newer_than(wanted.commit, self._github, lambda: self._github.pull(number).head_sha)
        outcome = self._operations.preview(replace(wanted, newer=newer))
        self._github.add_label(number, PREVIEW_LABEL)
        # Its end is heard from now on; it may have come before.
        if not self._is_open(number):
            self.end_closed()
            raise UserError("#%(number)s was closed meanwhile, so its preview is taken down again.", number=number)
        return outcome

    def end_closed(self) -> list[str]:
        """Take down the previews of pull requests that are closed, tell the pull requests, and return the names."""
        return [there.slug for there in self._operations.previews() if self._end_if_closed(there)]

    def _end_if_closed(self, there: ServiceStatus) -> bool:
        if there.preview is None or self._is_open(there.preview):
            return False
        try:
            outcome = self._operations.end_preview(there.slug, there.preview)
        except UserError:
            if there.slug in {other.slug for other in self._operations.previews()}:
                raise
            # Another run, for another pull request, was faster.
            return False
        # One that is opened again can have another preview, which ends, too.
        marker = f"preview-ended:{there.slug}:{there.version.since}"
        text = outcome.text(language_of(self._github, there.preview))
        body = comment("operations/done.md.j2", marker, text=text)
        self._github.comment_once(there.preview, marker, body)
        self._github.remove_label(there.preview, PREVIEW_LABEL)
        return True

    def _is_open(self, number: int) -> bool:
        return self._github.pull(number).state == "open"
