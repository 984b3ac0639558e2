"""Notice what people do to the issue and the pull request that a run works on.

A run looks when somebody has rung for it, or might have before it listened, and where it waits also from time to time.
So a run that nobody disturbs asks GitHub once for it, and where it waits long.
"""

from __future__ import annotations

from bot.runs.acts import Act, Closed, Ended, Merged, Moved
from bot.runs.candidate import Candidate
from bot.runs.durable.flow import Flow
from bot.runs.steps.issue import IssueSteps
from bot.sentence import Sentence, sentence
from bot.values.github import Issue, Standing

_STALE_LOOKS = 3
"""How often in a row an earlier head of a branch is taken for an answer of GitHub's that is late."""


class Watch:
    """What a run was begun on, and what it has at work.

    Args:
        begun: the issue as it was when the run began; only what has changed since counts.
        label: what makes an issue a request for a service.

    """

    def __init__(self, flow: Flow, issue: IssueSteps, begun: Issue, label: str) -> None:
        self._flow = flow
        self._issue = issue
        self._begun = begun
        self._label = label
        self._candidate: Candidate | None = None
        self._left: set[str] = set()
        self._stale = 0

    @property
    def candidate(self) -> Candidate | None:
        """The pull request at work, as the run has left it; None before there is one."""
        return self._candidate

    @candidate.setter
    def candidate(self, candidate: Candidate | None) -> None:
        before = self._candidate
        if before is not None and candidate is not None and before.head != candidate.head:
            self._left.add(before.head)
            self._stale = 0
        self._candidate = candidate

    def another(self) -> Watch:
        """Return a watch for another pull request of the same run."""
        return Watch(self._flow, self._issue, self._begun, self._label)

    def withdrawn(self, *, marked: bool) -> Sentence | None:
        """Return in words why an issue whose label has asked for a service asks for none when the run begins; None
        where it does.

        Args:
            marked: the run itself has just set the label, which GitHub may show a moment later.
        """
        number, labels = self._begun.number, {name.casefold() for name in self._begun.labels}
        if self._begun.state == "closed":
            return sentence("#%(number)s is closed", number=number)
        if marked or self._label.casefold() in labels:
            return None
        return sentence("the label `%(label)s` was taken off #%(number)s", label=self._label, number=number)

    def check(self) -> None:
        """Look if somebody has rung since the run looked last.

        Raises:
            Merged, Moved, Ended: what a person has done.
        """
        if self._flow.rung():
            self.look()

    def look(self, candidate: Candidate | None = None) -> None:
        """Ask GitHub whether everything is as the run has left it.

        Args:
            candidate: the pull request to look at, where it is another than the one at work.

        Raises:
            Merged, Moved, Ended: what a person has done.
        """
        candidate = candidate or self.candidate
        standing = self._issue.standing(candidate.pull.number if candidate else None)
        act = read_act(standing, self._begun, self._label, candidate)
        if isinstance(act, Moved) and act.head in self._left and self._stale < _STALE_LOOKS:
            # GitHub may still show the head that the branch had before the last push. Nobody has pushed that.
            self._stale += 1
            return
        if act is not None:
            raise act

    def goes_on(self, standing: Standing, candidate: Candidate | None) -> bool:
        """Return whether there is still something to do by what people have left, whoever has pushed meanwhile.

        A step that writes asks this in the moment before, and names the head itself.
        """
        act = read_act(standing, self._begun, self._label, candidate)
        return act is None or isinstance(act, Moved)


def end_of(issue: int) -> Ended:
    """Return what ends a run whose issue is gone."""
    return Ended(sentence("#%(issue)s was deleted, or moved to another repository", issue=issue), issue_is_gone=True)


def read_act(standing: Standing, begun: Issue, label: str, candidate: Candidate | None) -> Act | None:
    """Return what a person has done, or None where everything is as it was."""
    if standing.merge_sha is not None and standing.pull == "merged":
        return Merged(standing.merge_sha)
    if standing.issue == "gone":
        return end_of(begun.number)
    ended = _issue_ended(standing, begun, label)
    if ended or candidate is None:
        return Ended(ended) if ended else None
    if standing.pull == "closed":
        number = candidate.pull.number
        if standing.branch:
            return Closed(sentence("#%(number)s was closed", number=number))
        return Closed(sentence("the branch of #%(number)s was deleted", number=number))
    if standing.head_sha != candidate.head:
        return Moved(standing.head_sha)
    return None


def _issue_ended(standing: Standing, begun: Issue, label: str) -> Sentence | None:
    """Return in words what has happened to an issue so that there is nothing more to do for it, or None."""
    number = begun.number
    if standing.issue == "closed" and begun.state == "open":
        return sentence("#%(number)s was closed", number=number)
    if standing.locked and not begun.locked:
        return sentence("#%(number)s was locked", number=number)
    labels, before = ({name.casefold() for name in names} for names in (standing.labels, begun.labels))
    if label.casefold() in before - labels:
        return sentence("the label `%(label)s` was taken off #%(number)s", label=label, number=number)
    return None
