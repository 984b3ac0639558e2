"""The issue: what people ask for and answer there, and what they are told, one step an effect."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import UserError
from bot.foreign import find_keys, printable
from bot.guard.text import fixture_name, split_commands
from bot.render import comment
from bot.runs.edits import edits_after, meddler, new_edits
from bot.runs.invitation import drop_plan
from bot.runs.status import status_comment
from bot.runs.steps.bound import BoundSteps
from bot.values.github import WRITERS, Issue, IssueComment, Standing
from bot.values.naming import status_marker
from bot.values.overview import Overview
from bot.values.progress import Progress, read_hidden
from bot.values.service import Fixture


class IssueSteps(BoundSteps):
    """What a run reads on its issue and writes there."""

    recalled = False
    """Whether it has read what the status comment tells of earlier runs: before, nothing may take the place of that."""

    def overview(self) -> Overview:
        """Read what has to be known before anything else: the issue, the repository's settings and its services."""
        return self._flow.step(
            "read overview", lambda: self._repository.overview(self._request.issue), returns=Overview
        )

    def read(self) -> Issue:
        """Read the issue as it is now."""
        return self._flow.step("read issue", lambda: self._repository.issue(self._request.issue), returns=Issue)

    def read_since(self, known: Issue) -> tuple[Issue, str]:
        """Read the issue as it is now, but with the text that is known where somebody has changed it who may not.

        Returns:
            And the login of that person; "" where there is nobody.
        """

        def read() -> tuple[Issue, str]:
            now = self._repository.overview(self._request.issue).issue
            by = meddler(now, new_edits(now, known), self._may_write) if now.fingerprint != known.fingerprint else ""
            return (now.model_copy(update={"title": known.title, "body": known.body}) if by else now), by

        return self._flow.step("read issue", read, returns=tuple[Issue, str])

    def changed_by(self, issue: Issue) -> str:
        """Return who has changed an issue's text, without write access, after the person had seen it who has asked for
        it; "" for nobody."""
        request = self._request
        if request.seen == issue.fingerprint:
            return ""
        edits = edits_after(issue, request.at) if request.at else issue.edits if request.seen else ()
        if not (request.seen or edits):
            # Where the text of then is not known, the time is.
            return ""
        return self._flow.step("see who edited", lambda: meddler(issue, edits, self._may_write), returns=str)

    def _may_write(self, login: str) -> bool:
        return self._repository.permission(login) in WRITERS

    def standing(self, pull: int | None) -> Standing:
        """Read what people have left of the issue and of the pull request at work."""
        return self._flow.step(
            "read standing", lambda: self._repository.standing(self._request.issue, pull), returns=Standing
        )

    def may_ask(self) -> bool:
        """Return whether the person who asked has write access."""
        return self._flow.step(
            "check permission", lambda: self._repository.permission(self._request.actor) in WRITERS, returns=bool
        )

    def acknowledge(self) -> None:
        """React to the issue."""
        self._flow.step("react", lambda: self._repository.react("eyes", issue=self._request.issue), returns=None)

    def replies(self, marker: str) -> list[IssueComment]:
        """Return what the issue's author or its maintainers have answered to the bot's comment with `marker`.

        The words of `/revise` are an answer, too; other commands are left out of it. What counts of an author without
        write access is what they wrote at once; a comment that is not that any more is returned as `edited`.
        """

        def read() -> list[IssueComment]:
            asked = self._repository.comment_id(self._request.issue, marker)
            if asked is None:
                return []
            author = self._repository.issue(self._request.issue).author
            found = [
                (comment.model_copy(update={"body": text}), self._may_write(comment.author))
                for comment in self._repository.comments_after(self._request.issue, asked)
                if (text := _answered(comment.body))
            ]
            if not any(comment.author == author for comment, writer in found if not writer):
                return [comment for comment, writer in found if writer]
            editors = self._repository.comment_editors(self._request.issue)
            return [
                comment if writer else comment.model_copy(update={"edited": not self._stands(comment.id, editors)})
                for comment, writer in found
                if writer or comment.author == author
            ]

        return self._flow.step("read replies", read, returns=list[IssueComment])

    def _stands(self, comment: int, editors: Mapping[int, str | None]) -> bool:
        """Return whether nobody without write access can have changed a comment since it was written."""
        editor = editors.get(comment, "ghost")
        return editor is None or self._may_write(editor)

    def label(self, label: str) -> None:
        """Set a label on the issue."""
        self._flow.step("label", lambda: self._repository.add_label(self._request.issue, label), returns=None)

    def mark(self) -> None:
        """Set the label that asks for a service on the issue; make it first where the repository has none."""
        label = self._world.label

        def mark() -> None:
            self._repository.make_label(label)
            self._repository.add_label(self._request.issue, label)

        self._flow.step("mark", mark, returns=None)

    def unlabel(self, label: str) -> None:
        """Remove a label from the issue."""
        self._flow.step("unlabel", lambda: self._repository.remove_label(self._request.issue, label), returns=None)

    def fetch(self, url: str, taken: Sequence[str], room: int) -> Fixture:
        """Fetch a file that tests read.

        Args:
            taken: names of those fetched before.
            room: bytes it may have.

        Raises:
            UserError: it cannot be had, or is too large.
        """

        def read() -> Fixture:
            fetched = self._world.fetch(url)
            if keys := [key.place for key in find_keys(fetched.content.decode(errors="replace"))]:
                raise UserError("it holds what looks like %(key)s", key=keys[0])
            if len(fetched.content) > room:
                raise UserError(
                    "it has %(bytes)s bytes, and there is room for %(room)s",
                    bytes=f"{len(fetched.content):,}",
                    room=f"{room:,}",
                )
            text = fetched.media_type.startswith("text/") or fetched.media_type.endswith(("json", "xml"))
            return Fixture(
                name=fixture_name(url, fetched.media_type, taken),
                url=url,
                media_type=fetched.media_type,
                beginning=printable(fetched.content[:2_000].decode(errors="replace"))[:400] if text else "",
                data=base64.b64encode(fetched.content).decode(),
            )

        return self._flow.step("fetch", read, returns=Fixture)

    def say(self, template: str, marker: str, *, language: str, on: int | None = None, **values: Any) -> None:
        """Comment once on the issue, or on pull request `on`."""
        number = self._request.issue if on is None else on
        body = comment(template, marker, language=language, **values)
        self._flow.step(f"comment {marker}", lambda: self._repository.comment_once(number, marker, body), returns=str)

    def post(self, template: str, marker: str, *, language: str, **values: Any) -> int:
        """Comment once on the issue, and return the comment's id: people's comments after it have higher ones."""
        body, issue = comment(template, marker, language=language, **values), self._request.issue

        def post() -> int:
            self._repository.comment_once(issue, marker, body)
            return self._repository.comment_id(issue, marker) or 0

        return self._flow.step(f"comment {marker}", post, returns=int)

    def tell(self, template: str, marker: str, *, language: str, patient: bool = True, **values: Any) -> None:
        """Comment once on the issue, and bring the comment up to date where it says something else by now.

        Args:
            patient: wait where GitHub cannot be used for that.
        """
        body, issue = comment(template, marker, language=language, **values), self._request.issue

        def tell() -> str:
            return self._repository.upsert_comment(issue, marker, body)

        self._flow.step(f"tell {marker}", tell, returns=str, patient=patient)

    def amend(self, template: str, marker: str, *, language: str, **values: Any) -> None:
        """Have a comment on the issue say something else by now, where nobody has deleted it."""
        body, issue = comment(template, marker, language=language, **values), self._request.issue

        def amend() -> None:
            if self._repository.comment_id(issue, marker) is not None:
                self._repository.upsert_comment(issue, marker, body)

        self._flow.step(f"amend {marker}", amend, returns=None)

    def drop_plan(self, progress: Progress) -> None:
        """Have a plan that nobody has approved invite nobody any more."""
        self._flow.step("drop plan", lambda: drop_plan(self._repository, progress), returns=None)

    def show_status(self, progress: Progress) -> None:
        """Create the status comment, or bring it up to date."""
        self._flow.overtake()
        marker, body = status_marker(progress.issue), status_comment(progress)
        self._flow.step("status", lambda: self._repository.upsert_comment(progress.issue, marker, body), returns=str)

    def show_status_aside(
        self, progress: Progress, *, anew: bool = False, over: bool = True, held: bool = False
    ) -> None:
        """Bring the status comment up to date when nothing else wants to be written; the run goes on at once.

        It is no step: what was not sent before a crash is sent after it, unless there is newer by then. Where GitHub
        refuses it, the run looks what has become of its issue.

        Args:
            anew: create it where there is none.
            over: one that is there says this instead of what it says.
            held: it says that GitHub takes no more; see `Comments.edit_aside`.
        """
        marker, body = status_marker(progress.issue), status_comment(progress)
        flow, edit, issue = self._flow, self._repository.edit_aside, progress.issue
        flow.aside(
            lambda: edit(issue, marker, body, wanted=flow.goes_on, refused=flow.ring, anew=anew, over=over, held=held)
        )

    def last_status(self) -> Progress | None:
        """Return what the status comment tells, or None where there is none that can be read."""

        def read() -> Progress | None:
            issue = self._request.issue
            return read_hidden(self._repository.comment_text(issue, status_marker(issue)) or "")

        status = self._flow.step("read status", read, returns=Progress | None)
        self.recalled = True
        return status

    def close(self) -> None:
        """Close the issue as done."""
        self._flow.step("close issue", lambda: self._repository.close_issue(self._request.issue), returns=None)


def _answered(body: str) -> str:
    """Return what a comment answers: its words without commands, but with those of `/revise`."""
    split = split_commands(body)
    revised = [said.arguments for said in split.commands if said.name == "revise"]
    return "\n".join(filter(None, [*revised, split.text]))
