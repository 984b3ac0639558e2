"""Why GitHub refused a merge, from its words and from the state that it shows."""

from __future__ import annotations

import re

from bot.values.github import MergeMethod, MergeRefusal, MergeState, Obstacle

_WORDS: tuple[tuple[Obstacle, re.Pattern[str]], ...] = tuple(
    (obstacle, re.compile(words, re.IGNORECASE))
    for obstacle, words in (
        (Obstacle.MOVED, r"head branch was modified|head sha"),
        (Obstacle.CONFLICT, r"merge conflict|due to conflicts"),
        (
            Obstacle.METHOD,
            r"(?:squash merges|merge commits|rebase merges) are not allowed|must not contain merge commits",
        ),
        (Obstacle.METHOD, r"can't be rebased$|merge method"),
        (Obstacle.QUEUE, r"merge queue"),
        (Obstacle.BEHIND, r"out[- ]of[- ]date|not up[- ]to[- ]date|behind the base"),
        (Obstacle.CHECK, r"required status check|required check|code scanning|required deployment|required workflow"),
        (Obstacle.REVIEW, r"approving review|changes (?:have been )?requested|owner review|require approval|review is"),
        (Obstacle.CONVERSATIONS, r"conversation|comments must be resolved"),
    )
)
"""What GitHub says of each obstacle, classic branch protection and rulesets alike; several may stand in one answer."""
_REFUSED_METHODS: dict[MergeMethod, re.Pattern[str]] = {
    "squash": re.compile(r"squash merges are not allowed", re.IGNORECASE),
    "merge": re.compile(r"merge commits are not allowed|must not contain merge commits", re.IGNORECASE),
    "rebase": re.compile(r"rebase merges are not allowed|can't be rebased", re.IGNORECASE),
}


def read_refusal(reason: str, state: MergeState) -> MergeRefusal:
    """Return what stands in the way of a merge.

    The state decides where the words do not: GitHub calls the required checks of a branch that is behind "expected",
    however green they are, and "not mergeable" says nothing about why.

    Args:
        reason: GitHub's words.
        state: the pull request after the refusal.
    """
    found = {obstacle for obstacle, words in _WORDS if words.search(reason)}
    if state.status == "dirty" or state.mergeable is False:
        found.add(Obstacle.CONFLICT)
    if state.status == "behind" and found <= {Obstacle.CHECK, Obstacle.BEHIND}:
        found = {Obstacle.BEHIND}
    if not found and state.queue:
        found.add(Obstacle.QUEUE)
    if not found and state.decision in ("review_required", "changes_requested"):
        found.add(Obstacle.REVIEW)
    methods = tuple(method for method in state.methods if not _REFUSED_METHODS[method].search(reason))
    obstacles = tuple(obstacle for obstacle in Obstacle if obstacle in found) or (Obstacle.OTHER,)
    return MergeRefusal(obstacles=obstacles, reason=reason, methods=methods)
