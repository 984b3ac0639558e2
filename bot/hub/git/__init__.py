"""Git repositories through the `git` command; knows nothing of GitHub."""

from bot.hub.git.diff import FileDiff
from bot.hub.git.patch import PatchLine, find_line, hunk_until, moved_line, read_patch
from bot.hub.git.push_rules import Refused, rules_environment
from bot.hub.git.repository import (
    ENVIRONMENT,
    NO_COMMIT,
    BareRepository,
    Commit,
    Committer,
    Entry,
    GitError,
    git_executable,
)

__all__ = [
    "ENVIRONMENT",
    "NO_COMMIT",
    "BareRepository",
    "Commit",
    "Committer",
    "Entry",
    "FileDiff",
    "GitError",
    "PatchLine",
    "Refused",
    "find_line",
    "git_executable",
    "hunk_until",
    "moved_line",
    "read_patch",
    "rules_environment",
]
