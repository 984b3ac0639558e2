"""Text that people, logs and models wrote: made fit for a prompt, and the links in it."""

from bot.guard.text.hygiene import cut, fenced, kept_by_cut, visible, words_of
from bot.guard.text.links import MOST_LINKS, fixture_name, issue_links
from bot.guard.text.slash_commands import ANYBODY, SplitComment, Spoken, split_commands

__all__ = [
    "ANYBODY",
    "MOST_LINKS",
    "SplitComment",
    "Spoken",
    "cut",
    "fenced",
    "fixture_name",
    "issue_links",
    "kept_by_cut",
    "split_commands",
    "visible",
    "words_of",
]
