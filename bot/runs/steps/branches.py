"""Branches: whose they are, and what becomes of them, one step an effect."""

from __future__ import annotations

from bot.runs.steps.bound import BoundSteps
from bot.values.github import Pull
from bot.values.naming import issue_branches


class BranchSteps(BoundSteps):
    """What a run asks of branches, and does to them."""

    def is_own(self, pull: Pull) -> bool:
        """Return whether the bot alone has made everything on a pull request's branch, as that is now."""

        def read() -> bool:
            head = self._repository.head(pull.head_ref)
            return head is None or self._repository.is_own(head)

        return self._flow.step("see whose commits", read, returns=bool)

    def delete_branches(self, own: str = "", only: str = "") -> list[int]:
        """Delete the branches of all strategies of the issue, and with them their pull requests close.

        A branch that holds a commit of anybody else stays.

        Args:
            own: a head of which it is known that all its commits are the bot's.
            only: the branch of that head, if there can be no other one; "" where they have to be looked for.

        Returns:
            The open pull requests whose branches stay.
        """

        def delete() -> list[int]:
            left = []
            heads = {only: own} if only else self._repository.heads(issue_branches(self._request.issue))
            for branch, head in heads.items():
                if (head == own or self._repository.is_own(head)) and self._repository.delete_branch(branch, head):
                    continue
                pull = self._repository.find_pull(branch)
                if pull is not None and pull.state == "open":
                    left.append(pull.number)
            return left

        return self._flow.step("delete branches", delete, returns=list[int])
