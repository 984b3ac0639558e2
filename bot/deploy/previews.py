"""The previews of a repository's pull requests: brought up when somebody asks, taken down when the pull request ends.

A pull request that has a preview carries a label, so that the deploy workflow runs at its end, and at no other's; who
takes the label off ends the preview. What that run misses, the next one finds: each looks at all previews, and asks
GitHub which pull requests are open and carry the label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bot.deploy.operations import Outcome
from bot.deploy.order import newer_than
from bot.deploy.swarm import ServiceStatus
from bot.deploy.wanted import Preview
from bot.errors import UserError
from bot.foreign import Markdown
from bot.guard.text import WithPulls, language_on
from bot.render import comment
from bot.sentence import joined, phrase
from bot.values.naming import PREVIEW_LABEL

MOST_PREVIEWS = 5
"""Of one repository at a time."""


class Repository(WithPulls, Protocol):
    """What is asked and told; `bot.clients.github.Repository` is one."""

    def descends(self, commit: str, ancestor: str, /) -> bool: ...

    def add_label(self, number: int, label: str) -> None: ...

    def remove_label(self, number: int, label: str) -> None: ...

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
        if self._github.pull(number).state != "open":
            raise UserError("#%(number)s is closed. `/retry` there opens it again.", number=number)
        others = sorted({there.preview for there in self._operations.previews() if there.preview} - {number})
        if len(others) >= MOST_PREVIEWS:
            pulls = joined([phrase("#%(number)s", number=other) for other in others], ", ")
            raise UserError(
                "%(count)s previews of this repository run already, of %(pulls)s, and no more can. Close or merge one "
                "of them first.",
                count=len(others),
                pulls=pulls,
            )
        # A later push may have its preview already.
        newer = newer_than(wanted.commit, self._github, lambda: self._github.pull(number).head_sha)
        # First, because another run takes down what has none.
        self._github.add_label(number, PREVIEW_LABEL)
        try:
            outcome = self._operations.preview(replace(wanted, newer=newer))
        except UserError:
            if number not in {there.preview for there in self._operations.previews()}:
                self._github.remove_label(number, PREVIEW_LABEL)
            raise
        # The run that its end has started may have come too early to find it.
        if not self._is_wanted(number):
            self.end_closed()
            raise UserError(
                "#%(number)s was closed meanwhile, or lost its label, so its preview is taken down again.",
                number=number,
            )
        return outcome

    def end_closed(self) -> list[str]:
        """Take down the previews of pull requests that are closed or without the label, tell the pull requests, and
        return the names."""
        return [there.slug for there in self._operations.previews() if self._end_unless_wanted(there)]

    def _end_unless_wanted(self, there: ServiceStatus) -> bool:
        if there.preview is None or self._is_wanted(there.preview):
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
        text = outcome.text(language_on(self._github, there.preview))
        body = comment("operations/done.md.j2", marker, text=text)
        self._github.comment_once(there.preview, marker, body)
        self._github.remove_label(there.preview, PREVIEW_LABEL)
        return True

    def _is_wanted(self, number: int) -> bool:
        pull = self._github.pull(number)
        return pull.state == "open" and PREVIEW_LABEL in pull.labels
