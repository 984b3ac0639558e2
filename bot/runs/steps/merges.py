"""Merging and what it asks of people, one step an effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.clients.github import HeadMoved, MergeText, Rejected
from bot.errors import UserError
from bot.foreign import Markdown, Plain, one_line
from bot.runs.candidate import Candidate
from bot.runs.steps.bound import BoundSteps
from bot.runs.watch import Watch
from bot.values.github import WRITERS, MergeMethod, MergeOutcome, MergeState, newest_verdicts
from bot.values.naming import ISSUE_TRAILER, is_update_branch


class MergeSteps(BoundSteps):
    """What a run does to have a green pull request merged. A refusal is a result, not a failure."""

    def merge(
        self, candidate: Candidate, watch: Watch, as_green: Callable[[str], Markdown], method: MergeMethod | None = None
    ) -> MergeOutcome:
        """Merge exactly the tested commit, or say why GitHub refuses; either way its description says that it is green.
        What people have ended is not merged.

        Args:
            watch: is asked in the moment before, also where the step is tried again.
            as_green: returns the description to put in the place of the one that is there.
            method: None squashes, or takes the next method that is allowed.

        Raises:
            UserError: the refusal is not about the merge; the text says what to type when it is mended.
        """
        number = candidate.pull.number

        def merge() -> MergeOutcome:
            standing = self._repository.standing(self._request.issue, number, with_body=True)
            if standing.merge_sha is None and not watch.goes_on(standing, candidate):
                return MergeOutcome(ended=True)
            try:
                outcome = self._repository.try_merge(number, candidate.head, self._text(candidate), method)
            except Rejected as error:
                raise UserError(
                    "I could not merge #%(number)s. GitHub says: %(reason)s. Mend that, then type `/deploy`.",
                    number=number,
                    reason=error.reason or error.status,
                ) from error
            # What was read with the look before the merge need not be read again.
            if (green := as_green(standing.body)) != standing.body:
                self._repository.describe_pull(number, green)
            return outcome

        return self._flow.step("merge", merge, returns=MergeOutcome)

    def state(self, number: int) -> MergeState:
        """Read whether and how a pull request may be merged now."""
        return self._flow.step("read merge state", lambda: self._repository.merge_state(number), returns=MergeState)

    def order(self, candidate: Candidate) -> bool:
        """Have GitHub merge a candidate by itself when its rules are met; return whether it will."""

        def order() -> bool:
            try:
                return self._repository.enable_auto_merge(candidate.pull.number, candidate.head, self._text(candidate))
            except Rejected:
                return False

        return self._flow.step("order merge", order, returns=bool)

    def call_off(self, candidate: Candidate) -> None:
        """Have GitHub no more merge a candidate by itself; where it was not asked to, nothing happens."""
        self._flow.step("call off merge", lambda: self._repository.call_off(candidate.pull.number), returns=None)

    def enqueue(self, candidate: Candidate) -> bool:
        """Put a candidate into the merge queue; return whether GitHub took it."""

        def enqueue() -> bool:
            try:
                self._repository.enqueue(candidate.pull.number, candidate.head)
            except Rejected:
                return False
            return True

        return self._flow.step("enqueue", enqueue, returns=bool)

    def update_branch(self, candidate: Candidate) -> bool:
        """Have GitHub merge the base into a candidate's branch, which takes it a moment; return whether it does."""

        def update() -> bool:
            try:
                self._repository.update_branch(candidate.pull.number, candidate.head)
            except (Rejected, HeadMoved):
                return False
            return True

        return self._flow.step("update branch", update, returns=bool)

    def brought_up(self, head: str) -> bool:
        """Return whether a branch's new head is the bot's own, and nobody has pushed it meanwhile."""
        return self._flow.step("see whose head", lambda: self._repository.is_own_commit(head), returns=bool)

    def approved(self, candidate: Candidate) -> bool:
        """Return whether somebody with write access has approved a candidate's head, and nobody of them asks for
        changes."""

        def read() -> bool:
            verdicts = newest_verdicts(self._repository.reviews(candidate.pull.number)).values()
            weighty = [
                review
                for review in verdicts
                if review.state == "changes_requested" or (review.state, review.sha) == ("approved", candidate.head)
            ]
            states = {r.state for r in weighty if self._repository.permission(r.author) in WRITERS}
            return states == {"approved"}

        return self._flow.step("read reviews", read, returns=bool)

    def ask_for_review(self, number: int, reviewers: Sequence[str], author: str) -> tuple[str, ...]:
        """Ask for reviews of a pull request; return the logins of those who were asked.

        Args:
            reviewers: who is asked; without any it is the issue's `author`, if that person has write access.
        """

        def ask() -> tuple[str, ...]:
            wanted = reviewers or ([author] if self._repository.permission(author) in WRITERS else [])
            return self._repository.request_reviews(number, wanted)

        return self._flow.step("ask for review", ask, returns=tuple[str, ...])

    def _text(self, candidate: Candidate) -> MergeText:
        spec, pull = candidate.brief.spec, candidate.pull
        title = one_line(pull.title if is_update_branch(pull.head_ref) else f"Add {spec.slug}")
        message = Plain(f"%s\n\n{ISSUE_TRAILER}: %s") % (spec.summary, self._request.issue)
        return MergeText(Plain("%s (#%s)") % (title, pull.number), message)
