"""The bot's own comments on issues and pull requests, each found again by its hidden marker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from github.Repository import Repository as Remote

from bot.clients.github.calls import Calls, OwnComment
from bot.clients.github.edits import Text
from bot.clients.github.errors import Rejected
from bot.clients.github.limits import Spends
from bot.clients.github.pacing import OF_RUNS
from bot.errors import Gone, TransientError, UserError
from bot.foreign import Markdown
from bot.render import hidden, markers

log = logging.getLogger(__name__)

_Send = Callable[[str, Callable[[Remote], None]], None]
_Create = Callable[[str, Callable[[Remote], OwnComment]], OwnComment]


class Comments(Calls):
    """Verbs on what the bot says; a pull request counts as an issue."""

    def upsert_comment(self, number: int, marker: str, body: Markdown) -> str:
        """Show `body` as the bot's comment with `marker` on an issue, and return the comment's URL.

        The bot's comment with that marker is edited if there is one; if it has this body already, nothing is sent.
        """
        body = _marked(body, marker)
        with self.edits.turn((self.key, number, marker)):
            own, new = self._ensure_comment(number, marker, body)
            if new or own.body == body:
                return own.url
            try:
                return self._edit(number, marker, own, body, self._write).url
            except Rejected as error:
                if error.status != 404:
                    raise
                # Somebody deleted the comment after this process had seen it.
                return self._create_comment(number, marker, body).url

    def edit_aside(  # noqa: PLR0913 (what is said where, and on what terms)
        self,
        number: int,
        marker: str,
        body: Markdown,
        wanted: Callable[[], bool],
        refused: Callable[[], None],
        *,
        anew: bool = False,
        over: bool = True,
        held: bool = False,
    ) -> None:
        """Have the bot's comment with `marker` show `body` when nothing else wants to be written; return at once.

        What is shown next takes its place. It is left out where GitHub fails, and where the process ends before.

        Args:
            wanted: is asked in the moment before, in another thread.
            refused: called in another thread where GitHub refuses it, as for an issue that is gone.
            anew: create the comment where there is none, as long as that leaves most of the hour to others; otherwise
                it is left out.
            over: take the place of what the comment says; otherwise one that is there stays as it is.
            held: it says that the run waits because GitHub takes no more, and may use what is left for that.
        """
        comment = (self.key, number, marker)

        def within() -> int:
            newest = self.edits.newest(comment)
            return newest.within if newest else OF_RUNS

        def send() -> None:
            waits = self.edits.newest(comment)
            try:
                if self.pace.wait_aside(lambda: self.edits.newest(comment) is not None, within=within):
                    self._send_aside(number, marker, wanted)
            except (TransientError, UserError, Gone) as error:
                log.warning("%s: my comment on #%s stays as it is: %s", self.full_name, number, error)
                self.edits.drop(comment, waits)
                if not isinstance(error, TransientError):
                    refused()

        self.edits.put(comment, Text(_marked(body, marker), anew=anew, over=over, held=held), send)

    def _send_aside(self, number: int, marker: str, wanted: Callable[[], bool]) -> None:
        with self.edits.turn((self.key, number, marker)) as text:
            if text is None or not wanted():
                return
            through = replace(self, spends=Spends.ALL) if text.held else self
            own = through._own_comment(number, marker)
            # It has waited already.
            if own is None and text.anew:
                through._ensure_comment(number, marker, text.body, through._read)
            elif own is not None and text.over and own.body != text.body:
                through._edit(number, marker, own, text.body, through._read)

    def _edit(self, number: int, marker: str, own: OwnComment, body: Markdown, send: _Send) -> OwnComment:
        try:
            send(
                f"edit my comment on #{number}",
                lambda remote: remote.get_issue(number).get_comment(own.id).edit(body),
            )
        except Rejected:
            self.own_comments.forget((self.key, number))
            raise
        return self.own_comments.put((self.key, number), marker, OwnComment(own.id, own.url, body))

    def comment_once(self, number: int, marker: str, body: Markdown) -> str:
        """Comment unless the bot's comment with `marker` is there already; return its URL."""
        return self._ensure_comment(number, marker, _marked(body, marker))[0].url

    def comment_id(self, number: int, marker: str) -> int | None:
        """Return the id of the bot's comment with `marker`, or None while there is none."""
        own = self._own_comment(number, marker)
        return own.id if own else None

    def comment_text(self, number: int, marker: str) -> str | None:
        """Return the text of the bot's comment with `marker`, or None while there is none."""
        own = self._own_comment(number, marker)
        return own.body if own else None

    def _own_comment(self, number: int, marker: str) -> OwnComment | None:
        issue = (self.key, number)
        known = self.own_comments.get(issue, marker)
        if known is not None or self.own_comments.complete(issue):
            return known
        login = self.credentials.login()

        def search(remote: Remote) -> dict[str, OwnComment]:
            own: dict[str, OwnComment] = {}
            for comment in remote.get_issue(number).get_comments():
                # The marker alone proves nothing, because anybody can quote it.
                if comment.user and comment.user.login == login:
                    for name in markers(comment.body or ""):
                        own.setdefault(name, OwnComment(comment.id, comment.html_url, comment.body))
            return own

        self.own_comments.fill(issue, self._read(f"read the comments of #{number}", search))
        return self.own_comments.get(issue, marker)

    def _ensure_comment(
        self, number: int, marker: str, body: Markdown, send: _Create | None = None
    ) -> tuple[OwnComment, bool]:
        """Return the bot's comment with `marker`, and whether it was made just now."""
        with self.own_comments.turn((self.key, number)):
            own = self._own_comment(number, marker)
            if own is not None:
                return own, False
            created = self._create_comment(number, marker, body, send)
            return (created, True) if self.alone else self._first(number, marker, created)

    def _first(self, number: int, marker: str, created: OwnComment) -> tuple[OwnComment, bool]:
        """Return the first comment with `marker`: another process may have made one at the same moment.

        Each looks after it has written, so that the later one sees the other's, and takes its own back.
        """
        self.own_comments.forget((self.key, number))
        # GitHub may show it a moment later.
        first = self._own_comment(number, marker) or self.own_comments.put((self.key, number), marker, created)
        if first.id == created.id:
            return created, True
        path = f"/issues/comments/{created.id}"
        self._write("take a comment back", lambda remote: self._json(remote, "DELETE", path))
        return first, False

    def _create_comment(self, number: int, marker: str, body: Markdown, send: _Create | None = None) -> OwnComment:
        def create(remote: Remote) -> OwnComment:
            comment = remote.get_issue(number).create_comment(body)
            return OwnComment(comment.id, comment.html_url, body)

        issue = (self.key, number)
        try:
            created = (send or self._write)(f"comment on #{number}", create)
        except Exception:
            # GitHub may have made the comment although its answer did not arrive.
            self.own_comments.forget(issue)
            raise
        return self.own_comments.put(issue, marker, created)


def _marked(body: Markdown, marker: str) -> Markdown:
    return body if hidden(marker) in body else Markdown(f"{body}\n{hidden(marker)}")
