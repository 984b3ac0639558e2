"""What people do to a pull request or its issue while a run is at work, as far as it changes what the run does."""

from __future__ import annotations

from bot.sentence import Sentence


class Act(Exception):
    """Something that a person has done, found when the run looked."""


class Merged(Act):
    """The pull request is merged, as commit `sha`."""

    def __init__(self, sha: str) -> None:
        super().__init__(sha)
        self.sha = sha


class Moved(Act):
    """The branch has a commit that the run has not made: `head`."""

    def __init__(self, head: str) -> None:
        super().__init__(head)
        self.head = head


class Ended(Act):
    """There is nothing left to work on; `why` is a clause that says what happened."""

    def __init__(self, why: Sentence, *, issue_is_gone: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.issue_is_gone = issue_is_gone


class Closed(Ended):
    """The pull request is closed, or its branch deleted; the issue is as it was."""


class Asked(Act):
    """Somebody asks for a change of the pull request, which comes before the merge."""
