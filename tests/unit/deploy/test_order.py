"""Which commit is the newer one, on a GitHub that a test writes down."""

from __future__ import annotations

import pytest

from bot.deploy.order import newer_than, refuse_removed
from bot.errors import UserError

ORDER = ("1" * 40, "2" * 40, "3" * 40)


class GitHub:
    """A repository with three commits in a line; `main` ends with the last one, and has one service."""

    def default_branch(self) -> str:
        return "main"

    def head(self, branch: str, /) -> str | None:
        return ORDER[-1] if branch == "main" else None

    def services(self, ref: str, /) -> list[str]:
        return ["qr-code"] if ref == "main" else []

    def descends(self, commit: str, ancestor: str, /) -> bool:
        return {commit, ancestor} <= set(ORDER) and commit > ancestor


@pytest.mark.parametrize(
    ("wanted", "live", "is_newer"),
    [
        (ORDER[0], ORDER[1], True),
        (ORDER[1], ORDER[0], False),
        (ORDER[1], ORDER[1], False),
        # Somebody who deployed by hand has not said from what.
        (ORDER[1], "", False),
        # After a force push, GitHub may not know it any more.
        (ORDER[1], "f" * 40, False),
    ],
)
def test_a_commit_that_holds_the_wanted_one_is_newer(wanted: str, live: str, is_newer: bool) -> None:
    assert newer_than(wanted, GitHub(), lambda: ORDER[-1])(live) is is_newer


def test_a_branch_that_was_set_back_is_followed() -> None:
    assert newer_than(ORDER[0], GitHub(), lambda: ORDER[0])(ORDER[1]) is False


def test_what_a_later_commit_has_removed_is_not_brought_back() -> None:
    refuse_removed(GitHub(), "qr-code", ORDER[0])
    with pytest.raises(UserError, match=r"`services/gone` was removed from `main` after 1111111, so it is not brought"):
        refuse_removed(GitHub(), "gone", ORDER[0])
    # What another branch has may be deployed by hand.
    refuse_removed(GitHub(), "aside", "e" * 40)
