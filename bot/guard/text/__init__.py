"""Text that people, logs and models wrote: made fit for a prompt, and the links in it."""

from bot.guard.text.hygiene import cut, fenced, kept_by_cut, visible, words_of
from bot.guard.text.links import MOST_LINKS, fixture_name, issue_links
from bot.guard.text.slash_commands import ANYBODY, SplitComment, Spoken, split_commands
from bot.guard.text.written import EMPTY, WithIssues, WithPulls, issue_language, language_on, written_in

__all__ = [
    "ANYBODY",
    "EMPTY",
    "MOST_LINKS",
    "SplitComment",
    "Spoken",
    "WithIssues",
    "WithPulls",
    "cut",
    "fenced",
    "fixture_name",
    "issue_language",
    "issue_links",
    "kept_by_cut",
    "language_on",
    "split_commands",
    "visible",
    "words_of",
    "written_in",
]
