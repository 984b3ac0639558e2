"""What people ask to be changed on a pull request, and what came of it."""

from __future__ import annotations

from bot.sentence import Sentence
from bot.values.service import Dispute, Service
from bot.values.value import Keyless, Value


class Point(Value):
    """One thing that somebody with write access says of a pull request.

    Attributes:
        id: tells the point from all others on the pull request, such as "comment:99".
        author: login of who says it.
        text: Markdown, as it was written, without the block of a suggestion.
        path: the file it is about, within the repository; None where it is about the whole.
        line: the last one it is about, counted from 1, as it is now; where that is not known, as it was when the point
            was made. None where it is about the file.
        start_line: the first line where there are several, else None.
        outdated: the line has changed since.
        removed: the line is one that the pull request takes away, counted in the file as it was before.
        hunk: the part of the diff that it was written on; "" for none.
        suggestion: the text that shall stand there instead, with its line ends; None where none is suggested.
        taken: the suggestion stands in the file already.
        before: what was said before it in its conversation; "" where it begins one.
        heard: a digest of what its author had written when it was heard; "" where an edit changes nothing.
    """

    id: str
    author: str
    text: Keyless
    path: str | None = None
    line: int | None = None
    start_line: int | None = None
    outdated: bool = False
    removed: bool = False
    hunk: str = ""
    suggestion: str | None = None
    taken: bool = False
    before: Keyless = ""
    heard: str = ""


class PointAnswer(Value):
    """What was done about a point, or why not.

    Attributes:
        text: says so; "" where nobody could.
        unmet: why no answer to it came that is of use; None where one did.
    """

    point: str
    done: bool
    text: str
    unmet: Sentence | None = None


class Revision(Value):
    """A model's answer to the points on a pull request.

    Attributes:
        answers: one for each point, in their order; none where the specification has to change first.
        service: the files after the change.
        disputes: the tests that contradict a point, as the model says. It does not change them itself.
        specification: what has to change in the specification before the files can; "" for nothing.
    """

    answers: tuple[PointAnswer, ...] = ()
    service: Service
    disputes: tuple[Dispute, ...] = ()
    specification: str = ""


class InterfaceChange(Value):
    """What became of a field of the request or of the answer; `breaks` whether callers may have to change."""

    text: Sentence
    breaks: bool
