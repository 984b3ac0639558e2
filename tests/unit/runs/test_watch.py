"""What people have done is read from what they have left."""

from __future__ import annotations

from typing import Any

import pytest

from bot.runs.acts import Ended, Merged, Moved
from bot.runs.candidate import Candidate
from bot.runs.watch import read_act
from bot.values.github import Issue, Pull, Standing
from bot.values.service import Brief, Service, Spec, Strategy

HEAD, OTHER = "a" * 40, "b" * 40
BEGUN = Issue(number=3, title="x", body="", author="octo", state="open", labels=("Microservice", "bug"), url="u")
PULL = Pull(number=12, title="x", state="open", merged=False, head_ref="b", head_sha=HEAD, url="u")


def candidate() -> Candidate:
    return Candidate(
        Brief.model_construct(spec=Spec.model_construct()),
        Strategy.model_construct(),
        Service.model_construct(),
        0,
        PULL,
        HEAD,
        pushed_at=0.0,
    )


def standing(**changes: Any) -> Standing:
    there = {"issue": "open", "labels": ("microservice",), "pull": "open", "head_sha": HEAD}
    return Standing.model_validate({**there, **changes})


def test_as_it_was() -> None:
    assert read_act(standing(), BEGUN, "microservice", candidate()) is None
    assert read_act(Standing(issue="open", labels=("microservice",)), BEGUN, "microservice", None) is None


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"issue": "gone", "labels": (), "pull": None}, "#3 was deleted, or moved to another repository"),
        ({"issue": "closed"}, "#3 was closed"),
        ({"locked": True}, "#3 was locked"),
        ({"labels": ("bug",)}, "the label `microservice` was taken off #3"),
        ({"pull": "closed"}, "#12 was closed"),
        ({"pull": "closed", "branch": False}, "the branch of #12 was deleted"),
    ],
)
def test_what_ends_a_run(changes: dict[str, Any], text: str) -> None:
    act = read_act(standing(**changes), BEGUN, "microservice", candidate())
    assert isinstance(act, Ended)
    assert str(act) == text


def test_what_was_so_before_ends_nothing() -> None:
    begun = BEGUN.model_copy(update={"state": "closed", "locked": True, "labels": ()})
    left = standing(issue="closed", locked=True, labels=())
    assert read_act(left, begun, "microservice", candidate()) is None


def test_a_merge_counts_before_the_issue_that_it_has_closed() -> None:
    act = read_act(standing(issue="closed", pull="merged", merge_sha=OTHER), BEGUN, "microservice", candidate())
    assert isinstance(act, Merged)
    assert act.sha == OTHER


def test_a_push() -> None:
    act = read_act(standing(head_sha=OTHER), BEGUN, "microservice", candidate())
    assert isinstance(act, Moved)
    assert act.head == OTHER
