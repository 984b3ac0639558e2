"""What a repository asks for before something is merged."""

from __future__ import annotations

from dataclasses import dataclass

from bot.hub.state.accounts import User

MERGE_METHODS = ("merge", "squash", "rebase")


@dataclass
class MergeSettings:
    """A repository's settings for pull requests, with GitHub's defaults.

    Attributes:
        methods: those of `MERGE_METHODS` that are allowed.
        auto_merge: whether a merge may be ordered before it is possible.
        delete_branch: whether a branch is deleted when its pull request is merged.
    """

    methods: tuple[str, ...] = MERGE_METHODS
    auto_merge: bool = False
    delete_branch: bool = False


@dataclass
class BranchRules:
    """What holds for changes of a branch: its protection, or a ruleset's part in it.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches

    Attributes:
        approvals: how many people with write access have to approve; None asks for no pull request at all.
        dismiss_stale: whether a push takes approvals back.
        checks: names of the check runs, jobs among them, that have to be green.
        strict: whether they have to be green on top of the newest base.
        conversations: whether all conversations have to be resolved.
        enforce_admins: whether admins are held to all this.
        merge_queue: whether merges go through a queue; only a ruleset has that.
    """

    approvals: int | None = None
    dismiss_stale: bool = False
    checks: tuple[str, ...] = ()
    strict: bool = False
    conversations: bool = False
    enforce_admins: bool = False
    allow_force_pushes: bool = False
    allow_deletions: bool = False
    merge_queue: bool = False


@dataclass(frozen=True)
class AutoMerge:
    """An order to merge as soon as that is possible; title and message "" stand for GitHub's own."""

    by: User
    method: str
    title: str = ""
    message: str = ""
