"""Which issue a branch or a commit belongs to."""

from __future__ import annotations

import pytest

from bot.values.naming import issue_of_branch, issue_of_message

BRANCH = "gptdeploy/7-0123abcd/1-str-upper"


@pytest.mark.parametrize(
    ("message", "issue"),
    [
        ("Add upper-case (#8)\n\nIt is.\n\nGPT-Deploy-Issue: 7", 7),
        # A person's merge commit, squash and rebase, with GitHub's own texts.
        (f"Merge pull request #8 from octo/{BRANCH}\n\nUpper case", 7),
        (f"Upper case (#8)\n\n* Add upper-case\n\nGPT-Deploy-Commit: {BRANCH}/0\n\n* By hand", 7),
        (f"Fix 1: It was lower\n\nGPT-Deploy-Commit: 7-0123abcd/{BRANCH}/1", 7),
        ("Upper case (#8)", None),
        ("Tidy gptdeploy/7-x/1-a", None),
    ],
)
def test_issue_of_a_commit(message: str, issue: int | None) -> None:
    assert issue_of_message(message) == issue


def test_issue_of_a_branch() -> None:
    assert issue_of_branch(BRANCH) == 7
    assert issue_of_branch(f"my-{BRANCH}") is None
