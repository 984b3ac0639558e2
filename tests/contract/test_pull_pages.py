"""The page of a pull request: reviews, comments on lines, the merge button and its refusals; the settings page."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from bot.hub.pulls import find_pull
from bot.hub.state import BranchRules, Pull
from tests.contract.conftest import REPOSITORY, World
from tests.contract.merging import add_ruleset, built, protect
from tests.contract.reviewing import commit, review
from tests.contract.test_actions import open_pull
from tests.contract.test_pages import be, browser, text
from tests.contract.test_pulls import head_of

__all__ = ["browser"]
PATH = "services/x/executor.py"


@pytest.fixture
def pull(world: World) -> Pull:
    """A pull request of the bot's with two new lines."""
    number, _ = open_pull(world, {PATH: "x = 1\ny = 2\n"})
    built(world)
    return find_pull(world.hub.repository(REPOSITORY), number)


def post(browser: httpx.Client, pull: Pull, verb: str, **data: Any) -> str:
    return text(browser.post(f"/pull/{pull.number}/{verb}", data=data))


def refused(browser: httpx.Client, path: str, **data: Any) -> str:
    """Return why a page refuses what is sent to it."""
    answer = browser.post(path, data=data)
    assert answer.status_code == 400
    found = re.search(r'role="alert">(.*?)</p>', answer.text, re.DOTALL)
    assert found, answer.text
    return found[1].replace("<br>", " ").strip()


def test_lines_are_commented_on_and_submitted_as_one_review(world: World, browser: httpx.Client, pull: Pull) -> None:
    page = text(browser.get(f"/pull/{pull.number}"))
    assert f"/pull/{pull.number}/line?path=services/x/executor.py&amp;side=RIGHT&amp;line=2" in page
    form = text(browser.get(f"/pull/{pull.number}/line", params={"path": PATH, "line": 2, "start": 1}))
    assert "x = 1\ny = 2\n</textarea>" in form

    lines = {"path": PATH, "side": "RIGHT", "line": "2", "start": "1", "suggested": "x = 3\r\n"}
    post(browser, pull, "line", **lines, body="Shorter:", suggests="1")
    page = post(browser, pull, "line", path=PATH, line="1", body="why?")
    assert "Your review has 2 comments" in page
    assert world.as_bot().rest.pulls.list_review_comments(*REPOSITORY.split("/"), pull.number).parsed_data == []
    page = post(browser, pull, "review", event="REQUEST_CHANGES", body="Please")

    (its_review,) = pull.reviews
    assert (its_review.state, its_review.body, its_review.author.login) == ("CHANGES_REQUESTED", "Please", "octo")
    assert [thread.comments[0].body for thread in pull.threads] == [
        "Shorter:\n\n```suggestion\nx = 3\n```",
        "why?",
    ]
    assert "<b>requested changes</b>" in page
    assert f"<code>{PATH}:1-2</code>" in page
    assert [event for event in world.events() if event[0] == "pull_request_review"] == [
        ("pull_request_review", "submitted")
    ]


def test_conversation_is_answered_and_resolved(world: World, browser: httpx.Client, pull: Pull) -> None:
    post(browser, pull, "line", path=PATH, line="1", body="why?", now="1")
    (thread,) = pull.threads
    first = thread.comments[0].id

    be(browser, world, "visitor")
    page = post(browser, pull, f"reply/{first}", body="I wonder, too")
    assert "Resolve conversation" not in page
    assert "not accessible" in refused(browser, f"/pull/{pull.number}/resolve/{first}")
    be(browser, world, "octo")
    page = post(browser, pull, f"resolve/{first}")

    assert [comment.body for comment in thread.comments] == ["why?", "I wonder, too"]
    assert "resolved by octo" in page
    assert "resolved by octo" not in post(browser, pull, f"resolve/{first}")
    commit(world, "bot/x", {PATH: "changed\n"})
    assert '<span class="tag">outdated</span>' in text(browser.get(f"/pull/{pull.number}"))


def test_suggestion_is_committed_by_a_person(world: World, browser: httpx.Client, pull: Pull) -> None:
    lines = {"path": PATH, "line": "1", "now": "1", "suggests": "1"}
    page = post(browser, pull, "line", **lines, suggested="a = '```'\r\nb = 2\r\n")
    assert "Commit suggestion" in page
    (thread,) = pull.threads
    suggested = thread.comments[0]

    page = post(browser, pull, f"suggestion/{suggested.id}")

    git = world.hub.repository(REPOSITORY).git
    assert git.show("bot/x", PATH) == b"a = '```'\nb = 2\ny = 2\n"
    assert git.log("bot/x", 1)[0].author == "octo"
    assert "Commit suggestion" not in page
    assert refused(browser, f"/pull/{pull.number}/suggestion/{suggested.id}") == "This suggestion is outdated."
    assert world.payload("pull_request", "synchronize")["sender"]["login"] == "octo"


def test_merge_button_says_what_is_missing(world: World, browser: httpx.Client, pull: Pull) -> None:
    protect(world, approvals=1, enforce_admins=True)
    page = text(browser.get(f"/pull/{pull.number}"))
    assert "At least 1 approving review is required by reviewers with write access." in page
    assert refused(browser, f"/pull/{pull.number}/merge", method="squash") == (
        "At least 1 approving review is required by reviewers with write access."
    )
    be(browser, world, "visitor")
    assert "Merge pull request" not in text(browser.get(f"/pull/{pull.number}"))
    assert browser.post(f"/pull/{pull.number}/merge").status_code == 400
    be(browser, world, "octo")
    assert "<b>approved these changes</b>" in post(browser, pull, "review", event="APPROVE")
    assert refused(browser, f"/pull/{pull.number}/merge", method="squash", sha="0" * 40).startswith("Head branch was")

    page = post(browser, pull, "merge", method="squash", sha=pull.head_sha)
    assert "Reopen pull request" not in page

    assert "Merged by <b>octo</b>" in page
    assert pull.merged_by is not None
    page = post(browser, pull, "delete-branch")
    assert "Delete branch" not in page
    assert world.payload("push")["deleted"]


def test_admin_is_told_that_the_rules_are_set_aside(world: World, browser: httpx.Client, pull: Pull) -> None:
    protect(world, approvals=1)

    assert "Merge without waiting for requirements to be met" in text(browser.get(f"/pull/{pull.number}"))
    assert "Merged by" in post(browser, pull, "merge", method="merge", when="now")


def test_merge_is_ordered_for_later_and_through_the_queue(world: World, browser: httpx.Client, pull: Pull) -> None:
    world.hub.repository(REPOSITORY).merging.auto_merge = True
    protect(world, approvals=1, enforce_admins=True)
    assert "Disable auto-merge" in post(browser, pull, "merge", method="squash", when="possible")
    assert "Enable auto-merge" in post(browser, pull, "merge", when="never")
    with world.hub.parts.state.lock:
        world.hub.repository(REPOSITORY).protections.clear()
    add_ruleset(world, merge_queue=True)
    assert "Merge when ready" in text(browser.get(f"/pull/{pull.number}"))
    assert refused(browser, f"/pull/{pull.number}/merge", method="squash", when="now") == (
        "Repository rule violations found Changes must be made through the merge queue"
    )
    assert "Merged by" in post(browser, pull, "merge", when="queue")


def test_branch_is_updated_on_the_page(world: World, browser: httpx.Client, pull: Pull) -> None:
    assert "Update branch" not in text(browser.get(f"/pull/{pull.number}"))
    commit(world, "main", {"README.md": "# Changed\n"})
    assert "out-of-date with the base branch" in text(browser.get(f"/pull/{pull.number}"))

    page = post(browser, pull, "update", sha=pull.head_sha)

    assert "out-of-date with the base branch" not in page
    assert world.hub.repository(REPOSITORY).git.contains(pull.head_sha, head_of(world))


def test_verdict_is_dismissed(world: World, browser: httpx.Client, pull: Pull) -> None:
    made = review(world, pull.number, event="REQUEST_CHANGES", body="No")

    page = post(browser, pull, f"dismiss/{made.id}", message="Mended")

    assert "reviewed, and it was dismissed" in page
    assert pull.reviews[0].state == "DISMISSED"


def test_own_pull_request_is_not_approved(world: World, browser: httpx.Client) -> None:
    commit(world, "main", {"a": "1\n"})
    repo = world.hub.repository(REPOSITORY)
    with world.hub.parts.state.lock:
        octo = world.hub.caller("octo")
        world.hub.parts.pulls.create_branch(repo, octo, "mine", head_of(world))
    commit(world, "mine", {"a": "2\n"})
    number = (
        world.as_person("octo")
        .rest.pulls.create(*REPOSITORY.split("/"), data={"title": "Mine", "head": "mine", "base": "main"})
        .parsed_data.number
    )

    assert refused(browser, f"/pull/{number}/review", event="APPROVE") == "Can not approve your own pull request"


@pytest.mark.parametrize("query", [{}, {"path": PATH, "line": 99}, {"path": "README.md", "line": 1}])
def test_lines_that_are_not_in_the_diff_have_no_form(browser: httpx.Client, pull: Pull, query: dict[str, Any]) -> None:
    assert browser.get(f"/pull/{pull.number}/line", params=query).status_code == 404


def test_settings_are_read_by_all_and_changed_by_admins(world: World, browser: httpx.Client) -> None:
    repo = world.hub.repository(REPOSITORY)
    sent = {
        **{"squash": "1", "auto_merge": "1", "protected": "1", "approvals": "2", "checks": "build, lint"},
        **{"strict": "1", "conversations": "1", "enforce_admins": "1", "merge_queue": "1"},
    }
    be(browser, world, "visitor")
    assert "Only an administrator changes them." in text(browser.get("/settings"))
    assert browser.post("/settings", data=sent).status_code == 400
    be(browser, world, "octo")
    assert "Saved." in text(browser.post("/settings", data=sent))

    assert (repo.merging.methods, repo.merging.auto_merge, repo.merging.delete_branch) == (("squash",), True, False)
    assert repo.protections["main"] == BranchRules(
        approvals=2, checks=("build", "lint"), strict=True, conversations=True, enforce_admins=True
    )
    assert repo.rulesets["main"].merge_queue
    page = text(browser.get("/settings"))
    assert 'value="build, lint"' in page
    assert 'name="merge" value="1"  >' in page
    assert refused(browser, "/settings", protected="1").startswith("Sorry, you need to allow")
    text(browser.post("/settings", data={"merge": "1"}))
    assert (repo.merging.methods, repo.protections, repo.rulesets) == (("merge",), {}, {})
