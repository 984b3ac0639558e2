"""Edits of comments that nobody waits for: the newest text takes the place of those that are not sent yet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.clients.github.pacing import OF_HELD, OF_RUNS, OF_WAITING
from bot.foreign import Markdown


@dataclass(frozen=True)
class Text:
    """What a comment shall say as soon as that is possible.

    Attributes:
        anew: it is made where there is none; over: it takes the place of what the comment says.
        held: it says that the run waits because GitHub takes no more for a while.
    """

    body: Markdown
    anew: bool = False
    over: bool = True
    held: bool = False

    @property
    def within(self) -> int:
        """How many writes of an hour may be used with it."""
        return OF_HELD if self.held else OF_WAITING if self.anew else OF_RUNS


@dataclass
class _Edit:
    """What happens to one comment.

    Attributes:
        newest: what it shall say; None for as it is.
        at_work: a thread sees to it.
        users: how many threads hold or await its turn.
    """

    newest: Text | None = None
    at_work: bool = False
    users: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)


class Edits:
    """The edits that wait, by whatever names their comment. Thread-safe.

    They are lost with the process: who has to be sure writes at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._edits: dict[tuple[str, int, str], _Edit] = {}

    def put(self, comment: tuple[str, int, str], text: Text, send: Callable[[], None]) -> None:
        """Have a comment say something as soon as that is possible.

        Args:
            comment: the key of its repository, the number of its issue, and its marker.
            send: waits, takes the newest text and sends it; called in a thread of its own until nothing waits.
        """
        with self._lock:
            edit = self._edits.setdefault(comment, _Edit())
            edit.newest = text
            if edit.at_work:
                return
            edit.at_work = True
        threading.Thread(target=self._see_to, args=(comment, edit, send), name="edit", daemon=True).start()

    def newest(self, comment: tuple[str, int, str]) -> Text | None:
        """Return the edit of a comment that waits, or None."""
        with self._lock:
            edit = self._edits.get(comment)
            return edit.newest if edit is not None else None

    def drop(self, comment: tuple[str, int, str], text: Text | None) -> None:
        """Leave an edit out that waits; a newer one stays."""
        with self._lock:
            edit = self._edits.get(comment)
            if edit is not None and edit.newest is text:
                edit.newest = None

    @contextmanager
    def turn(self, comment: tuple[str, int, str]) -> Iterator[Text | None]:
        """Let nobody else write a comment meanwhile, and give what it shall say; that is not wanted any more then."""
        with self._lock:
            edit = self._edits.setdefault(comment, _Edit())
            edit.users += 1
        try:
            with edit.turn:
                with self._lock:
                    text, edit.newest = edit.newest, None
                yield text
        finally:
            with self._lock:
                edit.users -= 1
                self._tidy(comment, edit)

    def _see_to(self, comment: tuple[str, int, str], edit: _Edit, send: Callable[[], None]) -> None:
        try:
            while edit.at_work:
                send()
                with self._lock:
                    edit.at_work = edit.newest is not None
        finally:
            with self._lock:
                edit.at_work = False
                self._tidy(comment, edit)

    def _tidy(self, comment: tuple[str, int, str], edit: _Edit) -> None:
        if not (edit.at_work or edit.users or edit.newest is not None):
            self._edits.pop(comment, None)
